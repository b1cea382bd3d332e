//! What a caller asks for, checked.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use squall_ops::Problem;

use crate::api::draft;
use crate::destination::Destinations;
use crate::recurrence::{self, Recurrence};
use crate::series::{NewSeries, Series};
use crate::when::Fault;

/// A series as it is asked for; nothing of it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeriesDraft {
    /// Whose messages they are.
    pub account: Option<String>,
    /// The name of a destination.
    pub destination: Option<String>,
    /// What each of them says.
    pub text: Option<String>,
    /// When they are sent, such as `0 9 * * MON-FRI`.
    pub cron: Option<String>,
    /// The name of the zone in the IANA database whose clocks `cron` is about.
    pub zone: Option<String>,
    /// What to make of occurrences that an outage left unmade: `all`, `latest` or `skip`.
    pub catch_up: Option<String>,
    /// The instant, or the wall time in `zone`, before which it does not run.
    pub from: Option<String>,
    /// The instant, or the wall time in `zone`, after which it does not run.
    pub until: Option<String>,
    /// After how many messages it ends.
    pub count: Option<u32>,
    /// How late each message may be sent, such as `10m`.
    pub not_after: Option<String>,
}

/// The schedule of a series alone, to see what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleDraft {
    /// When it runs.
    pub cron: Option<String>,
    /// Whose clocks it follows.
    pub zone: Option<String>,
    /// Before which it does not run.
    pub from: Option<String>,
    /// After which it does not run.
    pub until: Option<String>,
    /// After how many occurrences it ends.
    pub count: Option<u32>,
}

/// What is to be different; what may be absent is taken away by `null`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeriesEdit {
    /// What each message says from now on.
    pub text: Option<String>,
    /// When they are sent.
    pub cron: Option<String>,
    /// Whose clocks `cron` is about.
    pub zone: Option<String>,
    /// What to make of occurrences that an outage left unmade.
    pub catch_up: Option<String>,
    /// Before which it does not run.
    #[serde(default, deserialize_with = "given")]
    pub from: Option<Option<String>>,
    /// After which it does not run.
    #[serde(default, deserialize_with = "given")]
    pub until: Option<Option<String>>,
    /// After how many messages it ends.
    #[serde(default, deserialize_with = "given")]
    pub count: Option<Option<u32>>,
    /// How late each message may be sent.
    #[serde(default, deserialize_with = "given")]
    pub not_after: Option<Option<String>>,
}

/// Tells a field that is null from one that is not there.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

impl SeriesDraft {
    /// Makes a series of it that can be stored.
    ///
    /// # Errors
    ///
    /// A 422 that names everything that is wrong with it at once.
    pub fn check(
        self,
        now: Timestamp,
        destinations: &Destinations,
        zones: &TimeZoneDatabase,
    ) -> Result<NewSeries, Problem> {
        let schedule = recurrence::Asked {
            cron: self.cron,
            zone: self.zone,
            catch_up: self.catch_up,
            from: self.from,
            until: self.until,
            count: self.count,
        };
        let content = draft::content(self.account, self.destination, self.text, destinations);
        let recurrence = schedule.check(now, zones);
        let not_after = self.not_after.as_deref().map(late).transpose();
        match (content, recurrence, not_after) {
            (Ok((account, destination, text)), Ok(recurrence), Ok(not_after)) => {
                Ok(NewSeries { account, destination, text, recurrence, not_after })
            }
            (content, recurrence, not_after) => {
                let not_after = not_after.err().map(|detail| ("/not_after", detail));
                let faults = content.err().into_iter().chain(recurrence.err()).flatten().chain(not_after);
                Err(problem("The series cannot be stored.", faults))
            }
        }
    }
}

impl ScheduleDraft {
    /// Makes a schedule of it.
    ///
    /// # Errors
    ///
    /// A 422 that names everything that is wrong with it at once.
    pub fn check(self, now: Timestamp, zones: &TimeZoneDatabase) -> Result<Recurrence, Problem> {
        let Self { cron, zone, from, until, count } = self;
        let asked = recurrence::Asked { cron, zone, catch_up: None, from, until, count };
        asked.check(now, zones).map_err(|faults| problem("The series cannot run like that.", faults))
    }
}

impl SeriesEdit {
    /// What the series is to be, as if it were asked for anew.
    pub fn over(self, series: &Series) -> SeriesDraft {
        let instant = |instant: Option<Timestamp>| instant.map(|instant| instant.to_string());
        let late = series.not_after.map(|late| humantime::format_duration(late).to_string());
        SeriesDraft {
            account: Some(series.account.clone()),
            destination: Some(series.destination.clone()),
            text: self.text.or_else(|| Some(series.text.clone())),
            cron: self.cron.or_else(|| Some(series.cron.clone())),
            zone: self.zone.or_else(|| Some(series.zone.clone())),
            catch_up: self.catch_up.or_else(|| Some(series.catch_up.name().to_owned())),
            from: self.from.unwrap_or_else(|| instant(series.from)),
            until: self.until.unwrap_or_else(|| instant(series.until)),
            count: self.count.unwrap_or(series.count),
            not_after: self.not_after.unwrap_or(late),
        }
    }
}

/// Reads how late a message may be, in whole microseconds.
fn late(text: &str) -> Result<Duration, String> {
    const EXPECTED: &str = "expected how late each message may be sent, such as \"10m\"";
    /// A century, in seconds.
    const MOST: u64 = 100 * 366 * 24 * 60 * 60;

    let late = humantime::parse_duration(text).map_err(|error| format!("{error}; {EXPECTED}"))?;
    if late.as_secs() > MOST {
        return Err(format!("is longer than a century; {EXPECTED}"));
    }
    Ok(Duration::new(late.as_secs(), late.subsec_micros() * 1_000))
}

fn problem(detail: &str, faults: impl IntoIterator<Item = Fault>) -> Problem {
    faults.into_iter().fold(Problem::unprocessable(detail), |problem, (at, detail)| problem.fault(at, detail))
}
