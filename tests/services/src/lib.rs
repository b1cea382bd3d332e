//! Real servers for tests, benchmarks and campaigns, each in a temporary folder and on a loopback port of its own.
//!
//! | what | file |
//! |---|---|
//! | PostgreSQL: [`Postgres`] | `postgres.rs` |
//! | MariaDB: [`MariaDb`] | `mariadb.rs` |
//! | a broker of Apache Kafka: [`Kafka`] | `kafka.rs`, `../kafka/` |
//! | the PDS of Bluesky: [`Pds`], [`Account`], [`Record`] | `pds.rs`, `../pds/` |
//! | a mock of Mastodon: [`Mastodon`], [`Status`] | `mastodon.rs`, `../mastodon/` |
//! | an HTTP server that records what comes and answers as it is told: [`Receiver`], [`Post`], [`Answer`] | `receiver.rs`, `post.rs`, `answer.rs` |
//! | a proxy that loses answers to requests that arrived: [`LossyProxy`], [`Loss`], [`Exchanges`], [`Upstream`] | `lossy_proxy.rs`, `upstream.rs` |
//! | a program under test, started, killed, stopped, started again: [`Process`] | `process.rs` |
//! | its wall clock, set forward and back: [`Faketime`] | `faketime.rs` |
//! | a file system that is soon full: [`SmallDisk`] | `small_disk.rs` |
//! | a loopback port that nobody else takes: [`Port`] | `port.rs` |
//!
//! What is not installed is skipped where it can be seen: the rig's start gives `None`, and a line goes to the file
//! that `SQUALL_SKIPPED` names. With `CI=true` it is a failure. `make services` installs all of it.
//!
//! Every server ends when its rig is dropped, and also when the process that started it is killed: a guardian, a
//! shell that waits for the end of a pipe, ends whatever then runs in the server's folder, and removes the folder.
//!
//! All methods block; a rig starts in some tenths of a second. They panic, with the end of the server's log, where
//! a server does not do what it should: a test cannot go on without it.
//!
//! ```
//! use squall_services::Postgres;
//!
//! let Some(postgres) = Postgres::shared() else { return };
//! let url = postgres.fresh_database();
//! assert!(url.starts_with("postgres://squall:"));
//! assert_eq!(postgres.query(&url, "SELECT 1 + 1"), [["2"]]);
//! ```

mod answer;
mod background;
mod cache;
mod call;
mod client;
mod conversation;
mod faketime;
mod family;
mod folder;
mod guardian;
mod http;
mod kafka;
mod lossy_proxy;
mod mariadb;
mod mastodon;
mod missing;
mod pds;
mod port;
mod post;
mod postgres;
mod process;
mod receiver;
mod secret;
mod seen;
mod server;
mod small_disk;
mod template;
mod upstream;

pub use answer::Answer;
pub use faketime::Faketime;
pub use kafka::Kafka;
pub use lossy_proxy::{Exchanges, Loss, LossyProxy};
pub use mariadb::MariaDb;
pub use mastodon::{Mastodon, Status};
pub use pds::{Account, Pds, Record};
pub use port::Port;
pub use post::Post;
pub use postgres::Postgres;
pub use process::Process;
pub use receiver::Receiver;
pub use small_disk::SmallDisk;
pub use upstream::Upstream;
