//! A line that fails is delivered again, alone, and a line that fails for good is named.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use squall::prelude::*;
use squall_connect::ndjson::{Line, LineSource};

/// How often each line was executed.
type Seen = Arc<Mutex<BTreeMap<u64, u32>>>;

/// Refuses, or panics on, the lines that say so.
struct Picky(Seen);

impl Bolt for Picky {
    type In = Line;
    type Out = ();

    async fn execute(&mut self, line: Line, out: &mut Output<()>) -> Result<()> {
        *self.0.lock().unwrap().entry(line.number).or_default() += 1;
        match line.text() {
            "once" if out.delivery().attempt == 1 => Err(Error::retryable("not now")),
            "panics once" if out.delivery().attempt == 1 => panic!("not now"),
            "never" => Err(Error::permanent("not this one")),
            "not yet" => Err(Error::retryable("not now")),
            _ => Ok(()),
        }
    }
}

fn run(source: &LineSource) -> (std::result::Result<Report, squall::Failed>, BTreeMap<u64, u32>) {
    let seen = Seen::default();
    let mut t = TopologyBuilder::new("replay");
    let lines = t
        .spout("lines", {
            let source = source.clone();
            move || source.lines()
        })
        .output();
    let bolt_seen = Arc::clone(&seen);
    t.bolt("picky", move || Picky(Arc::clone(&bolt_seen))).shuffle(lines.lines);
    let result = squall::run(t.build().unwrap());
    let seen = seen.lock().unwrap().clone();
    (result, seen)
}

#[test]
fn a_line_that_failed_is_delivered_again_alone() {
    let source = LineSource::new("the input", "a\nonce\nb\npanics once\nc\n".as_bytes());

    let (result, seen) = run(&source);

    result.unwrap();
    assert_eq!(seen, BTreeMap::from([(1, 1), (2, 2), (3, 1), (4, 2), (5, 1)]));
    let progress = source.progress();
    assert_eq!((progress.lines(), progress.done(), progress.replays(), progress.failed()), (5, 5, 2, 0));
}

#[test]
fn a_line_that_fails_for_good_is_named_when_all_others_are_done() {
    let source = LineSource::new("the input", "a\nnever\nb\nnot yet\nc\n".as_bytes()).attempts(2);

    let (result, seen) = run(&source);

    let error = result.unwrap_err().to_string();
    assert!(error.contains("2 of 5 lines failed: line 2 (explicit), 4 (explicit)"), "{error}");
    assert_eq!(seen, BTreeMap::from([(1, 1), (2, 1), (3, 1), (4, 2), (5, 1)]));
    assert_eq!(source.progress().failed_lines(), [(2, Reason::Explicit), (4, Reason::Explicit)]);
}
