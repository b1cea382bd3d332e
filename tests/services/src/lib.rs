//! Real servers for tests, benchmarks and campaigns, each in a temporary folder and on a loopback port of its own.
//!
//! | what | file |
//! |---|---|
//! | PostgreSQL: [`Postgres`] | `postgres.rs` |
//! | MariaDB: [`MariaDb`] | `mariadb.rs` |
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

mod cache;
mod client;
mod family;
mod folder;
mod guardian;
mod mariadb;
mod missing;
mod port;
mod postgres;
mod server;
mod template;

pub use mariadb::MariaDb;
pub use port::Port;
pub use postgres::Postgres;
