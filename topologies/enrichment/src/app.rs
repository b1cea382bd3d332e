//! What the `squall` binary runs.

use std::fs;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

use squall_connect::ndjson::{LineOutput, LineSource, RotatingOutput};
use squall_ops::{App, Flags, Launch, Prepared, Section, StartError};

use crate::bolts::Sink;
use crate::card::card;
use crate::checks::rejects;
use crate::pipeline::{NAME, Source, plan};
use crate::settings::Settings;
use crate::summary::summary;
use crate::{Feed, Tally};

/// The folder of the generated events, in the data directory.
const FOLDER: &str = "enrichment";

/// What their segments are called.
const SEGMENTS: &str = "activities";

/// The topology `enrichment`, for the command line.
#[derive(Clone, Copy, Debug)]
pub struct Enrichment;

impl App for Enrichment {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Adds to activities what enrichers find out about them, NDJSON in and out"
    }

    fn run_args(&self) -> Vec<clap::Arg> {
        vec![
            clap::Arg::new("input").long("input").value_name("FILE").help(
                "enrichment: read activities from FILE, one JSON object a line (- for standard input), and end with it",
            ),
            clap::Arg::new("output")
                .long("output")
                .value_name("FILE")
                .help("enrichment: write them to FILE (- for standard output, the default with --input)"),
        ]
    }

    fn is_finite(&self, flags: Flags<'_>) -> bool {
        flags.one::<String>("input").is_some()
    }

    fn sections(&self) -> Vec<Section> {
        vec![Section::of::<Settings>("enrichment")]
    }

    fn prepare(&self, launch: &mut Launch<'_>) -> Result<Prepared, StartError> {
        let settings: Settings = launch.config().section_or_default("enrichment");
        let input = launch.flags().one::<String>("input").cloned();
        let output = launch.flags().one::<String>("output").cloned();
        if !launch.is_dry() {
            settings.enricher.open().map_err(StartError::config)?;
        }
        match input {
            Some(input) => from_lines(&settings, &input, output.as_deref().unwrap_or("-"), launch.is_dry()),
            None => from_generator(&settings, output.as_deref(), launch),
        }
    }
}

/// A run that ends with its input.
fn from_lines(settings: &Settings, input: &str, output: &str, is_dry: bool) -> Result<Prepared, StartError> {
    refuse_same_file(input, output)?;
    let tally = Arc::new(Tally::default());
    if is_dry {
        let source = LineSource::new(input, std::io::empty());
        let nowhere = LineOutput::stream("nowhere", std::io::sink());
        let sink = Sink::finite(nowhere, Arc::clone(&tally), source.clone());
        return prepared(&Source::Lines(source), settings, &sink, &tally);
    }
    let source = LineSource::open(input)
        .map_err(|error| StartError::unavailable(format!("cannot read {input}: {error}")))?
        .limit(usize::try_from(settings.line_limit.bytes()).unwrap_or(usize::MAX))
        .attempts(u32::try_from(settings.attempts).unwrap_or(u32::MAX));
    let lines = LineOutput::open(output).map_err(StartError::unavailable)?;
    let sink = Sink::finite(lines, Arc::clone(&tally), source.clone());
    let prepared = prepared(&Source::Lines(source.clone()), settings, &sink, &tally)?;
    let output = if output == "-" { "standard output" } else { output }.to_owned();
    let started = Instant::now();
    Ok(prepared.summary(move |_| summary(started, &output, &sink, &source, &tally)))
}

/// A run without an end, over generated events.
fn from_generator(
    settings: &Settings,
    output: Option<&str>,
    launch: &mut Launch<'_>,
) -> Result<Prepared, StartError> {
    let tally = Arc::new(Tally::default());
    let rate = u32::try_from(settings.rate).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    let source = Source::Feed(Feed::new(settings.seed, rate));
    let (lines, place) = match output {
        Some("-") => (LineOutput::stdout(), "standard output".to_owned()),
        Some(file) => {
            return Err(StartError::usage(format!(
                "--output {file} needs --input: generated events have no end, and go to rotated files in the data \
                 directory, or to standard output with --output -",
            )));
        }
        None => rotating(settings, launch)?,
    };
    let sink = Sink::endless(lines, Arc::clone(&tally));
    Ok(prepared(&source, settings, &sink, &tally)?
        .banner(format!("generates {rate} events a second (--input FILE reads yours)"))
        .banner(format!("writes to {place}")))
}

fn rotating(settings: &Settings, launch: &mut Launch<'_>) -> Result<(LineOutput, String), StartError> {
    let cap = settings.output_cap;
    let is_dry = launch.is_dry();
    let folder = launch.data_dir()?.join(FOLDER);
    let place = format!("{}, {cap} at most", folder.join(format!("{SEGMENTS}-*.ndjson")).display());
    if is_dry {
        return Ok((LineOutput::stream("nowhere", std::io::sink()), place));
    }
    let segments = RotatingOutput::open(&folder, SEGMENTS, cap.bytes()).map_err(StartError::unavailable)?;
    Ok((LineOutput::Rotating(segments), place))
}

fn prepared(
    source: &Source,
    settings: &Settings,
    sink: &Sink,
    tally: &Arc<Tally>,
) -> Result<Prepared, StartError> {
    let room = settings.park.room();
    let plan = plan(source, &settings.enricher, &room, sink, tally).map_err(StartError::failed)?;
    Ok(Prepared::new(plan).card(card(tally, Instant::now())).check(rejects(tally)))
}

/// The output replaces its file at the end: that must not be the input.
fn refuse_same_file(input: &str, output: &str) -> Result<(), StartError> {
    if input == "-" || output == "-" {
        return Ok(());
    }
    match (fs::canonicalize(input), fs::canonicalize(output)) {
        (Ok(input), Ok(output)) if input == output && input.is_file() => Err(StartError::config(format!(
            "--input and --output are the same file, {}: name another output",
            input.display(),
        ))),
        _ => Ok(()),
    }
}
