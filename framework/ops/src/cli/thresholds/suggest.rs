//! `squall thresholds suggest`: bounds that follow from the history, to be read and put into the configuration.

use std::process::ExitCode;

use clap::ArgMatches;
use serde::Serialize;

use super::kept::Kept;
use super::tested::Tested;
use crate::check::CheckSettings;
use crate::cli::print::print;
use crate::cli::{Cli, json};
use crate::instant::Moment;
use crate::store::Series;
use crate::threshold::{Mined, Proposal, Why, propose};
use crate::{StartError, exit};

const ABOUT: &str = "\
# By the hour of the week, in UTC: what is above the median + k * s is too much, what is below median / (1 + k * s / median)
# too little; s is 1.4826 times the median distance to the median, at least 5 % of it. k is the least of 4, 6, 9, 14, 20,
# 30, 45, 70 and 100 at which at most 1 % of the history would have raised.
#
# Read it, change what you know better, and put what is left into the configuration. It mails, and repairs nothing, until
# somebody who stands for a bound adds `promoted_by = \"name\"` to it.
";

/// Prints what history proposes, as TOML.
pub(super) fn suggest(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let said = |name: &str| -> Vec<String> { args.get_many(name).into_iter().flatten().cloned().collect() };
    let [topologies, components, metrics] = ["topology", "component", "metric"].map(said);
    let is_meant = |said: &[String], name: Option<&str>| {
        said.is_empty() || name.is_some_and(|name| said.iter().any(|said| said == name))
    };
    let mut kept = Kept::read(cli, args)?;
    kept.only(|series| {
        is_meant(&topologies, Some(&series.topology))
            && is_meant(&components, series.component.as_deref())
            && is_meant(&metrics, Some(series.metric.name()))
    })?;
    let proposals = proposals(&kept)?;
    if json::is_wanted(args) {
        json::print_object("thresholds", Suggested::new(&kept, &proposals))?;
    } else {
        print(&text(&kept, &proposals))?;
    }
    Ok(exit::OK.into())
}

/// What history says of each series; an error if all of them are too short to say anything.
fn proposals(kept: &Kept) -> Result<Vec<Proposal>, StartError> {
    let proposals = propose(&kept.pasts, &kept.known, &kept.checks);
    if proposals.iter().all(|proposal| matches!(proposal.found, Err(Why::Short { .. }))) {
        return Err(StartError::unavailable(format!(
            "the history in {} is too short to say what is usual ({}): an hour of the week has to be measured in three weeks, for half an hour each; ask again then",
            kept.file.display(),
            kept.reach(),
        )));
    }
    Ok(proposals)
}

/// As it may be put into the configuration.
fn text(kept: &Kept, proposals: &[Proposal]) -> String {
    let head = format!("# Mined from {} ({}).\n#\n{ABOUT}", kept.file.display(), kept.reach());
    let found = proposals.iter().filter(|proposal| proposal.found.is_ok());
    let found: String = found.map(|proposal| format!("\n{proposal}")).collect();
    let without = Proposal::without(proposals);
    format!("{head}{found}{}{without}", if without.is_empty() { "" } else { "\n" })
}

/// The same for programs.
#[derive(Serialize)]
struct Suggested<'a> {
    file: String,
    from: Moment,
    to: Moment,
    bounds: Vec<Suggestion<'a>>,
    without: Vec<Without<'a>>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    name: &'a str,
    /// As it stands in the configuration.
    settings: &'a CheckSettings,
    factor: f64,
    least_median: f64,
    most_median: f64,
    /// Hours of the week at which the widest bound holds, since they have none of their own.
    hours_without: &'a [usize],
    backtest: Tested,
}

#[derive(Serialize)]
struct Without<'a> {
    topology: &'a str,
    component: Option<&'a str>,
    metric: &'static str,
    why: String,
}

impl<'a> Suggested<'a> {
    fn new(kept: &Kept, proposals: &'a [Proposal]) -> Self {
        let bounds = proposals.iter().filter_map(|proposal| {
            let mined = proposal.found.as_ref().ok()?;
            Some(Suggestion::new(&proposal.name, mined))
        });
        let without = proposals.iter().filter_map(|Proposal { series, found, .. }| {
            let Series { topology, component, metric } = series;
            let why = found.as_ref().err()?.to_string();
            Some(Without { topology, component: component.as_deref(), metric: metric.name(), why })
        });
        Self {
            file: kept.file.display().to_string(),
            from: Moment(kept.span.0),
            to: Moment(kept.span.1),
            bounds: bounds.collect(),
            without: without.collect(),
        }
    }
}

impl<'a> Suggestion<'a> {
    fn new(name: &'a str, mined: &'a Mined) -> Self {
        Self {
            name,
            settings: &mined.settings,
            factor: mined.factor,
            least_median: mined.medians.0,
            most_median: mined.medians.1,
            hours_without: &mined.gaps,
            backtest: Tested::new(&mined.backtest),
        }
    }
}
