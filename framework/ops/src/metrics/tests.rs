//! What is scraped is what the status says, in a form that Prometheus reads.

mod grafana;
mod page;
mod text;

use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus::core::Collector;
use prometheus::{
    Gauge, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry, TextEncoder,
};
use serde_json::{Value, json};
use squall_core::{Bolt, Emit, Next, Output, Spout, SpoutOutput};
use squall_runtime::{LATENCY_BOUNDS, Options, Running};
use squall_topology::{Config, Plan, TopologyBuilder};
use text::Text;

use super::checks::Checks;
use super::{Own, registry};
use crate::check::{Board, Bound, Check, Reading, View};
use crate::event::Journal;
use crate::lookout::Lookout;
use crate::reload::{ConfigState, Configured, Refusal, Trigger};
use crate::site::Topology;

/// Comes to an end.
struct Numbers(std::ops::Range<u64>);

impl Spout for Numbers {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> squall_core::Result<Next> {
        let Some(number) = self.0.next() else { return Ok(Next::End) };
        out.track(number).emit(number);
        Ok(Next::Emitted)
    }
}

/// Refuses every tenth.
struct Picky;

impl Bolt for Picky {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, number: u64, _: &mut Output<()>) -> squall_core::Result<()> {
        if number.is_multiple_of(10) { Err(squall_core::Error::permanent("a tenth")) } else { Ok(()) }
    }
}

fn plan() -> Plan {
    let mut topology = TopologyBuilder::new("picky");
    let numbers = topology.spout("numbers", || Numbers(0..100)).output();
    topology.bolt("picky", || Picky).tasks(3).shuffle(numbers);
    topology.build().unwrap()
}

/// A topology that has come to its end.
fn topology(own: Vec<Arc<dyn Collector>>) -> Topology {
    let running = Running::start(plan(), Options::default()).unwrap();
    running.wait_blocking().unwrap();
    Topology {
        name: "picky",
        about: "Refuses",
        links: Vec::new(),
        pages: Vec::new(),
        cards: Vec::new(),
        running,
        configured: Configured::new(plan()),
        own: Own(own),
    }
}

fn of(topologies: &[Topology]) -> Registry {
    let config = Arc::new(ConfigState::new(None, &Config::empty(), Vec::new()));
    registry(("squall", "1.2.3"), topologies, &Lookout::start().unwrap(), &config)
}

fn scrape(registry: &Registry) -> Text {
    Text::parse(&TextEncoder::new().encode_to_string(&registry.gather()).unwrap())
}

