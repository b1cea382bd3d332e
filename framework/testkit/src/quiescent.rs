//! [`quiescent`]: the moment when nothing is in flight.

use std::{iter, time::Duration};

use squall_runtime::{ComponentStatus, Running, Status, TopologyState};
use tokio::time;

/// How often it looks, and how far apart: closely at first, seldom for those who wait for a timeout.
const LOOKS: [(usize, Duration); 3] = [
    (1000, Duration::from_millis(1)),
    (600, Duration::from_millis(100)),
    (24 * 60 * 60, Duration::from_secs(1)),
];

/// Waits until the topology has nothing in flight: no root is pending, every inbox is empty, and nothing
/// has moved for a millisecond of virtual time. Also returns when the topology is over.
///
/// It sees neither what spouts have still to bring, nor an untracked tuple whose execute awaits something.
///
/// ```
/// use squall_runtime::{Options, Running};
/// use squall_testkit::{Feeder, Mock, quiescent, virtual_time};
/// use squall_topology::TopologyBuilder;
///
/// virtual_time(async || {
///     let (feeder, mock) = (Feeder::new(), Mock::<u64>::echo());
///     let mut t = TopologyBuilder::new("untracked");
///     let numbers = t.spout("numbers", feeder.spouts()).output();
///     t.bolt_with("mock", mock.bolts()).shuffle(numbers);
///     let running = Running::start_here(&t.build().unwrap(), &Options::default());
///
///     (0..100).for_each(|n| feeder.feed_untracked(n));
///     quiescent(&running).await;
///
///     assert_eq!(mock.count(), 100);
/// });
/// ```
///
/// # Panics
///
/// Something is still in flight after a day of virtual time; the message says what.
pub async fn quiescent(running: &Running) {
    let mut before = None;
    for pause in LOOKS.into_iter().flat_map(|(looks, pause)| iter::repeat_n(pause, looks)) {
        time::sleep(pause).await;
        let status = running.status();
        if matches!(status.state, TopologyState::Ended | TopologyState::Failed) {
            return;
        }
        let motion = Motion::of(&status);
        if is_quiet(&status) && before.replace(motion.clone()) == Some(motion) {
            return;
        }
    }
    panic!("still in flight after a day of virtual time: {}", in_flight(&running.status()));
}

/// Counters that move with every tuple.
#[derive(Clone, PartialEq, Eq)]
struct Motion(Vec<[u64; 5]>);

impl Motion {
    fn of(status: &Status) -> Self {
        let counters = |component: &ComponentStatus| {
            let taken = component.inboxes.iter().map(|inbox| inbox.taken).sum();
            [component.executed, component.skipped, component.emitted, component.restarts, taken]
        };
        Self(status.components.iter().map(counters).collect())
    }
}

fn is_quiet(status: &Status) -> bool {
    let inboxes = status.components.iter().flat_map(|component| &component.inboxes);
    status.roots.pending == 0 && inboxes.map(|inbox| inbox.depth).sum::<usize>() == 0
}

fn in_flight(status: &Status) -> String {
    let mut found = Vec::new();
    for component in &status.components {
        if let Some(roots) = component.roots.as_ref().filter(|roots| roots.pending > 0) {
            found.push(format!("{} roots of `{}`", roots.pending, component.name));
        }
        let depth: usize = component.inboxes.iter().map(|inbox| inbox.depth).sum();
        if depth > 0 {
            found.push(format!("{depth} tuples before `{}`", component.name));
        }
    }
    found.join(", ")
}
