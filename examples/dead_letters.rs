//! Replays in the engine: a spout that only emits, a bolt that has bad days, and a bolt that buries what is
//! given up on.
//!
//! A sensor tells each value once, so the spout cannot replay. The engine keeps what it emitted, tries again
//! with back-off, and hands out a dead letter in the end.
//!
//! ```sh
//! cargo run -p squall-examples --example dead_letters
//! ```

use std::{error::Error, num::ParseFloatError, time::Duration};

use serde::{Deserialize, Serialize};
use squall::{Dead, Error as Refusal, RetryPolicy, prelude::*};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Reading {
    sensor: String,
    text: String,
}

/// Tells each reading once and keeps nothing: no `fail`, no queue.
struct Sensors(std::vec::IntoIter<(&'static str, &'static str)>);

impl Spout for Sensors {
    type Id = String;
    type Out = Emit<Reading>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Reading>, String>) -> Result<Next> {
        let Some((sensor, text)) = self.0.next() else { return Ok(Next::End) };
        out.track(sensor.to_owned()).emit(Reading { sensor: sensor.to_owned(), text: text.to_owned() });
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, sensor: String) {
        println!("released: {sensor}");
    }
}

/// Reads the number. What is no number will never be one.
struct Parse;

impl Bolt for Parse {
    type In = Reading;
    type Out = Emit<(String, f64)>;

    async fn execute(&mut self, reading: Reading, out: &mut Output<Emit<(String, f64)>>) -> Result<()> {
        let no_number = |error: ParseFloatError| Refusal::permanent(format!("{}: {error}", reading.text));
        let degrees = reading.text.parse().map_err(no_number)?;
        out.emit((reading.sensor, degrees));
        Ok(())
    }
}

/// Stores values in a database that is not always there.
struct Store;

impl Bolt for Store {
    type In = (String, f64);
    type Out = ();

    async fn execute(&mut self, (sensor, degrees): (String, f64), out: &mut Output<()>) -> Result<()> {
        let attempt = out.delivery().attempt;
        match sensor.as_str() {
            "attic" if attempt < 3 => Err(Refusal::retryable("the database is busy")),
            "cellar" => Err(Refusal::retryable("the cellar has no table")),
            _ => {
                println!("stored:   {sensor} {degrees} at attempt {attempt}");
                Ok(())
            }
        }
    }
}

/// Writes dead letters down. Its `Ok` releases the reading.
struct Bury;

impl Bolt for Bury {
    type In = Dead<Reading>;
    type Out = ();

    async fn execute(&mut self, dead: Dead<Reading>, _: &mut Output<()>) -> Result<()> {
        for reading in &dead.tuples {
            println!("buried:   {} {:?}, {dead}", reading.sensor, reading.text);
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let policy =
        RetryPolicy { attempts: 4, backoff: Duration::from_millis(20), max_backoff: Duration::from_secs(1) };
    let readings = vec![("garden", "11.5"), ("attic", "24.0"), ("door", "ajar"), ("cellar", "9.5")];

    let mut t = TopologyBuilder::new("weather");
    let (lines, dead) =
        t.spout("sensors", move || Sensors(readings.clone().into_iter())).replay(policy).output();
    let parsed = t.bolt("parse", || Parse).shuffle(lines).output();
    t.bolt("store", || Store).tasks(2).shuffle(parsed);
    t.bolt("bury", || Bury).shuffle(dead);

    let report = squall::run(t.build()?)?;

    let (roots, sensors) = (report.roots(), report.component("sensors").ok_or("there is a spout")?);
    println!("{} roots, {} acked, {} failed", roots.emitted, roots.acked, roots.failed);
    println!("{} replays, {} dead letters", sensors.replays, sensors.dead_letters);
    Ok(())
}
