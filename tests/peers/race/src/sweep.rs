//! Finds the settings under which Storm does best: one after the other, each with the best of those before it.

mod choice;
mod trial;

use crate::{
    Result,
    places::Places,
    plan::Plan,
    rates::CASE as LATENCY,
    storm::{Setup, Tuned},
};
use choice::Choice;

/// What everybody who tunes Storm turns off: it costs, and tells nothing here.
fn start() -> Setup {
    let mut setup = Setup::shipped();
    setup.tasks = 1;
    for (key, value) in [
        ("topology.disable.loadaware.messaging", "true"),
        ("topology.stats.sample.rate", "0.0005"),
        ("topology.spout.recvq.skips", "8"),
    ] {
        setup.settings.insert(key.to_owned(), value.to_owned());
    }
    setup
}

/// Tries everything, and writes what was best.
pub(crate) fn run(places: &Places) -> Result<()> {
    let mut tuned = Tuned::default();
    for case in Plan::full().cases {
        for is_tracked in [false, true] {
            let best = climb(case, is_tracked, &choice::of_flows(case, is_tracked), places)?;
            tuned.set(case, is_tracked, best);
        }
    }
    tuned.set(LATENCY, true, climb(LATENCY, true, &choice::of_rates(), places)?);
    tuned.write(&places.tuned())?;
    println!("\nWritten to {}.", places.tuned().display());
    Ok(())
}

fn climb(case: &str, is_tracked: bool, choices: &[Choice], places: &Places) -> Result<Setup> {
    let mut best = start();
    let mut score = trial::score(case, is_tracked, &best, places)?;
    for choice in choices {
        let so_far = best.clone();
        for option in choice {
            let mut setup = so_far.clone();
            option.apply(&mut setup);
            if setup == so_far {
                continue;
            }
            let other = trial::score(case, is_tracked, &setup, places)?;
            if other > score {
                (best, score) = (setup, other);
            }
        }
    }
    println!("{case}, {} acker: {}", u8::from(is_tracked), best.describe());
    Ok(best)
}
