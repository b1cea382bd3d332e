//! What becomes of activities about which asking failed.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use serde_json::{Value, json};
use squall_connect::ndjson::LineOutput;
use squall_enrichment::{Enrichers, Settings};
use squall_topology::Config;

use crate::job::{Done, Job};
use crate::services::{DEADLINE, Mood, Service, score};

const ACTIVITIES: u64 = 400;

fn seed() -> u64 {
    let seed =
        env::var("SQUALL_SEED").map_or_else(|_| fastrand::u64(..1 << 48), |seed| seed.parse().unwrap());
    eprintln!("SQUALL_SEED={seed}");
    seed
}

/// One that panics, one that reads the text, and one service for each of these policies.
fn enrichers(service: &Service, policies: &[&str]) -> Enrichers {
    let mut text = "[enrichment.enricher.language]
        type = 'language'
        [enrichment.enricher.panics]
        type = 'panics'
        "
    .to_owned();
    for policy in policies {
        text += &format!(
            "[enrichment.enricher.{policy}]
             type = 'influence-service'
             url = '{}'
             [enrichment.enricher.{policy}.calls]
             timeout = '{DEADLINE:?}'
             on_failure = '{policy}'
             retry = {{ attempts = 4, backoff = '2ms', max_backoff = '20ms' }}
             ",
            service.url(policy)
        );
    }
    let mut config = Config::parse("squall.toml", &text).unwrap();
    let settings: Settings = config.section_or_default("enrichment");
    config.finish().unwrap();
    settings.enricher.open().unwrap();
    settings.enricher
}

/// Activities of so many authors, one each.
fn activities() -> String {
    let activity = |number| {
        json!({"id": number, "author": format!("did:plc:{number}"), "text": "Good morning, how are you all today?"})
            .to_string()
    };
    (1..=ACTIVITIES).map(activity).collect::<Vec<_>>().join("\n")
}

/// What came out, by the id. What came more than once was emitted more than once.
fn by_id(path: &Path, done: &Done) -> BTreeMap<u64, Value> {
    let written = fs::read_to_string(path).unwrap();
    let events: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = events.len() as u64;
    let events: BTreeMap<_, _> =
        events.into_iter().map(|event| (event["id"].as_u64().unwrap(), event)).collect();
    assert!(count - events.len() as u64 <= done.progress().replays(), "{count}");
    events
}

/// Asserts that an enrichment is right; its reason, if it is missing.
fn reason(event: &Value, name: &str) -> Option<String> {
    let enrichment = &event["enrichment"];
    match &enrichment[name] {
        Value::Null => Some(enrichment["missing"][name].as_str().expect("a reason").to_owned()),
        found => {
            let expected = score(event["author"].as_str().unwrap());
            assert_eq!(
                found["score"].as_f64().unwrap(),
                expected,
                "the answer is about somebody else: {event}"
            );
            None
        }
    }
}

#[test]
fn activities_come_out_with_each_enrichment_or_its_reason_whatever_a_service_does() {
    let seed = seed();
    let service = Service::start(seed);
    let enrichers = enrichers(&service, &["hold", "publish_incomplete"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.ndjson");
    let output = LineOutput::open(path.to_str().unwrap()).unwrap();

    let done = Job::of(activities()).enrichers(enrichers).output(output).run();

    let events = by_id(&path, &done);
    assert!(events.keys().copied().eq(1..=ACTIVITIES), "seed {seed}");
    let mut unavailable = 0;
    for event in events.values() {
        assert_eq!(event["enrichment"]["language"]["code"], "eng");
        assert_eq!(event["enrichment"]["panics"], true);
        assert_eq!(reason(event, "hold"), None, "seed {seed}: it is asked until it answers");
        if let Some(why) = reason(event, "publish_incomplete") {
            assert_eq!(why, "unavailable", "seed {seed}");
            unavailable += 1;
        }
    }
    let moods = [Mood::Right, Mood::Twice, Mood::Refuses, Mood::Hangs, Mood::Late, Mood::Cut, Mood::Other];
    eprintln!("{unavailable} unavailable, {:?}", moods.map(|mood| (mood, service.was(mood))));
    assert!(unavailable > 0 && moods.iter().all(|mood| service.was(*mood) > 0), "seed {seed}");
    assert!(done.progress().replays() >= ACTIVITIES / 5, "seed {seed}: nothing panicked");
}

#[test]
fn what_a_service_refuses_for_good_is_named_and_all_else_comes_out() {
    let seed = seed();
    let service = Service::start(seed);
    let enrichers = enrichers(&service, &["dead_letter"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.ndjson");
    let output = LineOutput::open(path.to_str().unwrap()).unwrap();

    let (result, done) = Job::of(activities()).enrichers(enrichers).output(output).go();

    let unfinished = done.unfinished().expect("it has not all that was to be in it");
    let events = by_id(&unfinished, &done);
    let error = result.unwrap_err();
    let failed = done.progress().failed();
    assert!(error.contains(&format!("{failed} of {ACTIVITIES} lines failed")), "seed {seed}: {error}");
    assert_eq!(events.len() as u64 + failed, ACTIVITIES, "seed {seed}");
    // The first ones are named.
    let named = done.progress().failed_lines();
    assert!(named.iter().all(|(number, _)| !events.contains_key(number)), "seed {seed}: {named:?}");
    assert!(events.values().all(|event| reason(event, "dead_letter").is_none()), "seed {seed}");
    assert!(failed > 0 && events.len() > 200, "seed {seed}: {failed} failed");
}
