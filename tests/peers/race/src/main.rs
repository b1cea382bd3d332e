//! Runs Storm, timely and Squall in turn on the same processors, and compares.

mod about;
mod asked;
mod child;
mod contestant;
mod field;
mod flows;
mod places;
mod plan;
mod plot;
mod prepare;
mod rates;
mod record;
mod report;
mod spread;
mod storm;
mod sweep;
mod table;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

use places::Places;
use plan::Plan;
use record::Record;

/// What may go wrong in a race is told to a person and handled by nobody.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Runs Storm, timely and Squall in turn on the same processors, and compares.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Everything, at full length (some 18 minutes); rewrites results/ and RESULTS.md
    Full,
    /// Everything, too short to mean anything (some 2 minutes); only prints
    Quick,
    /// Finds the settings under which Storm does best (some 15 minutes); rewrites storm/tuned.json
    Sweep,
    /// Writes RESULTS.md and the plots anew from results/race.json
    Report,
}

fn main() -> ExitCode {
    match run(&Arguments::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(what: &What) -> Result<()> {
    let places = Places::find();
    match what {
        What::Full => {
            let record = race(&places, &Plan::full())?;
            record.write(&places.record())?;
            report::write(&record, &places)?;
            println!("\nWritten to {}.", places.report().display());
        }
        What::Quick => {
            let record = race(&places, &Plan::quick())?;
            record.write(&places.built().join("quick.json"))?;
            println!("\nThese numbers mean nothing: far too short. `make peers` measures.");
        }
        What::Sweep => {
            prepare::all(&places)?;
            sweep::run(&places)?;
        }
        What::Report => report::write(&Record::read(&places.record())?, &places)?,
    }
    Ok(())
}

fn race(places: &Places, plan: &Plan) -> Result<Record> {
    prepare::all(places)?;
    let tuned = storm::Tuned::read(&places.tuned())?;
    let about = about::About::now(places, plan)?;
    let mut flows = Vec::new();
    for case in plan.cases {
        flows.extend(flows::race(case, false, plan, places, &tuned)?);
        flows.extend(flows::race(case, true, plan, places, &tuned)?);
    }
    let rates = rates::race(plan, places, &tuned)?;
    let record = Record { about, flows, rates };
    println!("\n{}", table::everything(&record));
    Ok(record)
}
