//! The topology of a case.

use std::hint::black_box;

use squall::{Running, prelude::*};
use squall_testkit::virtual_time;

use crate::case::Case;

/// The most that one call of `next` emits.
const BURST: u64 = 256;

/// Roots in flight.
const MAX_PENDING: usize = 4_096;

/// Tasks of a keyed bolt.
const TASKS: usize = 4;

/// Runs a case and sees that all of it was done.
pub(crate) fn run(case: Case, tuples: u64, latencies: bool) -> crate::Result<()> {
    let plan = plan(case, tuples)?;
    let options = Options::default().latencies(latencies);
    let report = virtual_time(async || Running::start_here(&plan, &options).wait().await)?;
    let arrived = report.component("null").map_or(0, |null| null.executed);
    let expected = case.span().map_or(0, |span| tuples.div_ceil(span));
    if (arrived, report.roots().acked) != (tuples, expected) {
        let acked = report.roots().acked;
        return Err(
            format!("{arrived} of {tuples} tuples arrived, {acked} of {expected} roots were acked").into()
        );
    }
    Ok(())
}

fn plan(case: Case, tuples: u64) -> Result<Plan, squall::Invalid> {
    let mut t = TopologyBuilder::new(case.name());
    let open = move || Numbers { tuples, emitted: 0, span: case.span() };
    let numbers = t.spout("numbers", open).max_pending(MAX_PENDING).output();
    let id = t.bolt("id", || Identity);
    let same =
        if case.is_keyed() { id.tasks(TASKS).fields(numbers, |n| n) } else { id.shuffle(numbers) }.output();
    t.bolt("null", || Null).shuffle(same);
    t.build()
}

/// Emits numbers.
struct Numbers {
    tuples: u64,
    emitted: u64,
    span: Option<u64>,
}

impl Numbers {
    fn emit_untracked(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) {
        let end = self.tuples.min(self.emitted + BURST);
        let numbers = out.untracked();
        for number in self.emitted..end {
            numbers.emit(number);
        }
        self.emitted = end;
    }

    fn emit_roots(&mut self, span: u64, out: &mut SpoutOutput<Emit<u64>, u64>) {
        let roots = (BURST / span).min(out.room() as u64);
        for _ in 0..roots {
            if self.emitted == self.tuples {
                break;
            }
            let end = self.tuples.min(self.emitted + span);
            let root = out.track(self.emitted);
            for number in self.emitted..end {
                root.emit(number);
            }
            self.emitted = end;
        }
    }
}

impl Spout for Numbers {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.emitted == self.tuples {
            return Ok(Next::End);
        }
        match self.span {
            None => self.emit_untracked(out),
            Some(span) => self.emit_roots(span, out),
        }
        Ok(Next::Emitted)
    }
}

/// Passes every number on.
struct Identity;

impl Bolt for Identity {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, number: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(number);
        Ok(())
    }
}

/// Drops every number.
struct Null;

impl Bolt for Null {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, number: u64, _out: &mut Output<()>) -> Result<()> {
        black_box(number);
        Ok(())
    }
}
