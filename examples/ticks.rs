//! Ticks: a bolt that counts what comes in and reports at a fixed period, and once more when it drains.
//!
//! What a tick emits belongs to no root. So nothing here hangs on a tick: the readings are acked one by one.
//!
//! ```sh
//! cargo run -p squall-examples --example ticks
//! ```

use std::{error::Error, mem, time::Duration};

use serde::{Deserialize, Serialize};
use squall::prelude::*;
use tokio::time::sleep;

const READINGS: u32 = 100;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Reading {
    gust: u32,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Summary {
    readings: u32,
    strongest: u32,
}

/// A wind gauge: one reading a millisecond.
#[derive(Default)]
struct Gauge {
    read: u32,
}

impl Spout for Gauge {
    type Id = u32;
    type Out = Emit<Reading>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Reading>, u32>) -> Result<Next> {
        if self.read == READINGS {
            return Ok(Next::End);
        }
        // May be dropped here, when an outcome arrives; nothing is lost, for nothing was changed yet.
        sleep(Duration::from_millis(1)).await;
        self.read += 1;
        out.track(self.read).emit(Reading { gust: self.read * 37 % 61 });
        Ok(Next::Emitted)
    }
}

/// Sums up between two ticks.
#[derive(Default)]
struct Windows {
    current: Summary,
}

impl Windows {
    fn report(&mut self, out: &mut Output<Emit<Summary>>) {
        if self.current.readings > 0 {
            out.emit(mem::take(&mut self.current));
        }
    }
}

impl Bolt for Windows {
    type In = Reading;
    type Out = Emit<Summary>;

    async fn execute(&mut self, reading: Reading, _: &mut Output<Emit<Summary>>) -> Result<()> {
        self.current.readings += 1;
        self.current.strongest = self.current.strongest.max(reading.gust);
        Ok(())
    }

    async fn tick(&mut self, out: &mut Output<Emit<Summary>>) -> Result<()> {
        self.report(out);
        Ok(())
    }

    async fn drain(&mut self, out: &mut Output<Emit<Summary>>) -> Result<()> {
        self.report(out);
        Ok(())
    }
}

/// Prints the summaries, and checks that nothing fell between two of them.
#[derive(Default)]
struct Print {
    sum: u32,
}

impl Bolt for Print {
    type In = Summary;
    type Out = ();

    async fn execute(&mut self, summary: Summary, _: &mut Output<()>) -> Result<()> {
        println!("{} readings, strongest gust {}", summary.readings, summary.strongest);
        self.sum += summary.readings;
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        println!("{} of {READINGS} readings are in a summary", self.sum);
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut t = TopologyBuilder::new("wind");
    let readings = t.spout("gauge", Gauge::default).output();
    let windows = t.bolt("windows", Windows::default).tick(Duration::from_millis(25));
    let summaries = windows.shuffle(readings).output();
    t.bolt("print", Print::default).shuffle(summaries);

    squall::run(t.build()?)?;
    Ok(())
}
