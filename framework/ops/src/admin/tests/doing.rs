use std::time::Duration;

use actix_web::http::header::IF_MATCH;
use serde_json::{Value, json};
use squall_topology::{Config, EngineSettings};

use super::{Answer, Process, post};

const READ: &str = "/api/v1/topologies/post/components/read";

async fn rebalance(process: &Process, wanted: Value) -> Answer {
    process.ask(post(&format!("{READ}/rebalance")).set_json(wanted)).await
}

#[actix_web::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let process = Process::start();
    let before = process.get(READ).await;

    let answer = rebalance(&process, json!({"parallelism": 4, "inbox": 64, "dry_run": true})).await;

    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(answer.json["parallelism"], json!({"from": 2, "to": 4}));
    assert_eq!(
        answer.json["changes"],
        json!([
            {"setting": "parallelism", "from": "2", "to": "4"},
            {"setting": "inbox", "from": "4096", "to": "64"},
        ])
    );
    assert!(answer.json["warnings"][0].as_str().unwrap().contains("begins anew"), "{}", answer.json);
    let after = process.get(READ).await;
    assert_eq!((after.json["tasks"].clone(), after.etag), (json!(2), before.etag));
    assert_eq!(process.site.lookout.journal().newest(1, |event| event.kind == "rebalance"), []);
}

#[actix_web::test]
async fn of_two_who_looked_at_the_same_numbers_the_second_is_told_that_others_hold() {
    let process = Process::start();
    let looked_at = process.get(READ).await.etag.unwrap();
    let change = |tasks: usize| {
        let request = post(&format!("{READ}/rebalance")).insert_header((IF_MATCH, looked_at.clone()));
        request.set_json(json!({"parallelism": tasks}))
    };

    let first = process.ask(change(3)).await;
    let second = process.ask(change(5)).await;

    assert_eq!(first.status, 200, "{}", first.json);
    assert_eq!((second.status, &second.json["type"]), (412, &json!("/problems/outdated")));
    let now = process.get(READ).await;
    assert_eq!(now.json["settings"]["parallelism"], 3);
    assert_eq!(now.etag, first.etag);
    assert_ne!(now.etag, Some(looked_at));
}

#[actix_web::test]
async fn numbers_that_cannot_be_are_a_422_with_all_their_faults() {
    let process = Process::start();
    let pointers = |answer: &Answer| -> Vec<String> {
        let faults = answer.json["errors"].as_array().unwrap().iter();
        faults.map(|fault| fault["pointer"].as_str().unwrap().to_owned()).collect()
    };

    let wrong = rebalance(&process, json!({"parallelism": 0, "inbox": u64::from(u32::MAX)})).await;
    let nothing = rebalance(&process, json!({})).await;
    let useless = rebalance(&process, json!({"max_pending": 1})).await;

    assert_eq!((wrong.status, pointers(&wrong)), (422, vec!["/parallelism".into(), "/inbox".into()]));
    assert_eq!((nothing.status, pointers(&nothing)), (422, vec![String::new()]));
    assert_eq!(useless.status, 422, "{}", useless.json);
    assert_eq!(process.get(READ).await.json["tasks"], 2);
}

#[actix_web::test]
async fn whatever_is_done_or_refused_is_written_down_with_who_and_from_where() {
    let process = Process::start();
    let asked = |path: &str| {
        post(path).insert_header(("Squall-Actor", "ada")).peer_addr("10.0.0.7:4000".parse().unwrap())
    };

    for (path, status, kind, ok, says) in [
        ("/api/v1/topologies/post/pause", 202, "pause", true, "`post` was paused"),
        ("/api/v1/topologies/post/resume", 202, "resume", true, "`post` was resumed"),
        ("/api/v1/topologies/pots/pause", 404, "pause", false, "No topology `pots` runs here"),
        (
            "/api/v1/topologies/post/components/write/pause",
            200,
            "pause_spout",
            true,
            "spout `write` was paused",
        ),
        ("/api/v1/topologies/post/components/read/pause", 409, "pause_spout", false, "is no spout"),
        (
            "/api/v1/topologies/post/components/read/tasks/1/restart",
            200,
            "restart_task",
            true,
            "task 1 of `read`",
        ),
        (
            "/api/v1/topologies/post/components/read/tasks/9/restart",
            404,
            "restart_task",
            false,
            "has no task 9",
        ),
        ("/api/v1/config/reload", 503, "reload", false, "The process ends"),
        ("/api/v1/topologies/post/drain?deadline=1ms", 202, "drain", true, "with 1ms to come to its end"),
    ] {
        let answer = process.ask(asked(path)).await;

        assert_eq!(answer.status, status, "{path}: {}", answer.json);
        let event = process.site.lookout.journal().newest(1, |event| event.who.is_some()).remove(0);
        assert_eq!((event.kind, event.ok), (kind, ok), "{path}");
        assert_eq!((event.who.as_deref(), event.address.as_deref()), (Some("ada"), Some("10.0.0.7")));
        assert!(event.sentence.contains(says), "{path}: {}", event.sentence);
    }
}

#[actix_web::test]
async fn a_report_about_what_is_not_there_is_refused_at_the_member_that_names_it() {
    let process = Process::start();

    for (topology, component, pointer) in [("pots", "read", "/topology"), ("post", "rade", "/component")] {
        let report = json!({"sentence": "no mail since noon", "topology": topology, "component": component});
        let answer = process.ask(post("/api/v1/alerts").set_json(report)).await;

        assert_eq!(answer.status, 422, "{}", answer.json);
        assert_eq!(answer.json["errors"][0]["pointer"], pointer, "{}", answer.json);
    }
    let report = json!({"sentence": "no mail since noon", "topology": "post", "component": "read"});
    assert_eq!(process.ask(post("/api/v1/alerts").set_json(report)).await.status, 201);
}

#[actix_web::test]
async fn a_drain_takes_the_time_that_the_configuration_gives_it() {
    let process = Process::start();
    let engine = EngineSettings { drain_deadline: Duration::from_secs(300), ..EngineSettings::default() };
    process.site.config.hold(&Config::empty(), &engine, Vec::new());

    assert_eq!(process.post("/api/v1/topologies/post/drain").await.status, 202);

    let event = process.site.lookout.journal().newest(1, |event| event.kind == "drain").remove(0);
    assert!(event.sentence.contains("with 5m to come to its end"), "{}", event.sentence);
}

#[actix_web::test]
async fn a_topology_that_is_over_can_be_told_nothing_more() {
    let process = Process::start();
    assert_eq!(process.post("/api/v1/topologies/post/kill").await.status, 202);
    process.running().wait().await.unwrap();

    for path in ["pause", "components/read/tasks/0/restart", "components/write/pause"] {
        let answer = process.post(&format!("/api/v1/topologies/post/{path}")).await;

        assert_eq!(answer.status, 409, "{path}: {}", answer.json);
    }
    assert_eq!(rebalance(&process, json!({"parallelism": 3})).await.status, 409);
    assert_eq!(process.get("/api/v1/topologies/post").await.status, 200);
}
