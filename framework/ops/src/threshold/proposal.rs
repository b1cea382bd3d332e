//! [`Proposal`]: what history says of a series: a check to look at, or why there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use super::backtest::{Backtest, Raise};
use super::hours::stretches;
use super::mined::Mined;
use super::name::name;
use super::past::Past;
use super::side::Side;
use super::table::table;
use super::why::Why;
use crate::check::{self, AllSettings, Amount, Known};
use crate::store::Series;

/// What history says of a series: a check to look at, or why there is none.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    /// The name that the check would have.
    pub(crate) name: String,
    pub(crate) series: Series,
    pub(crate) found: Result<Mined, Why>,
}

/// What history says of each series. What the configuration would refuse is not proposed, and what stands there under
/// the same name is left alone.
pub(crate) fn propose(pasts: &BTreeMap<Series, Past>, known: &Known, there: &AllSettings) -> Vec<Proposal> {
    let mut names = BTreeSet::new();
    let of = |(series, past): (&Series, &Past)| {
        let mut name = name(series);
        while !names.insert(name.clone()) {
            // Two names that differ in signs only that no check may have.
            name.push('_');
        }
        let found = if there.contains_key(&name) {
            Err(Why::Taken)
        } else {
            Mined::of(series, Side::of(series.metric), past).and_then(|mined| accepted(&name, mined, known))
        };
        Proposal { name, series: series.clone(), found }
    };
    pasts.iter().map(of).collect()
}

/// What `squall validate` would refuse is no proposal.
fn accepted(name: &str, mined: Mined, known: &Known) -> Result<Mined, Why> {
    let all = AllSettings::from([(name.to_owned(), mined.settings.clone())]);
    known.faults(&all).into_iter().next().map_or(Ok(mined), |(_, why)| Err(Why::Refused(why)))
}

/// The tables to write into the file, with what a person has to know of them as comments.
impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metric = &self.series.metric;
        let place = self.place();
        let mined = match &self.found {
            Ok(mined) => mined,
            Err(why) => {
                return f.write_str(&comment(&format!("{place}: no bound for {}: {why}.", metric.name())));
            }
        };
        let unit = check::unit(*metric);
        let amount = |value| Amount { value, unit };
        let (least, most) = (amount(mined.medians.0), amount(mined.medians.1));
        let name = metric.name();
        f.write_str(&comment(&format!(
            "{place}: {name} is usually {least} to {most}; k = {}.",
            mined.factor
        )))?;
        f.write_str(&comment(&format!("It {}.", Told { test: &mined.backtest, unit })))?;
        if !mined.gaps.is_empty() {
            let gaps = stretches(&mined.gaps);
            let why = "Too little is known of these hours, so that the widest bound holds there";
            f.write_str(&comment(&format!("{why}: {gaps}.")))?;
        }
        f.write_str(&table(&self.name, &mined.settings))
    }
}

impl Proposal {
    /// The series without a bound, as comments: one line for those of a place that have none for one reason.
    pub(crate) fn without(proposals: &[Self]) -> String {
        let mut lines: Vec<(String, String, Vec<&str>)> = Vec::new();
        for proposal in proposals {
            let Err(why) = &proposal.found else { continue };
            let (place, why, name) = (proposal.place(), why.to_string(), proposal.series.metric.name());
            match lines.iter_mut().find(|line| line.0 == place && line.1 == why) {
                Some((.., names)) => names.push(name),
                None => lines.push((place, why, vec![name])),
            }
        }
        let line = |(place, why, names): (String, String, Vec<&str>)| {
            comment(&format!("{place}: no bound for {}: {why}.", names.join(", ")))
        };
        lines.into_iter().map(line).collect()
    }

    fn place(&self) -> String {
        let Series { topology, component, .. } = &self.series;
        component.as_ref().map_or_else(|| topology.clone(), |of| format!("{topology}, {of}"))
    }
}

/// A name with an end of line in it would be something else in the file than a comment.
fn comment(text: &str) -> String {
    let text: String = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    format!("# {text}\n")
}

/// A backtest as the end of a sentence.
struct Told<'a> {
    test: &'a Backtest,
    unit: &'static str,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (times, share) = (self.test.raises.len(), self.test.share() * 100.0);
        let Some(last) = self.test.raises.last() else {
            return write!(f, "would never have raised in {} minutes", self.test.minutes);
        };
        let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
        write!(f, "would have raised {times}, in {share:.2} % of {} minutes, ", self.test.minutes)?;
        let worst = Amount { value: last.worst, unit: self.unit };
        let at = humantime::format_rfc3339_seconds(last.at());
        write!(f, "last at {at} for {} min, with {worst} at worst", last.minutes)
    }
}

impl Raise {
    /// When it began.
    pub(crate) fn at(&self) -> std::time::SystemTime {
        UNIX_EPOCH + Duration::from_secs(u64::try_from(self.since).unwrap_or_default() * 60)
    }
}
