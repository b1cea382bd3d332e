//! Tests a bolt and a topology under virtual time: hours pass in no time, and always in the same way.
//!
//! In a crate of yours these functions stand in `tests/` under `#[test]`; here `main` calls them.
//!
//! ```sh
//! cargo run -p squall-examples --example testing
//! ```

use std::time::Duration;

use squall::prelude::*;
use squall_testkit::{Act, Capture, Feeder, Mock, advance, complete_topology, quiescent, virtual_time};

const PERIOD: Duration = Duration::from_secs(3600);

/// What is tested: adds up what it gets, and tells the sum every hour.
#[derive(Default)]
struct Hourly {
    sum: u64,
}

impl Bolt for Hourly {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, amount: u64, _: &mut Output<Emit<u64>>) -> Result<()> {
        if amount == 0 {
            return Err(Error::permanent("nothing is no amount"));
        }
        self.sum += amount;
        Ok(())
    }

    async fn tick(&mut self, out: &mut Output<Emit<u64>>) -> Result<()> {
        self.drain(out).await
    }

    async fn drain(&mut self, out: &mut Output<Emit<u64>>) -> Result<()> {
        if self.sum > 0 {
            out.emit(std::mem::take(&mut self.sum));
        }
        Ok(())
    }
}

fn fixed_inputs_give_fixed_outputs() -> Result<(), Box<dyn std::error::Error>> {
    virtual_time(async || {
        let mut t = TopologyBuilder::new("hourly");
        let amounts = t.spout("amounts", Feeder::of([1, 2, 3]).spouts()).output();
        let sums = t.bolt("hourly", Hourly::default).tick(PERIOD).shuffle(amounts).output();
        let captured = Capture::of(&mut t, sums);

        let report = complete_topology(&t.build()?).await?;

        assert_eq!(captured.tuples(), [6]);
        assert_eq!(report.roots().acked, 3);
        Ok(())
    })
}

fn an_hour_is_told_when_it_is_over() -> Result<(), Box<dyn std::error::Error>> {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("hourly");
        let amounts = t.spout("amounts", feeder.spouts()).output();
        let sums = t.bolt("hourly", Hourly::default).tick(PERIOD).shuffle(amounts).output();
        let captured = Capture::of(&mut t, sums);
        let running = Running::start_here(&t.build()?, &Options::default());

        let good = feeder.feed(5);
        let bad = feeder.feed(0);
        quiescent(&running).await;
        assert!(good.is_acked());
        assert_eq!(bad.reason(), Some(Reason::Explicit));
        assert!(captured.tuples().is_empty());

        advance(2 * PERIOD).await;
        assert_eq!(captured.tuples(), [5]);
        Ok(())
    })
}

fn a_neighbour_that_panics_costs_one_amount() -> Result<(), Box<dyn std::error::Error>> {
    virtual_time(async || {
        let mock = Mock::acting(|call| if call.nth == 2 { Act::Panic } else { Act::Pass });
        let mut t = TopologyBuilder::new("hourly");
        let amounts = t.spout("amounts", Feeder::of([1, 2, 4]).spouts()).output();
        let checked = t.bolt_with("check", mock.bolts()).shuffle(amounts).output();
        let sums = t.bolt("hourly", Hourly::default).shuffle(checked).output();
        let captured = Capture::of(&mut t, sums);

        let report = complete_topology(&t.build()?).await?;

        assert_eq!(captured.tuples(), [5]);
        assert_eq!(report.roots().failed_by.get("panic"), Some(&1));
        Ok(())
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    fixed_inputs_give_fixed_outputs()?;
    an_hour_is_told_when_it_is_over()?;
    a_neighbour_that_panics_costs_one_amount()?;
    println!("three tests passed, and two hours with them");
    Ok(())
}
