//! A configuration that cannot be applied leaves everything as it was.

mod pages;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use prometheus::IntCounter;
use serde_json::Value;
use squall_core::{Bolt, Emit, Next, Output, Spout, SpoutOutput};
use squall_topology::{Plan, TopologyBuilder};
use tempfile::TempDir;

use crate::{App, Cli, Launch, Prepared, Section, StartError, exit};

struct Silence;

impl Spout for Silence {
    type Id = u32;
    type Out = Emit<u32>;

    async fn next(&mut self, _: &mut SpoutOutput<Emit<u32>, u32>) -> squall_core::Result<Next> {
        std::future::pending().await
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

fn plan(name: &str) -> Plan {
    let mut topology = TopologyBuilder::new(name);
    let numbers = topology.spout("numbers", || Silence).output();
    topology.bolt("sink", || Sink).shuffle(numbers);
    topology.build().unwrap()
}

/// Has numbers only.
struct Steady;

impl App for Steady {
    fn name(&self) -> &'static str {
        "steady"
    }

    fn about(&self) -> &'static str {
        "Runs on"
    }

    fn prepare(&self, _: &mut Launch<'_>) -> Result<Prepared, StartError> {
        Ok(Prepared::new(plan(self.name())))
    }
}

#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(default)]
struct Wishes {
    /// How many folders of these it opens; there is one.
    folders: u32,
}

/// Opens what is not always there.
struct Fussy {
    /// Told where the process listens.
    listens: Mutex<Option<Sender<SocketAddr>>>,
    /// How often it may be prepared for real.
    lives: Mutex<u32>,
    /// What it keeps.
    kept: Arc<Mutex<Vec<u32>>>,
}

impl Fussy {
    /// How many folders it was last allowed, and how often it was prepared at all.
    fn metrics(launch: &mut Launch<'_>, folders: u32) -> Result<[IntCounter; 2], StartError> {
        let new = |name: &str| IntCounter::new(name, "\"A\" \\ \n help").map_err(StartError::failed);
        let lives = launch.keep("lives", |_| new("squall_fussy_lives_total"))?;
        lives.inc();
        let allowed = new("squall_fussy_folders_total")?;
        allowed.inc_by(folders.into());
        Ok([lives, allowed])
    }
}

impl App for Fussy {
    fn name(&self) -> &'static str {
        "fussy"
    }

    fn about(&self) -> &'static str {
        "Has wishes"
    }

    fn sections(&self) -> Vec<Section> {
        vec![Section::of::<Wishes>("wishes")]
    }

    fn prepare(&self, launch: &mut Launch<'_>) -> Result<Prepared, StartError> {
        let wishes: Wishes = launch.config().section_or_default("wishes");
        if !launch.is_dry() {
            let kept = launch.keep("number", |_| Ok(self.kept.lock().unwrap().len() as u32 + 7))?;
            self.kept.lock().unwrap().push(kept);
            if let Some((listens, addr)) = self.listens.lock().unwrap().take().zip(launch.listen()) {
                listens.send(addr).unwrap();
            }
            if wishes.folders > 1 {
                return Err(StartError::unavailable("there is one folder only"));
            }
            let mut lives = self.lives.lock().unwrap();
            *lives = lives.checked_sub(1).ok_or_else(|| StartError::unavailable("the folder is gone"))?;
        }
        let [lives, allowed] = Self::metrics(launch, wishes.folders)?;
        let taken =
            IntCounter::new("squall_fussy_lives_total", "Is there already").map_err(StartError::failed)?;
        Ok(Prepared::new(plan(self.name())).collector(lives).collector(allowed).collector(taken))
    }
}

/// A process in a thread of its own.
struct Host {
    root: TempDir,
    addr: SocketAddr,
    kept: Arc<Mutex<Vec<u32>>>,
    thread: JoinHandle<ExitCode>,
}

impl Host {
    /// Starts both topologies; `fussy` can be prepared so often.
    fn start(lives: u32) -> Self {
        let root = tempfile::tempdir().unwrap();
        let config = root.path().join("squall.toml");
        fs::write(&config, "").unwrap();
        let (sender, listens) = mpsc::channel();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let fussy =
            Fussy { listens: Mutex::new(Some(sender)), lives: Mutex::new(lives), kept: Arc::clone(&kept) };
        let cli = Cli::new(vec![Box::new(Steady), Box::new(fussy)]);
        let config = config.to_str().unwrap().to_owned();
        let args = ["squall", "run", "--listen", "127.0.0.1:0", "--config"].map(str::to_owned);
        let thread = thread::spawn(move || cli.main_from(args.into_iter().chain([config])));
        Self { root, addr: listens.recv().unwrap(), kept, thread }
    }

