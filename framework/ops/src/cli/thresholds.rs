//! `squall thresholds`: bounds that follow from what was measured, for people to look at.

#[cfg(feature = "history")]
mod kept;
#[cfg(feature = "history")]
mod show;
#[cfg(feature = "history")]
mod suggest;
#[cfg(feature = "history")]
mod tested;

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::help::with_examples;
use super::spec::common;
use super::{Cli, json};
use crate::StartError;
use crate::history::Metric;

/// The flags.
pub(super) fn spec(product: &str) -> Command {
    let flag = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).action(ArgAction::Append).help(help)
    };
    let metric = flag("metric", "METRIC", "Only this number; may be said again");
    let suggest = Command::new("suggest")
        .about("Prints checks with bounds that follow from the kept history, to be read and put into the configuration")
        .arg(flag("topology", "NAME", "Only this topology; may be said again"))
        .arg(flag("component", "NAME", "Only this component; may be said again"))
        .arg(metric.value_parser(Metric::ALL.map(Metric::name)))
        .arg(json::arg())
        .args(common());
    let suggest =
        with_examples(suggest, product, &["thresholds suggest --topology word-count > bounds.toml"]);
    let show = Command::new("show")
        .about(
            "Prints the bounds that hold beside what the kept history says, and what they would have raised",
        )
        .arg(json::arg())
        .args(common());
    let show = with_examples(show, product, &["thresholds show", "thresholds show --json -c squall.toml"]);
    let thresholds = Command::new("thresholds")
        .about("Mines bounds from what was measured, by the hour of the week")
        .subcommand_required(true)
        .subcommand(suggest)
        .subcommand(show);
    with_examples(thresholds, product, &["thresholds suggest", "thresholds show"])
}

/// Looks at the kept history.
#[cfg(feature = "history")]
pub(super) fn thresholds(cli: &Cli, args: &ArgMatches) -> Result<ExitCode, StartError> {
    match args.subcommand() {
        Some(("suggest", args)) => suggest::suggest(cli, args),
        Some(("show", args)) => show::show(cli, args),
        _ => Err(StartError::usage("`thresholds` needs a command: `suggest` or `show`")),
    }
}

/// There is none.
#[cfg(not(feature = "history"))]
pub(super) fn thresholds(_: &Cli, _: &ArgMatches) -> Result<ExitCode, StartError> {
    Err(StartError::unavailable(
        "this binary was built without `history` and keeps no numbers that could be mined: build it with the feature `history` of `squall-ops`",
    ))
}
