//! What the `squall` binary runs.

use std::fmt::Display;
use std::fs;
use std::sync::Arc;
use std::time::Instant;

use squall_connect::ndjson::{LineOutput, RotatingOutput};
use squall_ops::{App, Flags, Launch, Prepared, Section, StartError};
use squall_topology::settings::Size;

use crate::card::card;
use crate::checks::checks;
use crate::overload::{self, Metrics};
use crate::pipeline::{NAME, Pipeline};
use crate::settings::{SECTION, Settings};
use crate::sink::nowhere;
use crate::summary::summary;
use crate::{Letters, Overload, Sink, Source, SourceSettings, Tally};

/// The folder of what this topology keeps, in the data directory.
pub(crate) const FOLDER: &str = "enrichment";

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
        vec![Section::of::<Settings>(SECTION)]
    }

    fn prepare(&self, launch: &mut Launch<'_>) -> Result<Prepared, StartError> {
        let settings: Settings = launch.config().section_or_default(SECTION);
        if !launch.is_dry() {
            settings.enricher.open().map_err(StartError::config)?;
        }
        Chosen::of(&settings, launch)?.prepared(&settings)
    }
}

/// What the configuration and the flags have chosen.
struct Chosen {
    source: Source,
    sink: Sink,
    letters: Letters,
    tally: Arc<Tally>,
    banner: Vec<String>,
    /// Where activities go, in words.
    place: String,
}

impl Chosen {
    fn of(settings: &Settings, launch: &mut Launch<'_>) -> Result<Self, StartError> {
        let input = launch.flags().one::<String>("input").cloned();
        let output = launch.flags().one::<String>("output").cloned();
        refuse_same_file(input.as_deref(), output.as_deref())?;
        let from = match &input {
            Some(path) => settings.source.reading(path),
            None => settings.source.0.clone(),
        };
        let output = output.or_else(|| (input.is_some() && settings.sink.is_none()).then(|| "-".to_owned()));
        refuse_endless(&from, output.as_deref())?;
        let source = from.open(launch)?;
        let tally = Arc::new(Tally::default());
        let (sink, place) = match output {
            Some(output) => named(&output, &source, &tally, launch)?,
            None => settings.sink().open(&source, &tally, launch)?,
        };
        let source = source.behind(&sink);
        let (letters, buried) = letters(settings, &from, launch)?;
        let mut banner = Vec::new();
        if input.is_none() {
            banner.push(from.words());
            banner.push(format!("writes to {place}"));
            banner.extend(buried.map(|place| format!("puts dead letters into {place}")));
        }
        Ok(Self { source, sink, letters, tally, banner, place })
    }

    fn prepared(self, settings: &Settings) -> Result<Prepared, StartError> {
        let Self { source, sink, letters, tally, banner, place } = self;
        let (room, capacity) = (settings.park.room(), settings.capacity());
        let limit = capacity.limit().map(|limit| u64::from(limit.get()));
        let overload = Overload::new(&tally, &room, &settings.enricher, limit);
        source.tell(&overload);
        let pipeline = Pipeline::new(&source, &settings.enricher, &room, &sink, &tally);
        let plan = pipeline.capacity(capacity).dead_letters(letters).plan().map_err(StartError::failed)?;
        let mut prepared = shown(Prepared::new(plan), &tally, &overload, &sink)?;
        for line in banner {
            prepared = prepared.banner(line);
        }
        let Some(lines) = source.lines().cloned() else { return Ok(prepared) };
        let started = Instant::now();
        Ok(prepared.summary(move |_| summary(started, &place, &sink, &lines, &tally)))
    }
}

/// The output that `--output` names.
fn named(
    output: &str,
    source: &Source,
    tally: &Arc<Tally>,
    launch: &Launch<'_>,
) -> Result<(Sink, String), StartError> {
    let place = if output == "-" { "standard output" } else { output }.to_owned();
    let lines = match launch.is_dry() {
        true => nowhere(),
        false => LineOutput::open(output).map_err(StartError::unavailable)?,
    };
    Ok((Sink::of(lines, source, tally), place))
}

/// Where dead letters go, and that in words. A source that ends with its input names them on standard error; it needs no
/// data directory for that.
fn letters(
    settings: &Settings,
    from: &SourceSettings,
    launch: &mut Launch<'_>,
) -> Result<(Letters, Option<String>), StartError> {
    let said = settings.dead_letters.as_ref().map(|part| part.0.clone());
    let letters = match (said, from) {
        (Some(said), _) => said,
        (None, SourceSettings::Lines(_) | SourceSettings::Generator(_)) => {
            return Ok((Letters::Nowhere, None));
        }
        (None, _) => crate::LettersSettings::default(),
    };
    #[cfg(feature = "kafka")]
    let opened = letters.open((from, settings.sink.as_deref()), launch);
    #[cfg(not(feature = "kafka"))]
    let opened = letters.open(launch);
    opened.map(|(letters, place)| (letters, Some(place)))
}

/// Rotated segments in the data directory, none in a dry launch, and where they are, in words.
pub(crate) fn rotating(
    launch: &mut Launch<'_>,
    name: &str,
    cap: Size,
) -> Result<(Option<RotatingOutput>, String), StartError> {
    let is_dry = launch.is_dry();
    let folder = launch.data_dir()?.join(FOLDER);
    let place = format!("{}, {cap} at most", folder.join(format!("{name}-*.ndjson")).display());
    if is_dry {
        return Ok((None, place));
    }
    let segments = RotatingOutput::open(&folder, name, cap.bytes()).map_err(StartError::unavailable)?;
    Ok((Some(segments), place))
}

/// What the table `[enrichment.KEY]` says does not hold. In a dry launch that is told with its place, together with
/// whatever else is wrong, and `instead` takes its place in the plan.
pub(crate) fn refused<T>(
    launch: &mut Launch<'_>,
    key: &str,
    why: &dyn Display,
    instead: T,
) -> Result<T, StartError> {
    if !launch.is_dry() {
        return Err(StartError::config(format!("[{SECTION}.{key}]: {why}")));
    }
    launch.config().refuse(&[SECTION, key], why.to_string());
    Ok(instead)
}

/// What the topology shows of itself: the card, the checks, what it tells programs and Prometheus.
fn shown(
    prepared: Prepared,
    tally: &Arc<Tally>,
    overload: &Overload,
    sink: &Sink,
) -> Result<Prepared, StartError> {
    let metrics = Metrics::new(overload).map_err(StartError::failed)?;
    let prepared = prepared
        .card(card(tally, overload, sink, Instant::now()))
        .collector(metrics)
        .operations(overload::operations(overload));
    Ok(checks(tally, overload).into_iter().fold(prepared, Prepared::check))
}

/// The output replaces its file at the end: that must not be the input.
fn refuse_same_file(input: Option<&str>, output: Option<&str>) -> Result<(), StartError> {
    let (Some(input), Some(output)) = (input, output) else { return Ok(()) };
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

/// A file gets its name when it is whole, which it never is where the source has no end.
fn refuse_endless(from: &SourceSettings, output: Option<&str>) -> Result<(), StartError> {
    match (from, output) {
        (SourceSettings::Lines(_), _) | (_, None | Some("-")) => Ok(()),
        (_, Some(file)) => Err(StartError::usage(format!(
            "--output {file} needs --input: generated events have no end, and go to rotated files in the data \
             directory, or to standard output with --output -",
        ))),
    }
}