    fn ask(&self, method: &str, path: &str) -> (u16, Value) {
        let (status, body) = self.request(method, path);
        (status, serde_json::from_str(&body).unwrap())
    }

    fn request(&self, method: &str, path: &str) -> (u16, String) {
        self.request_with(method, path, "Accept: */*")
    }

    /// Sends a request with a body.
    fn send(&self, path: &str, media_type: &str, body: &str) -> (u16, String) {
        self.exchange("POST", path, &format!("Content-Type: {media_type}"), body)
    }

    /// Sends a request; the server may not answer yet, but its port is bound.
    fn request_with(&self, method: &str, path: &str, header: &str) -> (u16, String) {
        self.exchange(method, path, header, "")
    }

    fn exchange(&self, method: &str, path: &str, header: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let mut stream = TcpStream::connect(self.addr).unwrap();
        let addr = self.addr;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n{header}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// A metric without labels.
    fn metric(&self, name: &str) -> f64 {
        let (status, text) = self.request("GET", "/metrics");
        assert_eq!(status, 200, "{text}");
        let values: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix(&format!("{name} "))).collect();
        assert_eq!(values.len(), 1, "{name} in {text}");
        values[0].parse().unwrap()
    }

    fn reload(&self, config: &str) -> (u16, Value) {
        fs::write(self.root.path().join("squall.toml"), config).unwrap();
        self.ask("POST", "/api/v1/config/reload")
    }

    /// Tasks of the sink of `steady`, and what `fussy` does.
    fn state(&self) -> (u64, String) {
        let (_, answer) = self.ask("GET", "/api/v1/topologies");
        let steady = &answer["topologies"][0]["components"][1]["tasks"];
        (steady.as_u64().unwrap(), answer["topologies"][1]["state"].as_str().unwrap().to_owned())
    }

    fn end(self) -> ExitCode {
        for topology in ["steady", "fussy"] {
            assert_eq!(self.ask("POST", &format!("/api/v1/topologies/{topology}/drain")).0, 202);
        }
        self.thread.join().unwrap()
    }
}

const TWO_FOLDERS: &str = "[topology.steady.component.sink]\nparallelism = 3\n[wishes]\nfolders = 2\n";

#[test]
fn what_was_changed_before_something_failed_is_put_back() {
    let host = Host::start(2);
    assert_eq!(host.state(), (1, "running".to_owned()));
    let (status, plan) = host.reload("[topology.steady.component.sink]\nparallelism = 2\n");
    assert_eq!((status, host.state().0), (200, 2), "{plan}");

    let (status, problem) = host.reload(TWO_FOLDERS);

    assert_eq!(status, 409, "{problem}");
    assert_eq!(problem["detail"], "Nothing was changed: there is one folder only.");
    assert_eq!(host.state(), (2, "running".to_owned()));
    let (_, config) = host.ask("GET", "/api/v1/config");
    assert_eq!(config["last_reload"]["ok"], false, "{config}");
    assert_eq!(
        host.ask("GET", "/api/v1/config/plan").1["restart"][0]["topology"],
        "fussy",
        "it is still to come"
    );
    assert_eq!(host.end(), exit::OK.into());
}

