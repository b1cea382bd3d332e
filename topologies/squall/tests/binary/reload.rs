//! A process takes over another configuration, or stays as it is.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::process::{Folder, Process};

/// The topology whose numbers are changed here.
const GENERATED: [&str; 4] = ["run", "enrichment", "--listen", "127.0.0.1:0"];

fn language(parallelism: usize) -> String {
    format!("[topology.enrichment.component.language]\nparallelism = {parallelism}\n")
}

fn get(squall: &Process, path: &str) -> Value {
    let (status, body) = squall.request("GET", path, "");
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

fn post(squall: &Process, path: &str, body: &str) -> (u16, Value) {
    let (status, body) = squall.request("POST", path, body);
    (status, serde_json::from_str(&body).unwrap())
}

/// Changes the file and has it reloaded, before the process notices by itself.
fn reload(squall: &Process, change: impl FnOnce()) -> (u16, Value) {
    let (status, answer) = squall.request_after(change, "POST", "/api/v1/config/reload", "");
    (status, serde_json::from_str(&answer).unwrap())
}

/// How many tasks the component `language` has.
fn tasks(squall: &Process) -> u64 {
    let topologies = get(squall, "/api/v1/topologies");
    let components = topologies.pointer("/topologies/0/components").and_then(Value::as_array).unwrap();
    let is_language = |component: &&Value| component.get("name").is_some_and(|name| name == "language");
    let language = components.iter().find(is_language).unwrap();
    language.get("tasks").and_then(Value::as_u64).unwrap()
}

fn last_reload(squall: &Process) -> Value {
    get(squall, "/api/v1/config").get("last_reload").cloned().unwrap()
}

#[test]
fn sighup_lets_another_number_of_tasks_hold() {
    let folder = Folder::with_config(&language(2));
    let mut squall = folder.start(&GENERATED);
    assert_eq!((tasks(&squall), last_reload(&squall)), (2, Value::Null));

    squall.signal_after(|| folder.write("squall.toml", &language(5)), "HUP");
    squall.read_until("Configuration reloaded: 1 number changed.");

    assert_eq!(tasks(&squall), 5);
    let reload = last_reload(&squall);
    assert_eq!((&reload["trigger"], &reload["ok"]), (&"signal".into(), &true.into()), "{reload}");
    let change = &reload["changes"]["hot"][0];
    assert_eq!(change["path"], "topology.enrichment.component.language.parallelism");
    assert_eq!((&change["from"], &change["to"]), (&"2".into(), &"5".into()));
}

#[test]
fn a_file_that_an_editor_replaces_is_noticed() {
    let folder = Folder::with_config(&language(2));
    let mut squall = folder.start(&GENERATED);

    folder.write("squall.toml~", &language(3));
    fs::rename(folder.path().join("squall.toml~"), folder.path().join("squall.toml")).unwrap();
    squall.read_until("Configuration reloaded: 1 number changed.");

    assert_eq!(tasks(&squall), 3);
    assert_eq!(last_reload(&squall)["trigger"], "file");
}

#[test]
fn a_link_that_kubernetes_turns_is_noticed() {
    let folder = Folder::new();
    let path = |name: &str| folder.path().join(name);
    for (version, parallelism) in [("..2026_01", 2), ("..2026_02", 3)] {
        fs::create_dir(path(version)).unwrap();
        fs::write(path(version).join("squall.toml"), language(parallelism)).unwrap();
    }
    symlink("..2026_01", path("..data")).unwrap();
    symlink("..data/squall.toml", path("squall.toml")).unwrap();
    let mut squall = folder.start(&GENERATED);
    assert_eq!(tasks(&squall), 2);

    symlink("..2026_02", path("..data_tmp")).unwrap();
    fs::rename(path("..data_tmp"), path("..data")).unwrap();
    squall.read_until("Configuration reloaded: 1 number changed.");

    assert_eq!(tasks(&squall), 3);
}

#[test]
fn three_faults_are_all_told_and_nothing_is_changed() {
    let folder = Folder::with_config(&language(2));
    let mut squall = folder.start(&GENERATED);
    let since = get(&squall, "/api/v1/config")["since"].clone();

    folder.write(
        "squall.toml",
        "[engine]\nthread = 2\n[topology.enrichment.component.language]\nparallelism = 9\ninbox = 0\n\
         [enrichment]\ncapacity = \"many\"\n",
    );
    let (status, problem) = post(&squall, "/api/v1/config/reload", "");

    assert_eq!((status, &problem["status"]), (422, &422.into()), "{problem}");
    let faults = problem["faults"].as_array().unwrap();
    let places: Vec<_> =
        faults.iter().map(|fault| (fault["line"].as_u64(), fault["column"].as_u64())).collect();
    assert_eq!(places, [(Some(2), Some(1)), (Some(5), Some(9)), (Some(7), Some(12))], "{problem}");
    assert_eq!(faults[0]["help"], "did you mean `threads`?");
    let diagnostics = problem["diagnostics"].as_str().unwrap();
    assert_eq!(diagnostics.matches("error: ").count(), 3, "{diagnostics}");
    assert!(diagnostics.contains("7 | capacity = \"many\"\n  |            ^^^^^^"), "{diagnostics}");
    let (_, page) = squall.request("GET", "/", "");
    assert!(page.contains("role=\"alert\"") && page.contains("unknown key `thread`"), "{page}");
    squall.read_until("The new configuration does not hold; the one before does.");
    squall.read_until("7 | capacity = \"many\"");
    assert_eq!(tasks(&squall), 2);
    let config = get(&squall, "/api/v1/config");
    assert_eq!((&config["since"], &config["last_reload"]["ok"]), (&since, &false.into()));
    assert_eq!(get(&squall, "/api/v1/topologies")["topologies"][0]["state"], "running");
}

#[test]
fn a_plan_tells_what_a_reload_would_change_and_changes_nothing() {
    let folder = Folder::with_config(&language(2));
    let squall = folder.start(&GENERATED);

    let others = "[enrichment]\ncapacity = 100\n[engine]\ndrain_deadline = \"5s\"\nthreads = 1\n";
    let write = || folder.write("squall.toml", &format!("{}{others}", language(2)));
    let (status, plan) = squall.request_after(write, "GET", "/api/v1/config/plan", "");
    assert_eq!(status, 200, "{plan}");
    let plan: Value = serde_json::from_str(&plan).unwrap();

    assert_eq!(plan["hot"][0]["path"], "engine.drain_deadline", "{plan}");
    assert_eq!(plan["restart"][0]["topology"], "enrichment", "{plan}");
    assert_eq!(plan["restart"][0]["because"][0], "[enrichment] changed", "{plan}");
    assert_eq!(plan["needs_process_restart"][0]["path"], "engine.threads", "{plan}");
    assert_eq!(tasks(&squall), 2);
}

#[test]
fn what_needs_a_restart_of_the_process_is_told_and_the_rest_holds() {
    let folder = Folder::with_config(&language(2));
    let squall = folder.start(&GENERATED);

    let config = format!("{}[engine]\nthreads = 1\n", language(4));
    let (status, answer) = reload(&squall, || folder.write("squall.toml", &config));

    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["message"], "1 number changed; a restart of the process is needed for engine.threads");
    assert_eq!(tasks(&squall), 4);
    assert_eq!(get(&squall, "/api/v1/config")["needs_process_restart"][0]["path"], "engine.threads");
    let (_, again) = post(&squall, "/api/v1/config/reload", "");
    assert_eq!(again["message"], "a restart of the process is needed for engine.threads");
}

