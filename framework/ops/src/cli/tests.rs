mod commands;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use squall_core::{Bolt, Emit, Error, Next, Output, Spout, SpoutOutput};
use squall_topology::{Plan, RestartMode, RestartPolicy, TopologyBuilder};
use tempfile::TempDir;

use super::Cli;
use super::choose::choose;
use super::spec;
use crate::data_dir::DataDir;
use crate::settings::{Mode, Settings};
use crate::{App, Flags, Launch, Prepared, Section, StartError, exit};

/// A topology with a flag, a section of the configuration, and a file.
struct Counting;

#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Counts {
    limit: u32,
}

impl App for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    fn about(&self) -> &'static str {
        "Counts"
    }

    fn run_args(&self) -> Vec<clap::Arg> {
        vec![clap::Arg::new("input").long("input")]
    }

    fn sections(&self) -> Vec<Section> {
        vec![Section::of::<Counts>("counts")]
    }

    fn prepare(&self, launch: &mut Launch<'_>) -> Result<Prepared, StartError> {
        let counts = launch.config().section::<Counts>("counts")?.unwrap_or_default();
        if counts.limit > 10 {
            return Err(StartError::config(format!(
                "the limit is {}, but nobody counts that far",
                counts.limit
            )));
        }
        launch.data_dir()?;
        Ok(Prepared::new(plan(self.name(), End::Never)))
    }
}

/// A topology that wants nothing.
struct Idling;

impl App for Idling {
    fn name(&self) -> &'static str {
        "idling"
    }

    fn about(&self) -> &'static str {
        "Does nothing"
    }

    fn prepare(&self, _: &mut Launch<'_>) -> Result<Prepared, StartError> {
        Ok(Prepared::new(plan(self.name(), End::Never)))
    }
}

/// A topology with three tuples, and this end.
struct Ending {
    end: End,
    told: Arc<AtomicU64>,
}

impl App for Ending {
    fn name(&self) -> &'static str {
        "ending"
    }

    fn about(&self) -> &'static str {
        "Ends"
    }

    fn is_finite(&self, _: Flags<'_>) -> bool {
        true
    }

    fn prepare(&self, _: &mut Launch<'_>) -> Result<Prepared, StartError> {
        let told = Arc::clone(&self.told);
        Ok(Prepared::new(plan(self.name(), self.end)).summary(move |report| {
            told.store(report.roots().acked, Relaxed);
            "done".to_owned()
        }))
    }
}

/// What a spout does after its last tuple.
#[derive(Clone, Copy)]
enum End {
    Well,
    Badly,
    Never,
}

struct Numbers {
    left: u32,
    end: End,
}

impl Spout for Numbers {
    type Id = u32;
    type Out = Emit<u32>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u32>, u32>) -> squall_core::Result<Next> {
        if self.left == 0 {
            return match self.end {
                End::Well => Ok(Next::End),
                End::Badly => Err(Error::permanent("the source is gone")),
                End::Never => std::future::pending().await,
            };
        }
        self.left -= 1;
        out.track(self.left).emit(self.left);
        Ok(Next::Emitted)
    }
}

struct Sink;

impl Bolt for Sink {
    type In = u32;
    type Out = ();

    async fn execute(&mut self, _: u32, _: &mut Output<()>) -> squall_core::Result<()> {
        Ok(())
    }
}

fn plan(name: &str, end: End) -> Plan {
    let mut topology = TopologyBuilder::new(name);
    let restart = RestartPolicy { policy: RestartMode::Never, ..RestartPolicy::default() };
    let numbers = topology.spout("numbers", move || Numbers { left: 3, end }).restart(restart).output();
    topology.bolt("sink", || Sink).shuffle(numbers);
    topology.build().unwrap()
}

fn cli() -> Cli {
    Cli::new(vec![Box::new(Counting), Box::new(Idling)])
}

/// A folder with a configuration and a data directory of its own.
struct Place {
    root: TempDir,
}

impl Place {
    fn new(config: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("squall.toml"), config).unwrap();
        Self { root }
    }

    fn data_dir(&self) -> PathBuf {
        self.root.path().join("data")
    }

    fn args(&self, command: &str, more: &[&str]) -> Vec<String> {
        let config = self.root.path().join("squall.toml");
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        let mut args = vec!["squall".into(), command.into(), "--config".into(), path(&config)];
        args.extend(["--data-dir".into(), path(&self.data_dir())]);
        args.extend(more.iter().map(|&more| more.to_owned()));
        args
    }

    fn main(&self, command: &str, more: &[&str]) -> ExitCode {
        cli().main_from(self.args(command, more))
    }

    /// What is refused while these topologies are prepared.
    fn refused(&self, names: &[&str]) -> Option<StartError> {
        let cli = cli();
        let matches = spec::spec(&cli).get_matches_from(self.args("run", names));
        let (_, args) = matches.subcommand().unwrap();
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let (mut settings, mut loaded) = Settings::read(args).unwrap();
        let chosen = choose(&cli.apps, &names).unwrap();
        let mode = Mode { listen: None, named: true, dry: true };
        settings.prepare(&mut loaded, &cli.apps, &chosen, mode).err()
    }
}

#[test]
fn an_unknown_topology_is_a_usage_error_with_a_suggestion() {
    let cli = cli();

    let near = choose(&cli.apps, &["countin".into()]).err().unwrap();
    let far = choose(&cli.apps, &["x".into()]).err().unwrap();

    assert_eq!(near, StartError::usage("there is no topology `countin`; did you mean `counting`?"));
    assert_eq!(far, StartError::usage("there is no topology `x`; there are: counting, idling"));
    assert_eq!(near.code(), exit::USAGE);
}

