//! All cases, one after the other.

use std::{
    io::{self, IsTerminal, Write},
    sync::Arc,
};

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
    for &case in options.cases() {
        match case {
            Case::ConstNull => throughputs(Shape::ConstNull, options, &load, &mut on_row)?,
            Case::ConstIdNull => throughputs(Shape::ConstIdNull, options, &load, &mut on_row)?,
            Case::WordCount => throughputs(Shape::WordCount, options, &load, &mut on_row)?,
            _ => {
                progress(case.name(), "");
                on_row(other(case, options, &load)?)?;
            }
        }
    }
    Ok(())
}

fn throughputs(
    shape: Shape,
    options: &Options,
    load: &Load,
    on_row: &mut impl FnMut(Row) -> io::Result<()>,
) -> Result<(), Error> {
    for tracking in Tracking::ALL {
        progress(shape.name(), tracking.name());
        on_row(throughput::measure(shape, tracking, options, load)?)?;
    }
    Ok(())
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
        progress("", "");
        let line = if options.json { row.to_json() } else { row.to_text() };
        writeln!(to, "{line}")?;
        to.flush()
    })
}

/// Says on a terminal what is being measured, in a line that the next one overwrites.
fn progress(case: &str, tracking: &str) {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        // Progress that cannot be shown is no reason to stop.
        write!(stderr, "\r{case:14} {tracking:8}\r").and_then(|()| stderr.flush()).ok();
    }
}
