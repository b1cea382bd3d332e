use serde_json::json;

use super::Process;

#[actix_web::test]
async fn what_runs_is_told_before_anybody_has_looked() {
    let process = Process::start();

    let standing = process.get("/api/v1/topologies").await.json;

    let topology = &standing["topologies"][0];
    assert_eq!((&topology["name"], &topology["state"]), (&json!("post"), &json!("running")));
    assert_eq!(topology["components"][1]["name"], "read");
    assert_eq!(topology["components"][1]["tasks"], 2);
    assert!(topology["components"][1]["emitted_per_s"].is_number());
    assert_eq!(standing["version"], "1.2.3");
}

#[actix_web::test]
async fn a_component_is_told_with_its_tasks_its_streams_its_queues_and_its_numbers() {
    let process = Process::start();
    let path = "/api/v1/topologies/post/components/read";

    let component = process.get(path).await.json;
    let tasks = process.get(&format!("{path}/tasks")).await.json;
    let queues = process.get(&format!("{path}/queues")).await.json;
    let errors = process.get(&format!("{path}/errors")).await.json;
    let streams = process.get("/api/v1/topologies/post/components/write/streams").await.json;

    assert_eq!(component["settings"]["parallelism"], 2);
    assert_eq!(component["counters"]["kind"], "bolt");
    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(queues["queues"].as_array().unwrap().len(), 2);
    assert_eq!(errors["errors"], json!([]));
    assert_eq!(streams["streams"][0]["to"][0]["component"], "read");
}

#[actix_web::test]
async fn the_graph_is_told_in_four_ways() {
    let process = Process::start();
    process.site.lookout.follow().wait_for(|seen| !seen.topologies.is_empty()).await.unwrap();
    let graph = |format: &str| format!("/api/v1/topologies/post/graph?format={format}");

    let edges = process.get(&graph("json")).await.json["edges"].clone();

    assert_eq!(edges, json!([{"from": "write", "stream": "default", "to": "read", "grouping": "fields"}]));
    for format in ["dot", "mermaid", "svg", "svg&by=queue"] {
        assert_eq!(process.get(&graph(format)).await.status, 200, "{format}");
    }
    assert_eq!(process.get(&graph("png")).await.status, 400);
}

#[actix_web::test]
async fn what_is_not_there_is_a_404_that_says_what_is() {
    let process = Process::start();

    for (path, known) in [
        ("/api/v1/topologies/pots", "there are: post"),
        ("/api/v1/topologies/post/components/reed/tasks", "it has: write, read"),
        ("/api/v1/history?topology=post&component=reed&metric=emitted", "it has: write, read"),
        ("/api/v1/tap?topology=post&component=write&stream=letters", "it has: default"),
    ] {
        let answer = process.get(path).await;

        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.json["detail"].as_str().unwrap().contains(known), "{path}: {}", answer.json);
    }
}

#[actix_web::test]
async fn a_history_has_numbers_when_its_first_second_is_over() {
    let process = Process::start();
    let mut seen = process.site.lookout.follow();
    seen.mark_unchanged();
    // The first look may see nothing yet, and the next may be one in between; the third is that of a second.
    for _ in 0..3 {
        seen.changed().await.unwrap();
    }

    let series = process.get("/api/v1/history?topology=post&metric=emitted&window=1m").await.json;

    assert_eq!(series["step_seconds"], 1);
    assert!(!series["values"].as_array().unwrap().is_empty(), "{series}");
    assert_eq!(process.get("/api/v1/history?topology=post&metric=weather").await.status, 400);
}
