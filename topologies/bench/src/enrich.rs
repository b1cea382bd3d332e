//! `squall bench enrich`: the enrichment of activities, beside a loop that does the same work without the engine.
//!
//! The topology is the real one. Its events are generated beforehand and read as lines; of each the language is found,
//! links are looked up in a warm cache, and the author in a table; then they are written to a file, each in a write of
//! its own. The loop reads, parses, asks, serialises and writes with the same functions, on as many threads as there
//! are cores, and does without all else: it repeats nothing, bounds nothing, and tells nobody.
//!
//! How long an event stays is measured at half of the rate that was reached, from the instant at which its line is
//! there to the one at which it is written.

mod by_hand;
#[cfg(feature = "kafka")]
mod chart;
mod enrichers;
mod events;
mod load;
mod options;
mod row;
mod topology;
mod wait;
mod web;
mod written;

pub use load::LoadOptions;
pub use options::{Case, Options};
pub use row::{HEADINGS, Row};

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use clap::ValueEnum;

use crate::{Error, row::median, usage};
use enrichers::Enrichment;
use events::Pace;

/// Measures every case, and prints each row as soon as it is known: a table, or a JSON object a line.
///
/// # Errors
///
/// The topology fails, an event is lost or written twice, or `to` cannot be written to.
pub fn print(options: &Options, to: &mut impl Write) -> Result<(), Error> {
    for case in options.brokered() {
        with_brokers(case, options, to)?;
    }
    match options.cases().as_slice() {
        [] => return Ok(()),
        [_] => {}
        cases if !options.quick => return each_alone(cases, to),
        _ => {}
    }
    if !options.json {
        writeln!(to, "{}", usage::machine())?;
        writeln!(to, "{HEADINGS}")?;
    }
    for case in options.cases() {
        let rows = match case {
            Case::File => file(options)?,
            Case::Parked => vec![parked(options)?],
            // Those with brokers are over.
            Case::Load | Case::Kafka => continue,
        };
        for row in rows {
            writeln!(to, "{}", if options.json { row.to_json() } else { row.to_text() })?;
            to.flush()?;
        }
    }
    Ok(())
}

/// Each in a process of its own: what one leaves with the allocator is no memory of the next one's.
fn each_alone(cases: &[Case], to: &mut impl Write) -> Result<(), Error> {
    let is_case = |flag: &OsString| flag.to_str().is_some_and(|flag| Case::from_str(flag, true).is_ok());
    let flags: Vec<_> = env::args_os().skip(1).filter(|flag| !is_case(flag)).collect();
    for case in cases {
        let name = case.to_possible_value().ok_or_else(|| wrong("a case without a name"))?;
        let mut command = Command::new(env::current_exe()?);
        let measured = command.args(&flags).arg(name.get_name()).stderr(Stdio::inherit()).output()?;
        to.write_all(&measured.stdout)?;
        to.flush()?;
        if !measured.status.success() {
            return Err(wrong(format!("the case `{}`: {}", name.get_name(), measured.status)));
        }
    }
    Ok(())
}

/// A case that needs brokers.
#[cfg(feature = "kafka")]
fn with_brokers(case: Case, options: &Options, to: &mut impl Write) -> Result<(), Error> {
    let brokers = options.load.brokers.as_deref();
    let brokers = brokers.ok_or_else(|| wrong("say where the brokers are: --brokers HOST:PORT"))?;
    if case == Case::Load {
        return load::print(options, brokers, to);
    }
    let row = load::measure(&options.load, brokers, options.preloaded())?;
    if options.json {
        writeln!(to, "{}", row.to_json())?;
    } else {
        writeln!(to, "{}\n{HEADINGS}\n{}", usage::machine(), row.to_text())?;
    }
    Ok(to.flush()?)
}

/// There are none.
#[cfg(not(feature = "kafka"))]
fn with_brokers(_: Case, _: &Options, _: &mut impl Write) -> Result<(), Error> {
    Err(wrong("this binary was built without `kafka`: cargo build --release --features kafka"))
}

/// The loop and the topology in turn.
fn file(options: &Options) -> Result<Vec<Row>, Error> {
    let enrichment = &Enrichment::open(options.events())?;
    // The first pass fills the cache of links.
    topology::run(enrichment, 1, Pace::AtOnce)?;
    let rounds = options.rounds();
    let (mut by_hand, mut engine) = (Vec::new(), Vec::new());
    for _ in 0..options.repetitions() {
        by_hand.push(by_hand::run(enrichment, rounds)?);
        engine.push(topology::run(enrichment, rounds, Pace::AtOnce)?);
    }
    let per_s = |runs: &[Run]| median(runs.iter().map(Run::per_s).collect());
    let cpu = |runs: &[Run]| median(runs.iter().map(Run::cpu_s_per_million).collect());
    let rss = |runs: &[Run]| median(runs.iter().map(|run| run.rss_mib).collect());
    let (limit, reached) = (per_s(&by_hand), per_s(&engine));
    let half = reached.unwrap_or_default() / 2.0;
    let paced = topology::run(enrichment, options.paced_rounds(half), Pace::PerSecond(half))?;
    Ok(vec![
        Row {
            activities_per_s: limit,
            cpu_s_per_million: cpu(&by_hand),
            rss_mib: rss(&by_hand),
            ..Row::new("loop")
        },
        Row {
            activities_per_s: reached,
            ratio: reached.zip(limit).map(|(reached, limit)| reached / limit),
            cpu_s_per_million: cpu(&engine),
            rss_mib: rss(&engine),
            residence_p50_ms: paced.residence(0.5),
            residence_p99_ms: paced.residence(0.99),
            residence_at_per_s: Some(half),
            ..Row::new("topology")
        },
    ])
}

/// Every event waits for four seconds, and as many come in as the room holds in that time.
fn parked(options: &Options) -> Result<Row, Error> {
    let enrichment = Enrichment::open(options.parked_events())?.waiting(wait::TIME)?;
    // The first pass fills the cache of links.
    topology::run(&enrichment, 1, Pace::AtOnce)?;
    let per_s = options.parked() as f64 / wait::TIME.as_secs_f64();
    let run = topology::run(&enrichment, options.parked_rounds(per_s), Pace::PerSecond(per_s))?;
    Ok(Row {
        activities_per_s: Some(run.per_s()),
        cpu_s_per_million: Some(run.cpu_s_per_million()),
        rss_mib: Some(run.rss_mib),
        residence_p50_ms: run.residence(0.5),
        residence_p99_ms: run.residence(0.99),
        residence_at_per_s: Some(per_s),
        parked: Some(run.parked),
        ..Row::new("parked")
    })
}

/// One run.
struct Run {
    activities: u64,
    seconds: f64,
    cpu_s: f64,
    rss_mib: f64,
    /// How many waited at most.
    parked: usize,
    /// How long each stayed, where that was measured.
    residence: Option<hdrhistogram::Histogram<u64>>,
}

impl Run {
    fn per_s(&self) -> f64 {
        self.activities as f64 / self.seconds
    }

    fn cpu_s_per_million(&self) -> f64 {
        self.cpu_s / self.activities as f64 * 1e6
    }

    /// In milliseconds.
    fn residence(&self, quantile: f64) -> Option<f64> {
        let residence = self.residence.as_ref()?;
        Some(residence.value_at_quantile(quantile) as f64 / 1e6)
    }
}

/// An error of the benchmark's own.
fn wrong(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::System(io::Error::other(what))
}