#[test]
fn what_is_scraped_is_what_the_status_says() {
    let topology = topology(Vec::new());
    let status = serde_json::to_value(topology.running.status()).unwrap();

    let text = scrape(&of(&[topology]));

    assert_eq!(status["roots"]["failed"], 10, "{status}");
    for component in status["components"].as_array().unwrap() {
        let place = [("topology", "picky"), ("component", component["name"].as_str().unwrap())];
        let check = |name: &str, value: &Value| {
            let found = text.get(&format!("squall_component_{name}"), &place);
            assert_eq!(found, value.as_f64(), "{name} of {component}");
        };
        for counter in ["executed", "refused", "emitted", "skipped", "dropped_untracked", "restarts", "stuck"]
        {
            check(&format!("{counter}_total"), &component[counter]);
        }
        for time in ["busy", "blocked", "idle"] {
            check(&format!("{time}_seconds_total"), &component[format!("{time}_seconds")]);
        }
        for stream in component["streams"].as_array().unwrap() {
            let labels = [&place[..], &[("stream", stream["name"].as_str().unwrap())]].concat();
            let found = text.get("squall_component_stream_emitted_total", &labels);
            assert_eq!(found, stream["emitted"].as_f64());
            for to in stream["to"].as_array().unwrap() {
                let labels = [&place[..], &[("to", to["component"].as_str().unwrap())]].concat();
                for (name, of) in [("blocked_on_seconds", "blocked_seconds"), ("transferred", "transferred")]
                {
                    let found = text.get(&format!("squall_component_{name}_total"), &labels);
                    assert_eq!(found, to[of].as_f64(), "{name}");
                }
            }
        }
        for time in ["execute", "complete"] {
            check_histogram(&text, &format!("squall_component_{time}_seconds"), &place, &component[time]);
        }
        let roots = &component["roots"];
        for (metric, of) in
            [("roots_emitted_total", "emitted"), ("roots_acked_total", "acked"), ("roots_pending", "pending")]
        {
            check(metric, &roots[of]);
        }
        for reason in ["explicit", "panic", "timeout", "dropped", "shutdown"] {
            let failed = text
                .get("squall_component_roots_failed_total", &[&place[..], &[("reason", reason)]].concat());
            let told = roots.is_object().then(|| roots["failed_by"][reason].as_f64().unwrap_or(0.0));
            assert_eq!(failed, told, "{reason} of {component}");
        }
        let inboxes = component["inboxes"].as_array().unwrap();
        let sum = |of: &str| inboxes.iter().map(|inbox| inbox[of].as_f64().unwrap()).reduce(|a, b| a + b);
        check("inbox_capacity_tuples", &json!(sum("capacity")));
        check("inbox_tuples", &json!(sum("depth")));
        check("inbox_blocked_seconds_total", &json!(sum("blocked_seconds")));
        let finished = [&place[..], &[("state", "finished")]].concat();
        assert_eq!(text.get("squall_component_tasks", &finished), component["tasks"].as_f64());
    }
    assert_eq!(text.get("squall_topology_state", &[("topology", "picky"), ("state", "ended")]), Some(1.0));
    assert_eq!(text.get("squall_topology_state", &[("topology", "picky"), ("state", "running")]), Some(0.0));
}

