//! The cases of the race on timely dataflow, as one writes them there: every worker has its share of the source.

mod dataflow;
mod totals;

use std::{env, error::Error, io, sync::Arc, time::Duration};

use peer::{Flow, Pace, Peer, Rate};
use squall_bench::{Shape, Text, usage};

/// One case.
struct Case {
    shape: Shape,
    text: Arc<Text>,
    pace: Pace,
}

impl Peer for Case {
    fn flow(&mut self, measured: Duration) -> Result<Flow, Box<dyn Error>> {
        let Self { shape, text, pace } = self;
        let run = |emissions| dataflow::run(*shape, emissions, text);
        let emissions = pace.emissions(measured, |emissions| Ok::<_, String>(run(emissions)?.elapsed))?;
        let cpu_before = usage::cpu()?;
        let outcome = run(emissions)?;
        let expected = if *shape == Shape::WordCount { text.words(emissions) } else { emissions };
        if outcome.tuples != expected {
            return Err(format!("{} of {expected} tuples arrived", outcome.tuples).into());
        }
        Ok(Flow {
            seconds: outcome.elapsed.as_secs_f64(),
            tuples: outcome.tuples,
            // Nothing is tracked: nothing can be acked, and nothing is known to have failed.
            acked: 0,
            failed: 0,
            cpu_s: usage::cpu()?.saturating_sub(cpu_before).as_secs_f64(),
        })
    }

    fn rate(
        &mut self,
        _per_second: u64,
        _settle: Duration,
        _measured: Duration,
    ) -> Result<Rate, Box<dyn Error>> {
        Err("timely runs in no race at a fixed rate".into())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let name = env::args().nth(1).ok_or("expected: CASE")?;
    let shape = Shape::ALL.into_iter().find(|shape| shape.name() == name);
    let shape = shape.ok_or_else(|| format!("there is no case `{name}`"))?;
    let text = Arc::new(Text::generate(Text::SEED));
    peer::talk(io::stdin().lock(), io::stdout(), &mut Case { shape, text, pace: Pace::default() })
}