#[test]
fn what_cannot_be_put_back_ends_the_process_with_a_failure() {
    let host = Host::start(1);
    assert_eq!(host.state(), (1, "running".to_owned()));

    let (status, problem) = host.reload(TWO_FOLDERS);

    assert_eq!(status, 500, "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("there is one folder only") && detail.contains("the folder is gone"), "{detail}");
    assert_eq!(host.thread.join().unwrap(), exit::FAILURE.into());
}

#[test]
fn a_topology_started_anew_finds_what_it_kept() {
    let host = Host::start(2);
    assert_eq!(host.state(), (1, "running".to_owned()));

    let (status, answer) = host.reload("[wishes]\nfolders = 1\n");

    assert_eq!((status, &answer["message"]), (200, &"`fussy` started anew".into()), "{answer}");
    assert_eq!(host.state(), (1, "running".to_owned()));
    assert_eq!(*host.kept.lock().unwrap(), [7, 7]);
    assert_eq!(host.reload("[wishes]\nfolders = 0x1 # the same\n").1["message"], "nothing changed");
    assert_eq!(host.end(), exit::OK.into());
}

#[test]
fn only_the_file_that_was_looked_at_is_reloaded() {
    let host = Host::start(2);
    let file = host.root.path().join("squall.toml");
    let sink = |tasks: u32| format!("[topology.steady.component.sink]\nparallelism = {tasks}\n");
    let hash = || host.ask("GET", "/api/v1/config/plan").1["hash"].as_str().unwrap().to_owned();
    fs::write(&file, sink(2)).unwrap();
    let seen = hash();
    fs::write(&file, sink(3)).unwrap();

    for stale in [seen.as_str(), "", "nonsense"] {
        let if_match = format!("If-Match: \"{stale}\"");
        let (status, problem) = host.request_with("POST", "/api/v1/config/reload", &if_match);
        let problem: Value = serde_json::from_str(&problem).unwrap();
        assert_eq!((status, problem["hash"].as_str()), (412, Some(hash().as_str())), "{problem}");
    }
    let if_match = format!("If-Match: \"{}\"", hash());
    let (status, answer) = host.request_with("POST", "/api/v1/config/reload", &if_match);

    assert_eq!((status, host.state().0), (200, 3), "{answer}");
    let (_, config) = host.ask("GET", "/api/v1/config");
    assert_eq!(config["hash"].as_str(), Some(hash().as_str()));
    assert_eq!(config["values"][0]["path"], "topology.steady.component.sink.parallelism");
    assert_eq!(host.end(), exit::OK.into());
}

#[test]
fn of_two_who_looked_at_what_holds_the_second_reloads_nothing() {
    let host = Host::start(2);
    let held = || host.ask("GET", "/api/v1/config").1["hash"].as_str().unwrap().to_owned();
    let looked_at = format!("If-Match: \"{}\"", held());

    let (first, answer) = host.reload("[topology.steady.component.sink]\nparallelism = 3\n");
    let (second, _) = host.request_with("POST", "/api/v1/config/reload", &looked_at);
    let looked_again = format!("If-Match: \"{}\"", held());
    let (third, _) = host.request_with("POST", "/api/v1/config/reload", &looked_again);

    assert_eq!((first, second, third), (200, 412, 200), "{answer}");
    assert_eq!(host.end(), exit::OK.into());
}

#[test]
fn metrics_of_a_topology_started_anew_take_the_place_of_those_before() {
    let host = Host::start(3);
    assert_eq!(
        (host.metric("squall_fussy_lives_total"), host.metric("squall_fussy_folders_total")),
        (2.0, 0.0)
    );

    for (lives, folders) in [(4.0, 1.0), (6.0, 0.0)] {
        let (status, answer) = host.reload(&format!("[wishes]\nfolders = {folders}\n"));

        assert_eq!(status, 200, "{answer}");
        assert_eq!(host.metric("squall_fussy_folders_total"), folders, "only the new one");
        assert_eq!(
            host.metric("squall_fussy_lives_total"),
            lives,
            "it was kept, and each launch is tried dry before"
        );
    }
    assert_eq!(host.end(), exit::OK.into());
}

#[test]
fn a_token_that_changes_waits_for_a_restart_and_is_not_shown() {
    let host = Host::start(2);
    let token = host.root.path().join("token");
    fs::write(&token, "hunter2").unwrap();

    let (status, answer) = host.reload(&format!(
        "[admin]\ntoken_file = \"{}\"\nactions = false\nhosts = [\"squall.example\"]\n",
        token.display()
    ));

    assert_eq!(status, 200, "{answer}");
    let changes = |answer: &Value| {
        let changes = answer["needs_process_restart"].as_array().unwrap().iter();
        changes
            .map(|change| format!("{} {} -> {}", change["path"], change["from"], change["to"]))
            .collect::<Vec<_>>()
    };
    let (_, config) = host.ask("GET", "/api/v1/config");
    assert_eq!(
        changes(&config),
        [
            r#""admin.token" "none" -> "one""#,
            r#""admin.actions" "true" -> "false""#,
            r#""admin.hosts" "none" -> "squall.example""#
        ]
    );
    assert!(!config.to_string().contains("hunter2") && !answer.to_string().contains("hunter2"));
    assert_eq!(host.end(), exit::OK.into());
}

/// What `/health` says of a check of a thing.
fn said<'a>(health: &'a Value, check: &str) -> &'a Value {
    &health["checks"][check][0]
}

