//! The flags and sub-commands.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use super::help::{named, with_examples};
use super::{Cli, check, colour, completions, config, ctl, events, json, tap, thresholds};

/// The whole command line.
pub(super) fn spec(cli: &Cli) -> Command {
    Command::new(cli.name.clone())
        .version(cli.version.clone())
        .about("Runs topologies of typed spouts and bolts")
        .after_help(format!("Without a command, `{0}` does what `{0} run` does.", cli.name))
        .subcommand_required(true)
        .arg(colour::arg())
        .subcommand(run(cli))
        .subcommand(check::spec(&cli.name))
        .subcommand(validate(&cli.name))
        .subcommand(graph(&cli.name))
        .subcommand(schema(&cli.name))
        .subcommand(config::spec(&cli.name))
        .subcommand(ctl::spec(&cli.name))
        .subcommand(tap::spec(&cli.name))
        .subcommand(events::spec(&cli.name))
        .subcommand(completions::spec(&cli.name))
        .subcommand(alerts(&cli.name))
        .subcommand(thresholds::spec(&cli.name))
        .subcommands(cli.commands.iter().map(|command| named(command.spec(), &cli.name)))
}

/// Runs everything when no sub-command is named.
pub(super) fn with_default_command(mut args: Vec<OsString>) -> Vec<OsString> {
    let about_itself = ["-h", "--help", "-V", "--version"];
    let is_run = match args.get(1).map(|first| first.to_string_lossy()) {
        None => true,
        Some(first) => first.starts_with('-') && !about_itself.contains(&first.as_ref()),
    };
    if is_run {
        args.insert(args.len().min(1), "run".into());
    }
    args
}

fn run(cli: &Cli) -> Command {
    let known: Vec<String> =
        cli.apps.iter().map(|app| format!("  {:<20} {}", app.name(), app.about())).collect();
    let mut command = Command::new("run")
        .about("Runs topologies until they end, or SIGTERM or SIGINT drains them")
        .after_help(format!("Topologies:\n{}", known.join("\n")))
        .arg(
            Arg::new("topology")
                .value_name("TOPOLOGY")
                .num_args(0..)
                .help("Which topologies to run [default: all]"),
        )
        .args(common())
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDR")
                .value_parser(value_parser!(SocketAddr))
                .help("Where HTTP listens [default: 127.0.0.1:8090; topologies that end by themselves do not listen]"),
        )
        .arg(
            Arg::new("share-port")
                .long("share-port")
                .action(ArgAction::SetTrue)
                .help("Listens beside a process that shares its port too, and waits for its data directory, to take over from it"),
        );
    for app in &cli.apps {
        command = command.args(app.run_args().into_iter().map(|arg| arg.help_heading(app.name())));
    }
    with_examples(command, &cli.name, &["run", "run --listen 127.0.0.1:8091 --set engine.threads=2"])
}

fn validate(product: &str) -> Command {
    let command = Command::new("validate")
        .about("Checks the configuration and all plans, and starts nothing")
        .arg(json::arg())
        .args(common());
    with_examples(command, product, &["validate -c squall.toml", "validate --json"])
}

fn graph(product: &str) -> Command {
    let command = Command::new("graph")
        .about("Prints the graph of a topology")
        .arg(Arg::new("topology").value_name("TOPOLOGY").required(true).help("Which topology"))
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(["dot", "mermaid", "json"])
                .default_value("dot")
                .help("The language it is written in"),
        )
        .arg(json::arg().help("The same as --format json"))
        .args(common());
    let examples = ["graph word-count | dot -Tsvg > word-count.svg", "graph word-count --format mermaid"];
    with_examples(command, product, &examples)
}

fn schema(product: &str) -> Command {
    let command =
        Command::new("schema").about("Prints the JSON Schema of the configuration, for editors").arg(
            Arg::new("output")
                .long("output")
                .short('o')
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Where it is written [default: standard output]"),
        );
    with_examples(command.arg(json::arg().hide(true)), product, &["schema -o squall.schema.json"])
}

fn alerts(name: &str) -> Command {
    let export = Command::new("export")
        .about("Prints the checks as rules of Prometheus, or routes for Alertmanager")
        .arg(
            Arg::new("what")
                .value_name("WHAT")
                .value_parser(["prometheus", "alertmanager"])
                .help("What to print"),
        )
        .arg(
            Arg::new("dir")
                .long("dir")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Writes both into a folder: squall.rules.yml and alertmanager.yml"),
        )
        .arg(
            Arg::new("job")
                .long("job")
                .value_name("NAME")
                .default_value("squall")
                .help("The job under which Prometheus scrapes this process"),
        )
        .arg(
            Arg::new("url")
                .long("url")
                .value_name("URL")
                .default_value("http://127.0.0.1:8090")
                .help("Where people open its pages, for links to the runbook"),
        )
        .args(common());
    let examples = ["alerts export prometheus", "alerts export --dir ./monitoring"];
    let alerts = Command::new("alerts")
        .about("Hands the checks to Prometheus and Alertmanager")
        .subcommand_required(true)
        .subcommand(with_examples(export, name, &examples));
    with_examples(alerts, name, &examples)
}

/// The flags of every command that reads the configuration.
pub(super) fn common() -> [Arg; 3] {
    [
        Arg::new("config")
            .long("config")
            .short('c')
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("The configuration [default: ./squall.toml, if there is one]"),
        Arg::new("set")
            .long("set")
            .value_name("PATH=VALUE")
            .action(ArgAction::Append)
            .help("Sets one value of the configuration, such as topology.NAME.component.NAME.parallelism=8"),
        Arg::new("data-dir")
            .long("data-dir")
            .value_name("DIR")
            .value_parser(value_parser!(PathBuf))
            .help("Where data lies [default: $SQUALL_DATA_DIR, or engine.data_dir of the configuration, or ./squall-data]"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(args: &[&str]) -> Vec<String> {
        let args = with_default_command(args.iter().map(OsString::from).collect());
        args.into_iter().map(|arg| arg.into_string().unwrap()).collect()
    }

    #[test]
    fn the_specification_is_sound() {
        spec(&Cli::new(vec![])).debug_assert();
    }

    #[test]
    fn no_command_means_run() {
        assert_eq!(completed(&["squall"]), ["squall", "run"]);
        assert_eq!(completed(&["squall", "--listen", "x"]), ["squall", "run", "--listen", "x"]);
    }

    #[test]
    fn a_command_stays() {
        assert_eq!(completed(&["squall", "graph", "x"]), ["squall", "graph", "x"]);
        assert_eq!(completed(&["squall", "--version"]), ["squall", "--version"]);
    }
}
