//! The engine replays what fails, for sources that cannot: again and again with back-off, then as a dead letter
//! that says why. A root stays pending until its one outcome.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod attempts;
mod dead_letters;
mod ends;
mod faults;

use std::time::Duration;

use squall::{Dead, RetryPolicy, prelude::*};
use squall_testkit::{Call, Feeder, Mock};
use squall_tests::{s, start};

/// Pauses of at most 1, 2, 4, 4, … seconds.
fn policy(attempts: u32) -> RetryPolicy {
    RetryPolicy { attempts, backoff: s(1), max_backoff: s(4) }
}

/// A replayed feeder, a bolt named `work`, and a bolt that reads the dead letters, all running.
struct Replayed {
    feeder: Feeder<u64>,
    work: Mock<u64>,
    grave: Mock<Dead<u64>>,
    running: Running,
}

fn replayed(attempts: u32, work: Mock<u64>, grave: Mock<Dead<u64>>) -> Replayed {
    replayed_from(Feeder::new(), attempts, work, grave)
}

fn replayed_from(feeder: Feeder<u64>, attempts: u32, work: Mock<u64>, grave: Mock<Dead<u64>>) -> Replayed {
    let mut t = TopologyBuilder::new("replay");
    let numbers = t.spout("numbers", feeder.spouts()).max_pending(8).replay(policy(attempts));
    let (numbers, dead) = numbers.message_timeout(s(8)).output();
    t.bolt_with("work", work.bolts()).shuffle(numbers);
    t.bolt_with("grave", grave.bolts()).shuffle(dead);
    Replayed { feeder, work, grave, running: start(t) }
}

/// The pauses between executes.
fn pauses<T>(calls: &[Call<T>]) -> Vec<Duration> {
    calls.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}

/// A pause is the exact one less up to half of it. To it comes the time that the failure takes to reach the
/// spout: 100 ms at most, if the `next` of that spout was interrupted again and again.
#[track_caller]
fn assert_pause(pause: Duration, exact: Duration) {
    let way = squall_tests::ms(103);
    assert!(pause > exact / 2 && pause <= exact + way, "{pause:?} for a pause of {exact:?}");
}
