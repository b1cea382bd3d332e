//! Random topologies, random faults, random commands: the engine against a sequential reference.
//!
//! The oracle: every root ends with one outcome, and `emitted = acked + failed + pending` at every moment; a
//! root that meets no fault is acked, and each tuple of its tree was executed as often as it should; a root
//! that meets faults fails by one of them, by its timeout in time; with replay every root is acked in the end;
//! after a drain nothing is pending. Meanwhile executes hang, bolts hold tuples and tie what they emit to
//! several roots, tasks are built anew, spouts are paused alone, and components get other tasks and other settings: a
//! change is made whole or not at all, and no key is in two tasks at once.
//!
//! `SQUALL_PROOF=10000 cargo test -p squall-tests --release --test model -- --nocapture` runs so many cases,
//! `SQUALL_PROOF=full` as many as `make proof`. Cases that failed once are in `regressions.txt` and run first.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod case;
mod fault;
mod ledger;
mod oracle;
mod parts;
mod reference;
mod run;

use std::{cell::RefCell, env, fmt, sync::Arc};

use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestRunner};
use squall_testkit::virtual_time;

use crate::{
    case::Case,
    ledger::{Books, Ledger},
};

/// Cases in every `cargo test`, and in a campaign.
const FEW: u32 = 64;
const FULL: u32 = 10_000;

fn number_of_cases() -> u32 {
    match env::var("SQUALL_PROOF").as_deref() {
        Err(_) => FEW,
        Ok("full") => FULL,
        Ok(number) => number.parse().expect("SQUALL_PROOF is `full` or a number of cases"),
    }
}

#[derive(Debug, Default)]
struct Sums {
    roots: usize,
    acked: usize,
    executes: usize,
    hung: usize,
    tied: usize,
    changes: u64,
}

impl Sums {
    fn add(&mut self, books: &Books) {
        let outcomes = books.outcomes.values().flatten();
        self.roots += books.emitted.len();
        self.acked += outcomes.filter(|(failure, _)| failure.is_none()).count();
        self.executes += books.executes.len();
        self.hung += books.hung.len();
        self.tied += books.tied.len();
        self.changes += books.changes;
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { roots, acked, executes, hung, tied, changes } = self;
        write!(f, "{roots} deliveries of roots, {acked} acked, {executes} executes, {hung} of them hung, ")?;
        write!(f, "{tied} tuples tied to two roots, {changes} changes while running")
    }
}

/// Runs one case and judges it.
fn prove(case: &Arc<Case>, sums: &RefCell<Sums>) -> Result<(), String> {
    let ledger = Arc::new(Ledger::new(case));
    let report = virtual_time(async || run::run(case, &ledger).await);
    ledger.with(|books| {
        sums.borrow_mut().add(books);
        oracle::judge(case, books, &report?)
    })
}

#[test]
fn random_topologies_keep_every_promise() {
    let persistence =
        FileFailurePersistence::Direct(concat!(env!("CARGO_MANIFEST_DIR"), "/model/regressions.txt"));
    let cases = number_of_cases();
    let config = Config { cases, failure_persistence: Some(Box::new(persistence)), ..Config::default() };
    let sums = RefCell::new(Sums::default());

    let proven = TestRunner::new(config)
        .run(&case::cases(), |case| prove(&Arc::new(case), &sums).map_err(TestCaseError::fail));

    println!("{cases} topologies: {}", sums.borrow());
    if let Err(fault) = proven {
        panic!("{fault}");
    }
}
