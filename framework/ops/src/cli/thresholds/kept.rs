//! [`Kept`]: the history that a process has left, and what the configuration knows.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::ArgMatches;

use crate::check::{AllSettings, Known};
use crate::cli::Cli;
use crate::settings::{self, Mode, Settings};
use crate::store::{Series, Store};
use crate::threshold::Past;
use crate::{App, StartError};

/// The history that a process has left, and what the configuration knows.
pub(super) struct Kept {
    pub(super) file: PathBuf,
    /// The beginning of its first hour, and the end of its last.
    pub(super) span: (SystemTime, SystemTime),
    pub(super) pasts: BTreeMap<Series, Past>,
    pub(super) known: Known,
    pub(super) checks: AllSettings,
}

impl Kept {
    /// Reads the configuration, and the file in its data directory; another process may be writing it.
    pub(super) fn read(cli: &Cli, args: &ArgMatches) -> Result<Self, StartError> {
        let (mut settings, mut loaded) = Settings::read(args)?;
        let all: Vec<&dyn App> = cli.apps.iter().map(AsRef::as_ref).collect();
        let mode = Mode { listen: None, named: false, dry: true };
        let ready = settings.prepare(&mut loaded, &cli.apps, &all, mode)?;
        let known = settings::known(&cli.apps, &ready);
        let data_dir = settings.data_dir.path();
        let file = Store::file(data_dir);
        if !file.exists() {
            return Err(StartError::unavailable(format!(
                "there is no history at {}: a process writes it there once a minute while it runs with this data directory; name another one with --data-dir",
                file.display()
            )));
        }
        let rows =
            settings.system.block_on(async { Store::open_to_read(data_dir).await?.hours(0, i64::MAX).await });
        let pasts = Past::of_all(rows.map_err(StartError::unavailable)?);
        let span = span(&pasts).ok_or_else(|| {
            StartError::unavailable(format!(
                "the history in {} is empty: a process writes numbers there once a minute; ask again when it has run for three weeks",
                file.display()
            ))
        })?;
        Ok(Self { file, span, pasts, known, checks: loaded.checks })
    }

    /// Keeps only the series that are wanted.
    pub(super) fn only(&mut self, wanted: impl Fn(&Series) -> bool) -> Result<(), StartError> {
        let mut places: Vec<String> = self.pasts.keys().map(place).collect();
        places.dedup();
        self.pasts.retain(|series, _| wanted(series));
        if self.pasts.is_empty() {
            let places = places.join(", ");
            return Err(StartError::usage(format!(
                "no series of the history is meant; it has those of: {places}"
            )));
        }
        Ok(())
    }

    /// How long it is, in days.
    pub(super) fn days(&self) -> f64 {
        self.span.1.duration_since(self.span.0).unwrap_or_default().as_secs_f64() / 86_400.0
    }

    /// From when to when it reaches, for people.
    pub(super) fn reach(&self) -> String {
        let [from, to] = [self.span.0, self.span.1].map(humantime::format_rfc3339_seconds);
        format!("{from} to {to}, {:.1} days", self.days())
    }
}

/// `word-count`, or `word-count/split`.
fn place(series: &Series) -> String {
    series
        .component
        .as_ref()
        .map_or_else(|| series.topology.clone(), |of| format!("{}/{of}", series.topology))
}

fn span(pasts: &BTreeMap<Series, Past>) -> Option<(SystemTime, SystemTime)> {
    let spans = || pasts.values().filter_map(Past::span);
    let first = spans().map(|(first, _)| first).min()?;
    let last = spans().map(|(_, last)| last).max()?;
    let at = |hour: i64| UNIX_EPOCH + Duration::from_secs(u64::try_from(hour).unwrap_or_default() * 3_600);
    Some((at(first), at(last + 1)))
}
