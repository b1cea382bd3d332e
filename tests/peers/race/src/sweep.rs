//! Finds the settings under which Storm does best: one after the other, each with the best of those before it.

mod choice;
mod trial;

use crate::{
    Result,
    places::Places,
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

/// Tries everything, and writes what was best. What is asked for first; what was found is kept, should it be broken
/// off.
pub(crate) fn run(places: &Places) -> Result<()> {
    let mut tuned = Tuned::read(&places.tuned())?;
    for is_tracked in [true, false] {
        for case in ["word-count", "const-id-null", LATENCY, "const-null"] {
            let choices = match (case, is_tracked) {
                (LATENCY, false) => continue,
                (LATENCY, true) => choice::of_rates(),
                _ => choice::of_flows(case, is_tracked),
            };
            tuned.set(case, is_tracked, climb(case, is_tracked, &choices, places)?);
            tuned.write(&places.tuned())?;
        }
    }
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