#[test]
fn a_topology_named_twice_runs_once() {
    let cli = cli();

    assert_eq!(choose(&cli.apps, &["idling".into(), "idling".into()]).unwrap().len(), 1);
}

#[test]
fn a_flag_of_a_topology_that_does_not_run_is_a_usage_error() {
    assert_eq!(Place::new("").main("run", &["idling", "--input", "-"]), exit::USAGE.into());
}

#[test]
fn all_faults_of_the_configuration_are_told_at_once() {
    let place = Place::new("[engine]\nthreads = 0\n\n[counts]\nlimit = \"many\"\n\n[topology.counting]\n");

    let error = place.refused(&["counting"]).unwrap();

    let text = error.to_string();
    assert_eq!(error.code(), exit::CONFIG);
    assert_eq!(text.matches("error: ").count(), 2, "{text}");
    assert!(text.contains("squall.toml:2:11") && text.contains("squall.toml:5:9"), "{text}");
    assert!(text.contains("^^^^^^"), "{text}");
}

#[test]
fn an_app_that_cannot_prepare_hides_no_faults_of_its_numbers() {
    let place = Place::new("[counts]\nlimit = 99\n\n[topology.counting.component.sink]\nparallelism = 0\n");

    let text = place.refused(&["counting"]).unwrap().to_string();

    assert!(text.contains("squall.toml:5:15"), "{text}");
    assert!(text.contains("the limit is 99, but nobody counts that far"), "{text}");
}

#[test]
fn the_sections_of_a_topology_that_does_not_run_are_accepted() {
    let place = Place::new("[counts]\nlimit = 7\n\n[topology.counting]\nmax_pending = 10\n");

    assert_eq!(place.refused(&["idling"]), None);
}

#[test]
fn a_section_that_nobody_knows_is_refused() {
    let error = Place::new("[cuonts]\nlimit = 7\n").refused(&["counting"]).unwrap();

    assert_eq!(error.code(), exit::CONFIG);
    assert!(error.to_string().contains("squall.toml:1:"), "{error}");
}

#[test]
fn a_configuration_that_is_not_there_is_78() {
    let code = cli().main_from(["squall", "validate", "--config", "/nowhere/squall.toml"]);

    assert_eq!(code, exit::CONFIG.into());
}

#[test]
fn validate_touches_nothing() {
    let place = Place::new("");

    assert_eq!(place.main("validate", &[]), exit::OK.into());
    assert!(!place.data_dir().exists());
}

#[test]
fn a_port_in_use_is_69_and_nothing_is_made() {
    let place = Place::new("");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();

    assert_eq!(place.main("run", &["counting", "--listen", &addr]), exit::UNAVAILABLE.into());
    assert!(!place.data_dir().exists());
}

#[test]
fn a_data_directory_in_use_is_69() {
    let place = Place::new("");
    let mut other = DataDir::new(place.data_dir());
    other.open().unwrap();

    let code = place.main("run", &["counting", "--listen", "127.0.0.1:0"]);

    assert_eq!(code, exit::UNAVAILABLE.into());
}

#[test]
fn a_topology_that_ends_is_summed_up_and_exits_0() {
    let told = Arc::new(AtomicU64::new(0));
    let cli = Cli::new(vec![Box::new(Ending { end: End::Well, told: Arc::clone(&told) })]);

    let code = cli.main_from(Place::new("").args("run", &["ending"]));

    assert_eq!(code, exit::OK.into());
    assert_eq!(told.load(Relaxed), 3);
}

#[test]
fn a_topology_that_fails_drains_the_others_and_exits_1() {
    let told = Arc::new(AtomicU64::new(0));
    let cli = Cli::new(vec![Box::new(Ending { end: End::Badly, told }), Box::new(Idling)]);

    let code = cli.main_from(Place::new("").args("run", &["--listen", "127.0.0.1:0"]));

    assert_eq!(code, exit::FAILURE.into());
}

#[test]
fn an_address_that_others_reach_without_a_token_is_78_and_says_what_to_write() {
    let place = Place::new("");
    assert_eq!(place.main("run", &["counting", "--listen", "0.0.0.0:0"]), exit::CONFIG.into());
    assert!(!place.data_dir().exists());

    let text = Place::new("[admin]\nlisten = \"0.0.0.0:0\"\n").refused(&["counting"]).unwrap().to_string();
    assert!(text.contains("squall.toml:2:1") && text.contains("write token_file = "), "{text}");
}

#[test]
fn a_token_file_that_is_not_there_is_78_and_named_and_so_is_a_host_that_is_none() {
    let place = Place::new(
        "[admin]\ntoken_file = \"/nowhere/token\"\nhosts = [\"a.example\", \"http://b.example\"]\n",
    );

    let error = place.refused(&["counting"]).unwrap();

    assert_eq!(error.code(), exit::CONFIG);
    assert!(error.to_string().contains("squall.toml:3:23"), "{error}");
    let error = Place::new("[admin]\ntoken_file = \"/nowhere/token\"\n").refused(&["counting"]).unwrap();
    assert!(error.to_string().contains("`/nowhere/token`"), "{error}");
    assert!(error.to_string().contains("squall.toml:2:1"), "{error}");
}