/// Asks until it is so: the checks look once a second.
fn health_until(host: &Host, is_so: impl Fn(&Value) -> bool) -> (u16, Value) {
    loop {
        let (status, health) = host.ask("GET", "/health");
        if is_so(&health) {
            return (status, health);
        }
        thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn a_check_of_the_configuration_is_added_changed_and_taken_away_while_everything_runs() {
    let host = Host::start(1);
    let (status, health) = health_until(&host, |health| said(health, "tasks")["componentId"].is_string());
    assert_eq!((status, &health["status"]), (200, &Value::from("pass")), "{health}");
    assert_eq!(said(&health, "tasks")["links"]["runbook"], "/runbook#tasks");

    let few =
        "[checks.few]\nmetric = 'executed'\ntopology = 'steady'\ncomponent = 'sink'\nbelow = 5\nfor = '1s'\n";
    let (status, plan) = host.reload(&format!("{few}category = 'page'\n"));
    assert_eq!((status, &plan["changes"]["hot"][0]["path"]), (200, &Value::from("checks.few")), "{plan}");
    assert_eq!(plan["changes"]["restart"], Value::Array(vec![]), "nothing is started anew for it");
    let (status, health) = health_until(&host, |health| health["status"] == "fail");
    assert_eq!(status, 503, "{health}");
    let few_said = said(&health, "few");
    assert_eq!((&few_said["componentId"], &few_said["bound"]["below"]), (&"steady/sink".into(), &5.0.into()));
    assert_eq!((&few_said["observedValue"], &few_said["observedUnit"]), (&0.0.into(), &"executes/s".into()));
    let sentence = "`few` of `steady/sink` is 0 executes/s, less than 5 executes/s";
    assert_eq!((&few_said["output"], &health["notes"][0]), (&sentence.into(), &sentence.into()));

    let (status, page) = host.request("GET", "/checks");
    assert!(
        status == 200 && page.contains("Broken: 1 of") && page.contains("at least 5 executes/s"),
        "{page}"
    );
    let (status, page) = host.request("GET", "/runbook");
    let ids = ["<h2 id=\"bottleneck\">", "<h2 id=\"few\">"];
    assert!(status == 200 && ids.iter().all(|id| page.contains(id)), "{page}");

    assert_eq!(host.reload(&format!("{few}category = 'mail'\n")).0, 200);
    let (status, health) = health_until(&host, |health| health["status"] == "warn");
    assert_eq!((status, &said(&health, "few")["status"]), (200, &"warn".into()), "{health}");

    assert_eq!(host.reload("").0, 200);
    let (_, health) = health_until(&host, |health| health["status"] == "pass");
    assert_eq!(health["checks"]["few"], Value::Null);
    assert_eq!(host.end(), exit::OK.into());
}

#[test]
fn a_check_that_speaks_of_what_is_not_there_is_refused_at_its_place() {
    let host = Host::start(1);

    let (status, problem) = host.reload("[checks.few]\nmetric = 'acked'\ntopology = 'stedy'\nbelow = 1\n");

    assert_eq!(status, 422, "{problem}");
    let fault = &problem["faults"][0];
    assert_eq!((&fault["line"], &fault["column"]), (&3.into(), &1.into()), "{problem}");
    assert_eq!(fault["message"], "there is no topology `stedy`; there are: fussy, steady");
    assert_eq!(host.end(), exit::OK.into());
}

#[test]
fn a_plugin_of_nagios_says_how_a_process_is_and_that_nobody_answers() {
    let host = Host::start(1);
    health_until(&host, |health| said(health, "tasks")["componentId"].is_string());
    let url = format!("http://{}", host.addr);
    let check =
        |args: &[&str]| Cli::new(vec![]).main_from(["squall", "check", "--url", &url].iter().chain(args));

    assert_eq!(check(&[]), exit::OK.into());
    assert_eq!(check(&["--check", "tasks", "--topology", "steady", "--json"]), exit::OK.into());
    assert_eq!(check(&["--check", "nothing"]), exit::PLUGIN_UNKNOWN.into());
    assert_eq!(check(&["--wrong"]), exit::PLUGIN_UNKNOWN.into());
    assert_eq!(host.end(), exit::OK.into());
    assert_eq!(check(&["--timeout", "5"]), exit::PLUGIN_UNKNOWN.into());
}
