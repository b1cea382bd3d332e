//! Work that computes or blocks belongs in a `SyncBolt`: each of its tasks has a thread of its own, so it holds up
//! nobody else.
//!
//! ```sh
//! cargo run -p squall-examples --example cpu_bolt
//! ```

use std::{error::Error, ops::Range, thread};

use serde::{Deserialize, Serialize};
use squall::prelude::*;

const LIMIT: u64 = 200_000;
const STEP: u64 = 10_000;

/// A range of starting numbers to search.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Search(Range<u64>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Chain {
    start: u64,
    steps: u32,
}

/// Cuts the numbers into ranges.
struct Ranges {
    from: u64,
}

impl Spout for Ranges {
    type Id = u64;
    type Out = Emit<Search>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Search>, u64>) -> Result<Next> {
        if self.from >= LIMIT {
            return Ok(Next::End);
        }
        let to = self.from + STEP;
        out.track(self.from).emit(Search(self.from.max(1)..to));
        self.from = to;
        Ok(Next::Emitted)
    }
}

/// Finds the longest Collatz chain of a range: pure computation, not one await.
struct Longest;

impl SyncBolt for Longest {
    type In = Search;
    type Out = Emit<Chain>;

    fn execute(&mut self, Search(range): Search, out: &mut Output<Emit<Chain>>) -> Result<()> {
        let chains = range.map(|start| Chain { start, steps: collatz(start) });
        if let Some(longest) = chains.max_by_key(|chain| chain.steps) {
            out.emit(longest);
        }
        Ok(())
    }
}

fn collatz(mut n: u64) -> u32 {
    let mut steps = 0;
    while n != 1 {
        n = if n.is_multiple_of(2) { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

/// Keeps the longest of all.
#[derive(Default)]
struct Best {
    best: Option<Chain>,
}

impl Bolt for Best {
    type In = Chain;
    type Out = ();

    async fn execute(&mut self, chain: Chain, _: &mut Output<()>) -> Result<()> {
        if self.best.as_ref().is_none_or(|best| chain.steps > best.steps) {
            self.best = Some(chain);
        }
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        if let Some(Chain { start, steps }) = &self.best {
            println!("below {LIMIT}, the longest chain starts at {start}: {steps} steps");
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let threads = thread::available_parallelism().map_or(2, usize::from);

    let mut t = TopologyBuilder::new("collatz");
    let ranges = t.spout("ranges", || Ranges { from: 0 }).output();
    let longest = t.sync_bolt("longest", || Longest).tasks(threads).shuffle(ranges).output();
    t.bolt("best", Best::default).shuffle(longest);

    let report = squall::run(t.build()?)?;

    if let Some(longest) = report.component("longest") {
        println!("{} ranges on {} threads of their own", longest.executed, longest.tasks);
    }
    Ok(())
}