#[test]
fn a_topology_whose_section_changes_is_started_anew_and_nothing_is_lost() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = Folder::with_config("");
    let squall = folder.start(&["run", "scheduled-messages", "--listen", "127.0.0.1:0"]);
    let message = |destination: &str| {
        format!(r#"{{"account": "ops", "destination": "{destination}", "text": "hello", "in": "0s"}}"#)
    };
    assert_eq!(post(&squall, "/api/v1/messages", &message("hook")).0, 422);

    let url = format!("http://{}/", receiver.local_addr().unwrap());
    let config = format!("[destinations.hook]\ntype = \"webhook\"\nurl = \"{url}\"\n");
    let (status, answer) = reload(&squall, || folder.write("squall.toml", &config));

    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["message"], "`scheduled-messages` started anew");
    let (status, created) = post(&squall, "/api/v1/messages", &message("hook"));
    assert!((200..300).contains(&status), "{status} {created}");
    let (mut delivery, _) = receiver.accept().unwrap();
    let mut head = [0; 1024];
    let read = delivery.read(&mut head).unwrap();
    assert!(String::from_utf8_lossy(&head[..read]).starts_with("POST / "), "the new destination gets it");
    delivery.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
}

#[test]
fn tasks_are_rebalanced_over_the_api() {
    let squall = Folder::with_config(&language(2)).start(&GENERATED);
    let path = "/api/v1/topologies/enrichment/components/language/rebalance";

    let (status, done) = post(&squall, path, r#"{"parallelism": 4}"#);

    assert_eq!(status, 200, "{done}");
    assert_eq!((&done["parallelism"]["from"], &done["parallelism"]["to"]), (&2.into(), &4.into()));
    assert_eq!(tasks(&squall), 4);
    let (status, problem) = post(&squall, path, r#"{"parallelism": 0}"#);
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &"/parallelism".into()), "{problem}");
    let nowhere = "/api/v1/topologies/enrichment/components/langage/rebalance";
    assert_eq!(post(&squall, nowhere, r#"{"parallelism": 4}"#).0, 404);
    assert_eq!(post(&squall, "/api/v1/topologies/nothing/pause", "").0, 404);
    assert_eq!(tasks(&squall), 4);
}

#[test]
fn a_topology_that_is_drained_over_the_api_ends_and_can_be_told_nothing_more() {
    let mut squall = Folder::new().start(&["--listen", "127.0.0.1:0"]);

    assert_eq!(post(&squall, "/api/v1/topologies/enrichment/drain", "").0, 202);
    squall.read_until("Topology ended.");

    let (status, problem) = post(&squall, "/api/v1/topologies/enrichment/resume", "");
    assert_eq!(status, 409, "{problem}");
    assert_eq!(post(&squall, "/api/v1/topologies/scheduled-messages/pause", "").0, 202);
    assert_eq!(post(&squall, "/api/v1/topologies/scheduled-messages/resume", "").0, 202);
    assert_eq!(post(&squall, "/api/v1/topologies/scheduled-messages/drain?deadline=1s", "").0, 202);
    let (status, log) = squall.wait();
    assert_eq!(status.code(), Some(0), "{log}");
}
