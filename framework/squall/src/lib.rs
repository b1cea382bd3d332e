//! Typed spouts and bolts as supervised actors.
//!
//! Begin with the [`guide`]; whole programs stand in `examples/` of the repository. A file that declares a topology
//! needs one line, `use squall::prelude::*;`:
//!
//! ```
//! use std::collections::VecDeque;
//!
//! use serde::{Deserialize, Serialize};
//! use squall::prelude::*;
//!
//! #[derive(Clone, Debug, Serialize, Deserialize)]
//! struct Line { text: String }
//! #[derive(Clone, Debug, Serialize, Deserialize)]
//! struct Word { text: String }
//!
//! struct Lines { todo: VecDeque<Line> }
//!
//! impl Spout for Lines {
//!     type Id = Line;
//!     type Out = Emit<Line>;
//!
//!     async fn next(&mut self, out: &mut SpoutOutput<Emit<Line>, Line>) -> Result<Next> {
//!         let Some(line) = self.todo.pop_front() else { return Ok(Next::End) };
//!         out.track(line.clone()).emit(line);
//!         Ok(Next::Emitted)
//!     }
//!
//!     async fn fail(&mut self, line: Line, _why: Reason) {
//!         self.todo.push_back(line);
//!     }
//! }
//!
//! struct Split;
//!
//! impl Bolt for Split {
//!     type In = Line;
//!     type Out = Emit<Word>;
//!
//!     async fn execute(&mut self, line: Line, out: &mut Output<Emit<Word>>) -> Result<()> {
//!         for word in line.text.split_whitespace() {
//!             out.emit(Word { text: word.to_owned() });
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let todo = VecDeque::from([Line { text: "to be or not to be".to_owned() }]);
//! let mut t = TopologyBuilder::new("split");
//! let lines = t.spout("lines", move || Lines { todo: todo.clone() }).output();
//! t.bolt("split", || Split).tasks(2).shuffle(lines);
//!
//! let report = squall::run(t.build()?)?;
//!
//! assert_eq!(report.component("split").unwrap().emitted, 6);
//! # Ok(())
//! # }
//! ```

pub use squall_core::{
    Accepts, Anchor, Bolt, Cause, Chosen, ConcurrentBolt, CustomGrouping, Dead, Delivery, Emit, Error,
    Failure, Grouping, Handover, Key, Next, Output, Outputs, Reason, Replays, Result, RetryPolicy, Shares,
    Spout, SpoutOutput, Stream, Subscribe, SyncBolt, TaskContext, Tuple, Via,
};
pub use squall_derive::{Input, Outputs};
pub use squall_runtime::{
    CallStatus, ComponentStatus, ErrorStatus, Failed, Finding, Happening, HappeningKind, InboxStatus,
    LATENCY_BOUNDS, Latency, LeakedThreads, Options, Refused, Report, Roots, Running, Status, StreamStatus,
    SubscriptionStatus, Tap, Tapped, TaskState, TaskStatus, TopologyState, run,
};
pub use squall_topology::{
    Change, Fault, Invalid, Plan, RestartMode, RestartPolicy, TopologyBuilder, TopologySettings, config,
};

/// So that a crate that depends on `squall` alone can derive what a tuple needs.
///
/// ```
/// use squall::serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, Serialize, Deserialize)]
/// #[serde(crate = "squall::serde")]
/// struct Word { text: String }
///
/// fn is_a_tuple<T: squall::Tuple>(_: &T) {}
/// is_a_tuple(&Word { text: "squall".to_owned() });
/// ```
pub use serde;

/// Windows and joins.
pub use squall_windows as windows;

#[cfg(feature = "cli")]
pub mod cli;
pub mod guide;

/// What derived code names and people do not.
#[doc(hidden)]
pub use squall_core::derived;

/// Everything that a topology's file needs: `use squall::prelude::*;`.
pub mod prelude {
    pub use crate::{
        Bolt, ConcurrentBolt, Delivery, Emit, Error, Failure, Input, Next, Options, Output, Outputs, Plan,
        Reason, Report, Result, Running, Spout, SpoutOutput, Stream, SyncBolt, TaskContext, TopologyBuilder,
    };
}
