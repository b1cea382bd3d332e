//! Hosts a plan.
//!
//! A topology is one [actix] `System` on a thread of its own with the supervisor, and one arbiter a core for
//! its tasks. Each task is an actor whose run loop is a future of it; the supervisor gets every exit and
//! decides about restart, end and escalation. Tuples do not travel through mailboxes. This crate names no
//! tuple type.
//!
//! | file | what |
//! |---|---|
//! | `run.rs`, `running.rs`, `options.rs` | how to start and command a topology |
//! | `wiring.rs` | inboxes and routes, made before anything runs |
//! | `supervisor.rs`, `roster.rs`, `restarts.rs`, `task_actor.rs` | supervision |
//! | `rebalance.rs`, `turn.rs`, `refused.rs` | other numbers while it runs |
//! | `controls.rs`, `renewal.rs` | what an operator does to one component |
//! | `happening.rs`, `happenings.rs` | what has happened |
//! | `watchdog.rs` | calls that keep their thread |
//! | `placement.rs`, `host.rs` | threads, clock, budget |
//! | `status.rs`, `findings.rs`, `totals.rs`, `report.rs`, `shared.rs` | what can be seen |
//! | `panic_hook.rs` | panics in the log |

mod controls;
mod findings;
mod happening;
mod happenings;
mod host;
mod options;
mod panic_hook;
mod placement;
mod rebalance;
mod refused;
mod renewal;
mod report;
mod restarts;
mod roster;
mod run;
mod running;
mod shared;
mod status;
mod supervisor;
mod task_actor;
mod totals;
mod turn;
mod watchdog;
mod wiring;

pub use findings::Finding;
pub use happening::{Happening, HappeningKind};
pub use options::Options;
pub use refused::Refused;
pub use report::{Failed, Report};
pub use run::run;
pub use running::Running;
#[doc(inline)]
pub use squall_core::{LATENCY_BOUNDS, Latency};
pub use squall_core::{Tap, Tapped};
pub use status::{
    CallStatus, ComponentStatus, ErrorStatus, InboxStatus, LeakedThreads, Roots, Status, StreamStatus,
    SubscriptionStatus, TaskState, TaskStatus, TopologyState,
};
pub use turn::Turn;
