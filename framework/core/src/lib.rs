//! The words of Squall and its typed machinery: everything that knows a tuple's type, and nothing that
//! knows a thread, a socket or a file.
//!
//! | to write a topology | file |
//! |---|---|
//! | [`Tuple`], [`Accepts`], [`Key`] | `tuple.rs`, `key.rs` |
//! | [`Stream`], [`Stream::via`] | `stream.rs` |
//! | [`CustomGrouping`] | `custom.rs` |
//! | [`Emit`], [`Outputs`] | `emit.rs`, `outputs.rs` |
//! | [`Spout`], [`SpoutOutput`], [`Next`] | `spout.rs` |
//! | [`Bolt`], [`SyncBolt`], [`Output`] | `bolt.rs`, `output.rs` |
//! | [`ConcurrentBolt`] | `concurrent.rs` |
//! | [`Reason`], [`Failure`], [`Delivery`], [`Anchor`] | `delivery.rs`, `anchor.rs` |
//! | [`Error`], [`Result`], [`RetryPolicy`] | `error.rs`, `retry.rs` |
//!
//! | to see how it runs | file |
//! |---|---|
//! | the loops | `run_spout.rs`, `run_bolt.rs` |
//! | the path of a tuple | `emit.rs` → `port.rs` → `route.rs` → `inbox.rs` → `batch.rs` |
//! | what is shown of it | `tap.rs` |
//! | the path of an outcome | `anchor.rs` → `outcomes.rs` → `home.rs` → `slots.rs` |
//! | typed outside, erased inside | `task.rs`, `edge.rs` |
//!
//! It uses std's wakers only: any executor can host a task, and loom explores this very source.

mod alarm;
mod anchor;
mod batch;
mod bolt;
mod concurrent;
mod custom;
mod dead;
mod delivery;
mod edge;
mod emit;
mod error;
mod handover;
mod home;
mod host;
mod inbox;
mod keeper;
mod key;
mod latency;
mod link;
#[cfg(all(test, loom))]
mod models;
mod orders;
mod outcomes;
mod output;
mod outputs;
mod pace;
mod panics;
mod port;
mod probe;
mod replay;
mod retry;
mod route;
mod run_bolt;
mod run_spout;
mod side;
mod slots;
mod spin;
mod spout;
mod stream;
mod sync;
mod tap;
mod task;
mod ticker;
mod tuple;

pub use anchor::Anchor;
pub use batch::BATCH;
pub use bolt::{Bolt, SyncBolt};
pub use concurrent::{CallKey, CallOptions, ConcurrentBolt, ConcurrentComponent};
pub use custom::{Chosen, CustomGrouping};
pub use dead::Dead;
pub use delivery::{Cause, Delivery, Failure, Reason};
pub use edge::{Edge, Grouping};
pub use emit::Emit;
pub use error::{Error, Result};
pub use handover::{AnyShares, Handover, Shares};
pub use host::{Control, Host, LocalFuture, Phase};
pub use key::Key;
pub use latency::{LATENCY_BOUNDS, Latency};
pub use link::Link;
pub use orders::{Life, Order, Orders};
pub use output::Output;
pub use outputs::{AnyRoute, Outputs};
pub use panics::{Panicked, drop_caught, is_caught_here, note_location};
pub use probe::{
    ErrorEntry, ErrorLog, Probe, QueueProbe, RootCounts, StreamProbe, SubscriptionProbe, TaskProbe,
};
pub use replay::{Replaying, Replays};
pub use retry::RetryPolicy;
pub use spout::{Next, Spout, SpoutOutput};
pub use stream::{BuilderId, Origin, Stream, Subscribe, Via};
pub use tap::{Tap, Tapped, Taps};
pub use task::{
    AnyInbox, BoltComponent, Component, Exit, Factory, Fallible, Kind, Plain, SpoutComponent, Task,
    TaskContext, Wiring, sync_component,
};
pub use tuple::{Accepts, Tuple};

/// What derived code and the builder name and people do not.
#[doc(hidden)]
pub mod derived {
    pub use crate::{anchor::Outcomes, delivery::Verdict, outputs::Wires, stream::ComponentRef};
}
