//! The cases of the race on Squall: those of `squall bench`, run when told to.

use std::{env, error::Error, io, sync::Arc, time::Duration};

use peer::{Flow, Pace, Peer, Rate};
use squall_bench::{Load, Shape, Text, Tracking, engine, latency, usage};

/// One case.
struct Case {
    shape: Shape,
    tracking: Tracking,
    text: Arc<Text>,
    pace: Pace,
}

impl Peer for Case {
    fn flow(&mut self, measured: Duration) -> Result<Flow, Box<dyn Error>> {
        let Self { shape, tracking, text, pace } = self;
        let run = |emissions| engine::run(*shape, *tracking, &Load { emissions, text: Arc::clone(text) });
        let emissions =
            pace.emissions(measured, |emissions| Ok::<_, Box<dyn Error>>(run(emissions)?.elapsed))?;
        let cpu_before = usage::cpu()?;
        let outcome = run(emissions)?;
        Ok(Flow {
            seconds: outcome.elapsed.as_secs_f64(),
            tuples: outcome.tuples,
            acked: outcome.acked,
            failed: tracking.roots(emissions).saturating_sub(outcome.acked),
            cpu_s: usage::cpu()?.saturating_sub(cpu_before).as_secs_f64(),
        })
    }

    fn rate(
        &mut self,
        per_second: u64,
        settle: Duration,
        measured: Duration,
    ) -> Result<Rate, Box<dyn Error>> {
        let found = latency::run(per_second, settle, measured)?;
        let quantile = |at| found.latencies.value_at_quantile(at) as f64 / 1e3;
        Ok(Rate {
            seconds: found.elapsed.as_secs_f64(),
            scheduled: found.scheduled,
            tuples: found.latencies.len(),
            cpu_s: found.cpu.as_secs_f64(),
            p50_us: quantile(0.5),
            p99_us: quantile(0.99),
            p999_us: quantile(0.999),
            max_us: quantile(1.0),
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (shape, tracking) = (arguments.next(), arguments.next());
    // Under a fixed rate the case is always the same.
    let shape =
        shape.filter(|name| name != "latency").unwrap_or_else(|| Shape::ConstIdNull.name().to_owned());
    let tracking = tracking.ok_or("expected: CASE TRACKING")?;
    let mut case = Case {
        shape: find(Shape::ALL, &shape, Shape::name)?,
        tracking: find(Tracking::ALL, &tracking, Tracking::name)?,
        text: Arc::new(Text::generate(Text::SEED)),
        pace: Pace::default(),
    };
    peer::talk(io::stdin().lock(), io::stdout(), &mut case)
}

fn find<T: Copy>(all: [T; 3], wanted: &str, name: impl Fn(T) -> &'static str) -> Result<T, String> {
    all.into_iter().find(|one| name(*one) == wanted).ok_or_else(|| {
        let known: Vec<&str> = all.into_iter().map(name).collect();
        format!("there is no `{wanted}`; there are: {}", known.join(", "))
    })
}
