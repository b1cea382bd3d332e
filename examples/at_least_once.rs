//! Replays what failed: a spout that waits longer before each attempt, and a bolt that sees the counters.
//!
//! The engine tells every outcome and replays nothing by itself: what is worth another attempt, and when, is for
//! the spout to say.
//!
//! ```sh
//! cargo run -p squall-examples --example at_least_once
//! ```

use std::{collections::VecDeque, error::Error, time::Duration};

use serde::{Deserialize, Serialize};
use squall::{Error as Refusal, prelude::*};
use tokio::time::{Instant, sleep_until};

const ATTEMPTS: u32 = 4;
const BACK_OFF: Duration = Duration::from_millis(10);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Letter {
    to: String,
}

/// The letters to send, and those to send again.
struct Mailbag {
    fresh: VecDeque<Letter>,
    again: Vec<(Instant, Letter, Delivery)>,
}

impl Spout for Mailbag {
    /// The id is the letter itself: what comes back in `failed` is all that a replay needs.
    type Id = Letter;
    type Out = Emit<Letter>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Letter>, Letter>) -> Result<Next> {
        if let Some(letter) = self.fresh.pop_front() {
            out.track(letter.clone()).emit(letter);
            return Ok(Next::Emitted);
        }
        self.again.sort_by_key(|(due, ..)| std::cmp::Reverse(*due));
        let Some((due, ..)) = self.again.last() else { return Ok(Next::End) };
        // Cancel safe: the letter stays in the bag until the wait is over.
        sleep_until(*due).await;
        if let Some((_, letter, delivery)) = self.again.pop() {
            out.redeliver(letter.clone(), delivery).emit(letter);
        }
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, letter: Letter) {
        println!("acked:  {}", letter.to);
    }

    async fn failed(&mut self, letter: Letter, failure: Failure) {
        let next = failure.delivery.after(failure.reason);
        if failure.permanent || next.attempt > ATTEMPTS {
            println!("given up: {} ({}, attempt {})", letter.to, failure.reason, failure.delivery.attempt);
            return;
        }
        let due = Instant::now() + BACK_OFF * 2_u32.pow(failure.delivery.attempt);
        self.again.push((due, letter, next));
    }
}

/// Delivers, unless the address has a bad day.
struct Carrier;

impl Bolt for Carrier {
    type In = Letter;
    type Out = ();

    async fn execute(&mut self, letter: Letter, out: &mut Output<()>) -> Result<()> {
        let Delivery { attempt, refused, redelivered } = out.delivery();
        println!("attempt {attempt}: {} (refused {refused}, redelivered {redelivered})", letter.to);
        match letter.to.as_str() {
            "nowhere" => Err(Refusal::permanent("there is no such address")),
            "the lighthouse" if attempt == 1 => panic!("the boat sank"),
            "the lighthouse" if attempt == 2 => Err(Refusal::retryable("nobody is at home")),
            "the moon" => Err(Refusal::retryable("too far")),
            _ => Ok(()),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut t = TopologyBuilder::new("post");
    let letters = t
        .spout("mailbag", || {
            let addresses = ["the harbour", "nowhere", "the lighthouse", "the moon"];
            let fresh = addresses.map(|to| Letter { to: to.to_owned() }).into();
            Mailbag { fresh, again: Vec::new() }
        })
        .output();
    t.bolt("carrier", || Carrier).shuffle(letters);

    let report = squall::run(t.build()?)?;

    let roots = report.roots();
    println!(
        "{} roots = {} acked + {} failed {:?}",
        roots.emitted, roots.acked, roots.failed, roots.failed_by
    );
    Ok(())
}
