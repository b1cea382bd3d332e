//! What happens when a bolt panics, told by everybody concerned.
//!
//! ```sh
//! cargo run -p squall-examples --example restart
//! ```

use std::{error::Error, time::Duration};

use squall::{Error as Trouble, RestartPolicy, prelude::*};

/// Emits 1 to 6, and replays what failed.
#[derive(Default)]
struct Numbers {
    last: u64,
    again: Vec<(u64, Delivery)>,
}

impl Spout for Numbers {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if let Some((number, delivery)) = self.again.pop() {
            out.redeliver(number, delivery).emit(number);
        } else if self.last < 6 {
            self.last += 1;
            out.track(self.last).emit(self.last);
        } else {
            return Ok(Next::End);
        }
        Ok(Next::Emitted)
    }

    async fn failed(&mut self, number: u64, failure: Failure) {
        if failure.reason == Reason::Shutdown {
            return println!("  spout: {number} was not done; the next run will have to");
        }
        println!("  spout: {number} failed ({}); it goes out again", failure.reason);
        self.again.push((number, failure.delivery.after(failure.reason)));
    }
}

/// Adds up what it gets; its sum is its state.
struct Sum {
    sum: u64,
}

impl Sum {
    fn build() -> Self {
        println!("  bolt:  built, with nothing in its memory");
        Self { sum: 0 }
    }
}

impl Bolt for Sum {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, number: u64, out: &mut Output<()>) -> Result<()> {
        if number == 4 && out.delivery().attempt == 1 {
            println!("  bolt:  4 makes it panic; the sum of {} is gone with it", self.sum);
            panic!("I cannot stand the number {number}");
        }
        self.sum += number;
        println!("  bolt:  {number}, so the sum is {}", self.sum);
        Ok(())
    }
}

fn a_panic_costs_one_root() -> Result<(), Box<dyn Error>> {
    println!(
        "A panic fails the root in hand. The bolt is rebuilt at once; the rest of its inbox waits for it."
    );
    let mut t = TopologyBuilder::new("sum");
    let numbers = t.spout("numbers", Numbers::default).output();
    t.bolt("sum", Sum::build).shuffle(numbers);

    let running = Running::start(t.build()?, Options::default().threads(1))?;
    let report = running.wait_blocking()?;

    let roots = report.roots();
    println!("  roots: {} emitted, {} acked, {:?}", roots.emitted, roots.acked, roots.failed_by);
    if let Some(sum) = report.component("sum") {
        println!("  bolt:  {} restart", sum.restarts);
        sum.errors.iter().for_each(|error| println!("  log:   {} (times: {})", error.message, error.count));
    }
    Ok(())
}

fn what_never_works_ends_the_topology() -> Result<(), Box<dyn Error>> {
    println!(
        "\nA bolt that never gets anything done is tried again, later each time, until its budget is spent."
    );
    let policy = RestartPolicy { budget: 3, backoff: Duration::from_millis(5), ..RestartPolicy::default() };
    let mut t = TopologyBuilder::new("sum");
    let numbers = t.spout("numbers", Numbers::default).output();
    t.bolt_with("sum", async |_| {
        println!("  bolt:  cannot be built");
        Err::<Sum, _>(Trouble::retryable("no connection to the database"))
    })
    .restart(policy)
    .shuffle(numbers);

    if let Err(failed) = squall::run(t.build()?) {
        println!("  error: {failed}");
        let roots = failed.report().map(|report| report.roots().clone()).unwrap_or_default();
        println!("  roots: {} emitted, {} pending, {:?}", roots.emitted, roots.pending, roots.failed_by);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    a_panic_costs_one_root()?;
    what_never_works_ends_the_topology()
}