/// Buckets count from below; one that says nothing is not there.
fn check_histogram(text: &Text, name: &str, place: &[(&str, &str)], told: &Value) {
    let counts: Vec<f64> = told["counts"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
    let all = (!counts.is_empty()).then(|| counts.iter().sum());
    assert_eq!(text.get(&format!("{name}_count"), place), all, "{name}: {told}");
    assert_eq!(text.get(&format!("{name}_sum"), place), all.and_then(|_| told["sum_seconds"].as_f64()));
    let bucket =
        |bound: String| text.get(&format!("{name}_bucket"), &[place, &[("le", bound.as_str())]].concat());
    assert_eq!(bucket("+Inf".to_owned()), all);
    for (at, bound) in LATENCY_BOUNDS.iter().enumerate() {
        assert_eq!(
            bucket(bound.to_string()),
            all.map(|_| counts[..=at].iter().sum()),
            "{name} up to {bound}"
        );
    }
}

#[test]
fn whatever_a_label_says_can_be_read_back() {
    let letters =
        IntCounterVec::new(Opts::new("squall_post_letters_total", "A \\ in\nthe help"), &["to"]).unwrap();
    let late = HistogramVec::new(HistogramOpts::new("squall_post_late_seconds", "Late"), &["to"]).unwrap();
    let nasty = "\"quoted\" \\ back\\nslash\nnew line, {braces}=\"x\" ü";
    letters.with_label_values(&[nasty]).inc_by(3);
    late.with_label_values(&[nasty]).observe(0.3);
    let own: Vec<Arc<dyn Collector>> = vec![Arc::new(letters), Arc::new(late)];

    let text = scrape(&of(&[topology(own)]));

    assert_eq!(text.get("squall_post_letters_total", &[("to", nasty)]), Some(3.0));
    assert_eq!(text.get("squall_post_late_seconds_bucket", &[("to", nasty), ("le", "+Inf")]), Some(1.0));
    assert_eq!(text.get("squall_post_late_seconds_bucket", &[("to", nasty), ("le", "0.25")]), Some(0.0));
}

#[test]
fn a_metric_whose_name_is_taken_is_left_out_and_the_others_are_not() {
    let engine =
        IntCounterVec::new(Opts::new("squall_component_executed_total", "Mine"), &["topology", "component"]);
    let engine = engine.unwrap();
    engine.with_label_values(&["picky", "picky"]).inc_by(7);
    let twice = || IntCounter::new("squall_post_letters_total", "Letters").unwrap();
    let other = Gauge::new("squall_post_open", "Whether it is open").unwrap();
    let (first, second) = (twice(), twice());
    second.inc();
    let own: Vec<Arc<dyn Collector>> =
        vec![Arc::new(engine), Arc::new(first), Arc::new(second), Arc::new(other)];

    let text = scrape(&of(&[topology(own)]));

    let place = [("topology", "picky"), ("component", "picky")];
    assert_eq!(text.get("squall_component_executed_total", &place), Some(100.0));
    assert_eq!(text.get("squall_post_letters_total", &[]), Some(0.0));
    assert_eq!(text.get("squall_post_open", &[]), Some(0.0));
}

#[test]
#[cfg(target_os = "linux")]
fn the_process_is_told_of_as_the_kernel_sees_it() {
    let before = std::time::SystemTime::now();

    let text = scrape(&of(&[]));

    let get = |name: &str| text.get(name, &[]).unwrap();
    let now = before.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    assert!(get("process_start_time_seconds") <= now + 1.0 && get("process_start_time_seconds") > 1e9);
    assert!(get("process_resident_memory_bytes") > 1e5);
    assert!(get("process_virtual_memory_bytes") >= get("process_resident_memory_bytes"));
    assert!(get("process_threads") >= 1.0);
    assert!((3.0..get("process_max_fds")).contains(&get("process_open_fds")));
    assert!(get("process_cpu_seconds_total") >= 0.0);
    assert_eq!(text.types["process_cpu_seconds_total"], "counter");
}

#[test]
fn a_reload_that_was_refused_shows_and_the_configuration_before_keeps_its_time() {
    let config = Arc::new(ConfigState::new(None, &Config::empty(), Vec::new()));
    let registry = registry(("squall", "1.2.3"), &[], &Lookout::start().unwrap(), &config);
    let get = |name: &str| scrape(&registry).get(name, &[]);
    let read_at = get("squall_config_last_reload_timestamp_seconds").unwrap();
    assert!(read_at > 1e9, "{read_at}");
    assert_eq!(get("squall_config_last_reload_successful"), Some(1.0));

    config.note(Trigger::Api, &Err(Refusal::Draining));

    assert_eq!(get("squall_config_last_reload_successful"), Some(0.0));
    assert_eq!(get("squall_config_last_reload_timestamp_seconds"), Some(read_at));
    let who = [("name", "squall"), ("version", "1.2.3")];
    assert_eq!(scrape(&registry).get("squall_build_info", &who), Some(1.0));
}

#[test]
fn every_check_tells_its_value_its_bound_and_whether_it_is_raised() {
    let board = Board::default();
    let queue = Check::new("queue", Bound::Above(5.0), |_: View<'_>| Vec::new()).lasting(Duration::ZERO);
    let measured =
        vec![Reading::new(7.0).about("picky", "numbers"), Reading::new(3.0).about("picky", "picky")];
    let registry = Registry::new();
    registry.register(Box::new(Checks::new(board.clone()).unwrap())).unwrap();

    board.judge(Instant::now(), vec![(&queue, measured)], &Journal::default());

    let text = scrape(&registry);
    let place = |component| [("check", "queue"), ("topology", "picky"), ("component", component)];
    let raised = |component| [&place(component)[..], &[("category", "mail")]].concat();
    assert_eq!(text.get("squall_check_value", &place("numbers")), Some(7.0));
    assert_eq!(text.get("squall_check_bound", &place("numbers")), Some(5.0));
    assert_eq!(text.get("squall_check_raised", &raised("numbers")), Some(1.0));
    assert_eq!(text.get("squall_check_raised", &raised("picky")), Some(0.0));
}
