//! A keyed bolt gets more tasks while it works, and none of its counts is lost.
//!
//! ```sh
//! cargo run -p squall-examples --example rebalance
//! ```

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use squall::{Handover, Shares, prelude::*};

const VOTES: u64 = 100_000;
const PARTIES: u64 = 50;

/// Emits so many votes and ends.
struct Votes(u64);

impl Spout for Votes {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.0 == VOTES {
            return Ok(Next::End);
        }
        self.0 += 1;
        out.track(self.0).emit(self.0 % PARTIES);
        Ok(Next::Emitted)
    }
}

type Tally = Arc<Mutex<BTreeMap<u64, u64>>>;

/// Counts the votes of its parties, and publishes them at the end.
struct Count {
    counts: BTreeMap<u64, u64>,
    result: Tally,
}

impl Bolt for Count {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, party: u64, _: &mut Output<()>) -> Result<()> {
        let count = self.counts.entry(party).or_default();
        *count += 1;
        // Slow enough to be overtaken by an operator.
        if count.is_multiple_of(20) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.counts);
        Ok(())
    }
}

/// In a rebalance each count goes to the task that gets the votes of its party from now on.
impl Handover for Count {
    type State = (u64, u64);

    fn give(&mut self, shares: &mut Shares<(u64, u64)>) {
        for (party, count) in std::mem::take(&mut self.counts) {
            shares.put(&party, (party, count));
        }
    }

    fn take(&mut self, (party, count): (u64, u64)) {
        *self.counts.entry(party).or_default() += count;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let result = Tally::default();
    let shared = Arc::clone(&result);
    let mut t = TopologyBuilder::new("election");
    let votes = t.spout("votes", || Votes(0)).output();
    t.stateful_bolt("count", move || Count { counts: BTreeMap::new(), result: Arc::clone(&shared) })
        .tasks(2)
        .fields_by(votes, |party| *party);
    let running = Running::start(t.build()?, Options::default())?;

    for tasks in [8, 3] {
        running.rebalance("count", tasks).await?;
        let counted = running.status().component("count").map_or(0, |count| count.executed);
        println!("{tasks} tasks count now; {counted} votes are counted");
    }
    let report = running.wait().await?;

    let result = result.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(report.roots().acked, VOTES);
    assert_eq!(result.len() as u64, PARTIES);
    assert!(result.values().all(|votes| *votes == VOTES / PARTIES));
    println!(
        "{} votes for {} parties, and every one was counted once",
        result.values().sum::<u64>(),
        result.len()
    );
    Ok(())
}
