//! What the command line as a whole promises.

use clap::Command;

use super::{Place, cli};
use crate::cli::{Line, spec};
use crate::exit;

/// The words of a line, as a shell has them.
fn words(line: &str) -> Vec<String> {
    let shell = std::process::Command::new("sh").args(["-c", &format!("printf '%s\\0' {line}")]).output();
    let words = String::from_utf8(shell.unwrap().stdout).unwrap();
    words.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn every_line_that_a_page_shows_is_read() {
    let [topology, component, spout] = ["word-count", "split", "lines of 'text'"];
    let lines = [
        Line::Pause { topology },
        Line::Resume { topology },
        Line::Drain { topology, deadline: "1m 30s" },
        Line::Kill { topology },
        Line::Rebalance { topology, component, tasks: "3" },
        Line::PauseSpout { topology, spout },
        Line::ResumeSpout { topology, spout },
        Line::RestartTask { topology, component, task: 0 },
        Line::Reload,
    ];
    for line in lines.map(|line| line.of("squall")) {
        let read = spec::spec(&cli()).try_get_matches_from(words(&line));

        let error = read.err().map(|error| error.to_string());
        assert_eq!(error, None, "{line}");
    }
}

#[test]
fn a_name_with_blanks_and_quotes_is_one_word_of_the_line() {
    let line = Line::PauseSpout { topology: "word-count", spout: "lines of 'text'; reboot" };

    let read = spec::spec(&cli()).get_matches_from(words(&line.of("squall")));

    let (_, ctl) = read.subcommand().unwrap();
    let (_, pause) = ctl.subcommand().unwrap();
    assert_eq!(pause.get_one::<String>("component").unwrap(), "lines of 'text'; reboot");
}

/// The commands that do something themselves, with the way to them.
fn leaves(command: &Command, way: &str) -> Vec<(String, Command)> {
    let way = format!("{way} {}", command.get_name());
    if command.get_subcommands().next().is_none() {
        return vec![(way, command.clone())];
    }
    command.get_subcommands().flat_map(|below| leaves(below, &way)).collect()
}

#[test]
fn every_help_has_examples_and_every_example_is_read() {
    let whole = spec::spec(&cli());
    for (way, mut command) in leaves(&whole, "") {
        let help = command.render_long_help().to_string();
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{way} has no example"));
        for example in examples.lines().map(str::trim).filter(|line| line.starts_with("squall ")) {
            // What goes on behind it is for other programs.
            let own = example.split(['|', '>']).next().unwrap_or_default();
            let read = spec::spec(&cli()).try_get_matches_from(words(own));

            assert_eq!(read.err().map(|error| error.to_string()), None, "{example}");
        }
    }
}

#[test]
fn a_process_that_is_not_there_is_69_for_every_command_that_asks_one() {
    for args in [
        &["ctl", "status"][..],
        &["ctl", "pause", "x"],
        &["ctl", "kill", "x", "--yes"],
        &["ctl", "rebalance", "x", "y=2"],
        &["ctl", "reload", "--dry-run"],
        &["tap", "x", "y"],
        &["events"],
    ] {
        let args = ["squall"].iter().chain(args).chain(&["--url", "http://127.0.0.1:9"]);

        assert_eq!(cli().main_from(args.clone()), exit::UNAVAILABLE.into(), "{args:?}");
    }
}

#[test]
fn what_the_command_line_cannot_mean_is_2() {
    for args in [
        &["ctl"][..],
        &["ctl", "status", "--url", "ftp://x"],
        &["ctl", "rebalance", "x", "y"],
        &["ctl", "rebalance", "x", "y=0"],
        &["ctl", "drain", "x", "--deadline", "soon"],
        &["tap", "x"],
        &["tap", "x", "y", "--rate", "0"],
        &["completions", "cmd"],
        &["thresholds"],
        &["thresholds", "suggest", "--metric", "mood"],
        &["validate", "--color", "blue"],
    ] {
        assert_eq!(cli().main_from(["squall"].iter().chain(args)), exit::USAGE.into(), "{args:?}");
    }
}

#[test]
fn thresholds_without_a_history_are_69_and_make_none() {
    let place = Place::new("");

    for command in ["suggest", "show"] {
        let args = place.args("thresholds", &[]);
        let args = args.iter().map(String::as_str);
        let args: Vec<&str> = args.clone().take(2).chain([command]).chain(args.skip(2)).collect();

        assert_eq!(cli().main_from(args), exit::UNAVAILABLE.into(), "{command}");
    }
    assert!(!place.data_dir().exists());
}

#[test]
fn a_token_file_that_is_not_there_is_78() {
    let args = ["squall", "ctl", "status", "--token-file", "/nowhere/token"];

    assert_eq!(cli().main_from(args), exit::CONFIG.into());
}

#[test]
fn a_wrong_configuration_is_78_for_programs_too() {
    let wrong = Place::new("[engine]\nthreads = 0\n");

    for args in [&["validate"][..], &["validate", "--json"], &["config"], &["config", "--json"]] {
        assert_eq!(wrong.main(args[0], &args[1..]), exit::CONFIG.into(), "{args:?}");
    }
}
