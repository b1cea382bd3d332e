//! [`complete_topology`]: a run on fixed inputs.

use squall_runtime::{Failed, Options, Report, Running};
use squall_topology::Plan;

/// Runs a topology under [`virtual_time`](crate::virtual_time) until all its spouts have ended and all is
/// drained.
///
/// The inputs are spouts that end, as those of [`Feeder::of`](crate::Feeder::of); a
/// [`Capture`](crate::Capture) keeps what a stream carried.
///
/// ```
/// use squall_core::{Bolt, Emit, Output, Result};
/// use squall_testkit::{Capture, Feeder, complete_topology, virtual_time};
/// use squall_topology::TopologyBuilder;
///
/// struct Double;
/// impl Bolt for Double {
///     type In = u64;
///     type Out = Emit<u64>;
///     async fn execute(&mut self, n: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
///         out.emit(2 * n);
///         Ok(())
///     }
/// }
///
/// virtual_time(async || {
///     let mut t = TopologyBuilder::new("double");
///     let numbers = t.spout("numbers", Feeder::of([1, 2, 3]).spouts()).output();
///     let doubled = t.bolt("double", || Double).shuffle(numbers).output();
///     let (before, behind) = (Capture::of(&mut t, numbers), Capture::of(&mut t, doubled));
///
///     let report = complete_topology(&t.build().unwrap()).await.unwrap();
///
///     assert_eq!(before.tuples(), [1, 2, 3]);
///     assert_eq!(behind.tuples(), [2, 4, 6]);
///     assert_eq!(report.roots().acked, 3);
/// });
/// ```
///
/// # Errors
///
/// A component could not be kept alive.
pub async fn complete_topology(plan: &Plan) -> Result<Report, Failed> {
    Running::start_here(plan, &Options::default()).wait().await
}
