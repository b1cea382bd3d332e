//! Windows by the time of the events: the strongest gust of each ten minutes, though readings come out of order.
//!
//! Roots stay pending until the result of their window is printed. What comes too late has a stream of its own.
//!
//! ```sh
//! cargo run -p squall-examples --example windows
//! ```

use std::{error::Error, time::Duration};

use serde::{Deserialize, Serialize};
use squall::{
    prelude::*,
    windows::{EventTime, EventWindowBolt, Pane, Window, from_fn},
};

const MINUTE: i64 = 60_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Reading {
    /// When it was taken, in milliseconds.
    at: i64,
    gust: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Strongest {
    until: i64,
    readings: usize,
    gust: u32,
}

/// A wind gauge at the end of a bad line: a reading a minute, each seventh three minutes late, one by an hour.
#[derive(Default)]
struct Gauge {
    read: u32,
}

impl Spout for Gauge {
    type Id = u32;
    type Out = Emit<Reading>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Reading>, u32>) -> Result<Next> {
        if self.read == 60 {
            return Ok(Next::End);
        }
        self.read += 1;
        let delay = match self.read {
            59 => 60,
            n if n % 7 == 0 => 3,
            _ => 0,
        };
        let at = (i64::from(self.read) - delay) * MINUTE;
        out.track(self.read).emit(Reading { at, gust: self.read * 37 % 61 });
        Ok(Next::Emitted)
    }
}

struct Print;

impl Bolt for Print {
    type In = Strongest;
    type Out = ();

    async fn execute(&mut self, window: Strongest, _: &mut Output<()>) -> Result<()> {
        let Strongest { until, readings, gust } = window;
        println!(
            "{:>2} to {} min: {readings:>2} readings, {gust} knots",
            until / MINUTE - 10,
            until / MINUTE
        );
        Ok(())
    }
}

struct PrintLate;

impl Bolt for PrintLate {
    type In = Reading;
    type Out = ();

    async fn execute(&mut self, late: Reading, _: &mut Output<()>) -> Result<()> {
        println!("too late: the reading of minute {}", late.at / MINUTE);
        Ok(())
    }
}

fn strongest(pane: &Pane<'_, Reading>) -> Result<[Strongest; 1]> {
    let gust = pane.tuples().map(|reading| reading.gust).max().unwrap_or_default();
    Ok([Strongest { until: pane.end(), readings: pane.len(), gust }])
}

fn main() -> Result<(), Box<dyn Error>> {
    // The gauge ends and waits for its roots, and only further readings would end the last window: so it is flushed.
    let window = Window::tumbling(Duration::from_secs(600))?.flush_after(Duration::from_millis(200))?;
    let time = EventTime::of(|reading: &Reading| reading.at).lag(5 * MINUTE)?;

    let mut t = TopologyBuilder::new("gusts");
    // Longer than a reading may be held: the window, one slide, the lag.
    let readings = t.spout("gauge", Gauge::default).message_timeout(Duration::from_secs(3600)).output();
    let windows = t
        .bolt_with("strongest", async move |cx| {
            EventWindowBolt::open(cx, window, time.clone(), from_fn(strongest))
        })
        .global(readings)
        .output();
    t.bolt("print", || Print).shuffle(windows.results);
    t.bolt("late", || PrintLate).shuffle(windows.late);

    let report = squall::run(t.build()?)?;

    println!("{} of {} readings are done", report.roots().acked, report.roots().emitted);
    Ok(())
}
