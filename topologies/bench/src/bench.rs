//! All cases, one after the other.

use std::{
    io::{self, Write},
    sync::Arc,
};

use squall_ops::cli::Progress;

use crate::{
    Error, Row, Text,
    case::{Load, Shape, Tracking},
    idle, latency,
    options::{Case, Options},
    panics, rebalance,
    row::HEADINGS,
    stalled, throughput, usage,
};

/// Measures, and hands over each row as soon as it is known.
///
/// # Errors
///
/// A topology did not start or failed, both sides of a case disagree about the work done, or `on_row` refused a row.
pub fn run(options: &Options, mut on_row: impl FnMut(Row) -> io::Result<()>) -> Result<(), Error> {
    let load = Load { emissions: options.emissions(), text: Arc::new(Text::generate(Text::SEED)) };
    let steps: Vec<Step> = options.cases().iter().flat_map(|&case| steps(case)).collect();
    // It is drawn between the measurements only, and has no thread that would be measured.
    let progress = Progress::new("measuring", "measurements", steps.len() as u64);
    for (done, (case, shape)) in (0..).zip(steps) {
        progress.is_at(done);
        let row = match shape {
            Some((shape, tracking)) => {
                progress.now(format!("{} {}", shape.name(), tracking.name()));
                throughput::measure(shape, tracking, options, &load)?
            }
            None => {
                progress.now(case.name());
                other(case, options, &load)?
            }
        };
        progress.beside(|| on_row(row))?;
    }
    Ok(())
}

/// What is measured at once: a case, or a shape with one way of tracking.
type Step = (Case, Option<(Shape, Tracking)>);

fn steps(case: Case) -> Vec<Step> {
    let shape = match case {
        Case::ConstNull => Shape::ConstNull,
        Case::ConstIdNull => Shape::ConstIdNull,
        Case::WordCount => Shape::WordCount,
        _ => return vec![(case, None)],
    };
    Tracking::ALL.map(|tracking| (case, Some((shape, tracking)))).to_vec()
}

fn other(case: Case, options: &Options, load: &Load) -> Result<Row, Error> {
    let (warm_up, measured) = options.latency();
    let (fill, watch) = options.stalled();
    match case {
        Case::Latency10k => latency::measure(case.name(), 10_000, warm_up, measured),
        Case::Latency100k => latency::measure(case.name(), 100_000, warm_up, measured),
        Case::Panic1000 => panics::measure(case.name(), options.repetitions(), load),
        Case::Rebalance => {
            let (warm_up, second) = options.rebalance();
            rebalance::measure(case.name(), warm_up, second)
        }
        Case::Idle => idle::measure(case.name(), options.idle()),
        _ => stalled::measure(case.name(), fill, watch),
    }
}

/// Measures, and prints each row as soon as it is known: a table, or a JSON object a line.
///
/// # Errors
///
/// As [`run`]; `to` cannot be written to.
pub fn print(options: &Options, to: &mut impl Write) -> Result<(), Error> {
    if !options.json {
        let repetitions = options.repetitions();
        writeln!(to, "{}; medians of {repetitions} alternated repetitions", usage::machine())?;
        writeln!(to, "{HEADINGS}")?;
    }
    run(options, |row| {
        let line = if options.json { row.to_json() } else { row.to_text() };
        writeln!(to, "{line}")?;
        to.flush()
    })
}
