//! `squall thresholds show`: the bounds that hold, beside what history says now.

use std::process::ExitCode;
use std::time::SystemTime;

use clap::ArgMatches;
use serde::Serialize;

use super::kept::Kept;
use super::tested::Tested;
use crate::check::{self, Amount, CheckSettings, hour_of_week};
use crate::cli::print::print;
use crate::cli::table::{Cell, Table};
use crate::cli::{Cli, json};
use crate::instant::Moment;
use crate::show::UNKNOWN;
use crate::store::Series;
use crate::threshold::{Backtest, Drift, Mined, Past, Side, Why, hour_name};
use crate::{StartError, exit};

/// How many of the times at which a bound would have raised are told to people; programs are told all.
const LAST: usize = 3;

/// Prints the bounds that hold for what history keeps.
pub(super) fn show(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    let kept = Kept::read(cli, args)?;
    let now = SystemTime::now();
    let held: Vec<Held<'_>> =
        kept.checks.iter().filter_map(|(name, check)| Held::new(name, check, &kept)).collect();
    if json::is_wanted(args) {
        let checks = held.iter().map(|held| held.object(hour_of_week(now))).collect();
        let shown = Shown {
            file: kept.file.display().to_string(),
            from: Moment(kept.span.0),
            to: Moment(kept.span.1),
            checks,
        };
        json::print_object("thresholds-in-force", shown)?;
    } else {
        print(&text(&kept, &held, hour_of_week(now)))?;
    }
    Ok(exit::OK.into())
}

/// A check of the configuration whose number history keeps.
pub(super) struct Held<'a> {
    name: &'a str,
    check: &'a CheckSettings,
    unit: &'static str,
    history: Result<Mined, Why>,
    drift: Option<Drift>,
    test: Backtest,
}

impl<'a> Held<'a> {
    /// `None` if it names no series: it changes a check that is there without it.
    fn new(name: &'a str, check: &'a CheckSettings, kept: &Kept) -> Option<Self> {
        let (metric, topology, side) = (check.metric?, check.topology.clone()?, Side::of_settings(check)?);
        let series = Series { topology, component: check.component.clone(), metric };
        let none = Past::default();
        let past = kept.pasts.get(&series).unwrap_or(&none);
        let history = Mined::of(&series, side, past);
        let drift = history.as_ref().ok().and_then(|mined| Drift::of(check, &mined.settings));
        Some(Self { name, check, unit: check::unit(metric), history, drift, test: Backtest::of(check, past) })
    }

    /// Who stands for its bound.
    fn stands(&self) -> String {
        match &self.check.promoted_by {
            _ if self.check.off => "off".to_owned(),
            _ if self.check.is_only_mined() => "mined: mails only".to_owned(),
            Some(who) => format!("mined, promoted by {who}"),
            None => "written by hand".to_owned(),
        }
    }

    fn amount(&self, value: f64) -> Amount<'_> {
        Amount { value, unit: self.unit }
    }

    fn row(&self, hour: usize) -> [Cell; 6] {
        let bound = |check: &CheckSettings| {
            let bound = check.week().nth(hour).flatten();
            bound.map_or_else(|| UNKNOWN.to_owned(), |bound| self.amount(bound.value()).to_string())
        };
        let side = if self.check.above.is_some() { "above" } else { "below" };
        let history =
            self.history.as_ref().map_or_else(|_| UNKNOWN.to_owned(), |mined| bound(&mined.settings));
        [
            Cell::text(self.name),
            Cell::text(self.stands()),
            Cell::number(format!("{side} {}", bound(self.check))),
            Cell::number(history),
            Cell::number(self.test.raises.len().to_string()),
            Cell::number(format!("{:.2} %", self.test.share() * 100.0)),
        ]
    }

    /// What stands below the table: where it is furthest from history, and when it would have raised last.
    fn notes(&self) -> String {
        let mut notes = String::new();
        match (&self.history, self.drift) {
            (Err(why), _) => notes.push_str(&format!("{}: history proposes no bound: {why}\n", self.name)),
            (Ok(_), Some(drift)) => notes.push_str(&format!(
                "{}: furthest from history at {}: {} holds, history says {}\n",
                self.name,
                hour_name(drift.hour_of_week),
                self.amount(drift.in_force),
                self.amount(drift.history),
            )),
            (Ok(_), None) => {}
        }
        for raise in self.test.raises.iter().rev().take(LAST) {
            let at = humantime::format_rfc3339_seconds(raise.at());
            let worst = self.amount(raise.worst);
            notes.push_str(&format!(
                "{}: would have raised at {at} for {} min, with {worst} at worst\n",
                self.name, raise.minutes
            ));
        }
        notes
    }

    fn object(&self, hour: usize) -> Object<'_> {
        Object {
            name: self.name,
            settings: self.check,
            stands: self.stands(),
            bound: self.check.week().nth(hour).flatten().map(|bound| bound.value()),
            history: self.history.as_ref().ok().map(|mined| &mined.settings),
            why_not: self.history.as_ref().err().map(Why::to_string),
            drift: self.drift,
            backtest: Tested::new(&self.test),
        }
    }
}

fn text(kept: &Kept, held: &[Held<'_>], hour: usize) -> String {
    let head = format!("Held against {} ({})\n\n", kept.file.display(), kept.reach());
    if held.is_empty() {
        return format!(
            "{head}No check of the configuration is about a number that history keeps; `thresholds suggest` proposes some.\n"
        );
    }
    let mut table = Table::default();
    table.row(["check", "bound", "now", "history says", "would have raised", "share"].map(Cell::text));
    held.iter().for_each(|held| table.row(held.row(hour)));
    let notes: String = held.iter().map(Held::notes).collect();
    format!("{head}{}{}{notes}", table.in_lines(), if notes.is_empty() { "" } else { "\n" })
}

#[derive(Serialize)]
struct Shown<'a> {
    file: String,
    from: Moment,
    to: Moment,
    checks: Vec<Object<'a>>,
}

/// A check, for programs.
#[derive(Serialize)]
struct Object<'a> {
    name: &'a str,
    /// As it stands in the configuration.
    settings: &'a CheckSettings,
    stands: String,
    /// What holds in this hour of the week.
    bound: Option<f64>,
    /// What history would have written there.
    history: Option<&'a CheckSettings>,
    why_not: Option<String>,
    drift: Option<Drift>,
    backtest: Tested,
}
