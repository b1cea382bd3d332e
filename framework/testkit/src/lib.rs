//! For tests of topologies: virtual time, inputs that tell what became of them, and bolts that misbehave.
//!
//! | what | file |
//! |---|---|
//! | a clock that stands still until all is idle: [`virtual_time`], [`advance`], [`work_for`] | `virtual_time.rs` |
//! | a source that is fed by hand: [`Feeder`] | `feeder.rs` |
//! | what became of each root: [`Fed`], [`Outcome`], [`Tracker`] | `tracker.rs` |
//! | bolts that echo, fail, panic, stall, hang, leak, and tell what they saw: [`Mock`], [`Act`], [`Call`] | `mock.rs` |
//! | which tuple meets which fault, by a seed: [`FaultSchedule`] | `faults.rs` |
//! | every tuple of a stream: [`Capture`] | `capture.rs` |
//! | what a stream carried and when, kept and emitted again: [`Recorder`], [`Replayer`], [`Record`] | `recorder.rs`, `replayer.rs`, `record.rs` |
//! | a run on fixed inputs: [`complete_topology`] | `complete.rs` |
//! | the moment when nothing is in flight: [`quiescent`] | `quiescent.rs` |
//!
//! A test with all of it:
//!
//! ```
//! use squall_core::Reason;
//! use squall_runtime::{Options, Running};
//! use squall_testkit::{Feeder, Mock, quiescent, virtual_time};
//! use squall_topology::TopologyBuilder;
//!
//! virtual_time(async || {
//!     let feeder = Feeder::new();
//!     let mock = Mock::<u64>::panics_every(2);
//!     let mut t = TopologyBuilder::new("one-of-two");
//!     let numbers = t.spout("numbers", feeder.spouts()).output();
//!     t.bolt_with("mock", mock.bolts()).shuffle(numbers);
//!     let running = Running::start_here(&t.build().unwrap(), &Options::default());
//!
//!     let (first, second) = (feeder.feed(1), feeder.feed(2));
//!     quiescent(&running).await;
//!
//!     assert!(first.is_acked());
//!     assert_eq!(second.reason(), Some(Reason::Panic));
//!     assert_eq!(mock.values(), [1, 2]);
//! });
//! ```

mod capture;
mod complete;
mod faults;
mod feeder;
mod gate;
mod mock;
mod quiescent;
mod record;
mod recorder;
mod replayer;
mod tracker;
mod virtual_time;

pub use capture::Capture;
pub use complete::complete_topology;
pub use faults::FaultSchedule;
pub use feeder::{Feeder, FeederSpout};
pub use mock::{Act, Call, Mock, MockBolt};
pub use quiescent::quiescent;
pub use record::{BadRecording, Record};
pub use recorder::Recorder;
pub use replayer::{Replayer, ReplayerSpout};
pub use tracker::{Fed, Outcome, Tracker};
pub use virtual_time::{advance, virtual_time, work_for};
