//! Counts the processor's instructions in the hot loops, and compares them with those in `counts.toml`.
//!
//! Time differs from run to run and from machine to machine; instructions do not. Each case runs on one thread under
//! virtual time in valgrind, once with some tuples and once with more: the difference is what the tuples took.
//!
//! `check` compares, and sees what it costs to measure latencies; `record` writes the file anew; `run CASE TUPLES` is what
//! valgrind runs, with `unmeasured` behind it without latencies.

mod case;
mod cost;
mod counts;
mod topology;
mod valgrind;
mod verdict;

use std::{env, error::Error, process::ExitCode};

use case::Case;
use cost::Cost;
use counts::Counts;
use verdict::Verdict;

/// What may go wrong is told to a person and handled by nobody.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The exit code of `check` when the counts cannot be compared: another compiler makes other instructions.
const CANNOT_COMPARE: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["check"] => check(),
        ["record"] => record(),
        ["run", case, tuples] => run(case, tuples, true),
        ["run", case, tuples, UNMEASURED] => run(case, tuples, false),
        _ => Err("expected `check`, `record` or `run CASE TUPLES [unmeasured]`".into()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn check() -> Result<ExitCode> {
    let recorded = Counts::read()?;
    let measured = Counts::measure()?;
    let verdicts: Vec<Verdict> = measured.verdicts(&recorded).collect();
    for verdict in &verdicts {
        println!("{verdict}");
    }
    let costs = measured.costs()?;
    for cost in &costs {
        println!("{cost}");
    }
    if !costs.iter().all(Cost::is_accepted) {
        println!("Measure latencies with fewer instructions: no record accepts this.");
        return Ok(ExitCode::FAILURE);
    }
    if let Some(why) = measured.differs_from(&recorded) {
        println!("Not compared: {why}. `{ACCEPT}` records these counts.");
        return Ok(ExitCode::from(CANNOT_COMPARE));
    }
    if verdicts.iter().all(Verdict::is_accepted) {
        return Ok(ExitCode::SUCCESS);
    }
    println!("Bring the counts back, or accept them with `{ACCEPT}`, and say in the commit what they buy.");
    Ok(ExitCode::FAILURE)
}

/// The word for a run without latencies.
const UNMEASURED: &str = "unmeasured";

/// How counts are accepted.
const ACCEPT: &str = "bash .ci/instructions.sh record";

fn record() -> Result<ExitCode> {
    let measured = Counts::measure()?;
    measured.write()?;
    print!("{measured}");
    Ok(ExitCode::SUCCESS)
}

fn run(name: &str, tuples: &str, latencies: bool) -> Result<ExitCode> {
    let case = Case::named(name)?;
    topology::run(case, tuples.parse()?, latencies)?;
    Ok(ExitCode::SUCCESS)
}
