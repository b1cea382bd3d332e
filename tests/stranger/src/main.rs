//! A word count whose counting bolt panics at every thousandth tuple of each of its tasks.
//!
//! It checks what the engine promises, and panics where a promise is broken: while it runs, that no root is
//! lost from the books; at the end, that every failed line was replayed and that the counts of the acked
//! attempts are those of a sequential count, and that an inbox stands still for less than 5 ms after a panic: in the
//! median always, at the longest if `SQUALL_LONGEST_PAUSE` is set, which asks for a machine that does nothing else.

mod ledger;
mod text;
mod topology;

use std::{
    env,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

use squall::{Options, Running, Status};

use crate::{ledger::Ledger, text::LINES};

/// How long an inbox may stand still after a panic.
const PAUSE: Duration = Duration::from_millis(5);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ledger = Arc::new(Ledger::default());
    let running = Running::start(topology::word_count(&ledger)?, Options::default())?;
    let (end, ended) = channel::<()>();
    let (report, looks) = thread::scope(|scope| {
        let watch = scope.spawn(|| watch(&running, ended));
        let report = running.wait_blocking();
        drop(end);
        (report, watch.join().expect("the books are in order at every look"))
    });
    let report = report?;

    check_books(&report.status);
    let (roots, lines) = (report.roots(), LINES as u64);
    assert_eq!(roots.pending, 0);
    assert_eq!(roots.acked, lines, "every line is acked once");
    assert_eq!(roots.failed, ledger.replayed(), "every line that failed was replayed");
    assert_eq!(roots.emitted, lines + roots.failed);
    assert!(ledger.panics() > 0, "there is something to prove");
    assert_eq!(ledger.counts_of_acked_attempts(), text::sequential_count());

    println!(
        "{lines} lines, {} words; {} panics failed {} roots, all replayed; the books were right at {looks} looks",
        text::sequential_count().values().sum::<u64>(),
        ledger.panics(),
        roots.failed,
    );
    check_pauses(ledger.pauses());
    Ok(())
}

/// A panic stops the inbox of its task for less than [`PAUSE`].
fn check_pauses(mut pauses: Vec<Duration>) {
    pauses.sort_unstable();
    let longest = *pauses.last().expect("tuples came after panics");
    let (median, p99) = (pauses[pauses.len() / 2], pauses[pauses.len() * 99 / 100]);
    println!(
        "{} times from a panic to the next tuple of the same inbox: median {median:?}, p99 {p99:?}, longest {longest:?}",
        pauses.len(),
    );
    assert!(median < PAUSE, "half of the pauses last {median:?} or longer");
    if env::var_os("SQUALL_LONGEST_PAUSE").is_some() {
        assert!(longest < PAUSE, "the longest pause lasts {longest:?}");
    }
}

/// Looks at the books once a millisecond until the other end is dropped. Returns how often it looked.
fn watch(running: &Running, ended: Receiver<()>) -> u32 {
    let mut looks = 0;
    while ended.recv_timeout(Duration::from_millis(1)) == Err(RecvTimeoutError::Timeout) {
        check_books(&running.status());
        looks += 1;
    }
    looks
}

/// Nothing is lost silently: every root is acked, failed or pending.
fn check_books(status: &Status) {
    let roots = &status.roots;
    assert_eq!(roots.emitted, roots.acked + roots.failed + roots.pending, "{roots:?}");
}
