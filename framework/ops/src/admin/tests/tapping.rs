use actix_web::test::TestRequest;
use serde_json::json;

use super::Process;

fn tap(more: &str) -> TestRequest {
    TestRequest::get().uri(&format!("/api/v1/tap?topology=post&component=write{more}"))
}

#[actix_web::test]
async fn a_tap_shows_as_many_tuples_as_it_may_and_no_secret() {
    let process = Process::start();
    let mut reading = process.read(tap("&limit=3")).await;

    assert_eq!(reading.next().await.unwrap().name, "hello");
    for _ in 0..3 {
        let shown = reading.next().await.unwrap();
        assert_eq!((&*shown.name, &shown.data["component"]), ("tuple", &json!("write")));
        assert!(shown.data["tuple"]["number"].is_u64(), "{}", shown.data);
        assert_eq!(shown.data["tuple"]["password"], "***");
    }
    let end = reading.next().await.unwrap();
    assert_eq!((&*end.name, &end.data["reason"]), ("end", &json!("limit")));
    assert!(reading.next().await.is_none());
}

#[actix_web::test]
async fn a_tap_ends_with_its_time() {
    let process = Process::start();
    assert_eq!(process.post("/api/v1/topologies/post/components/write/pause").await.status, 200);

    let mut reading = process.read(tap("&seconds=1")).await;

    assert_eq!(reading.named("end").await.data["reason"], "time");
}

#[actix_web::test]
async fn who_looks_at_tuples_is_written_down() {
    let process = Process::start();

    drop(process.read(tap("&seconds=5").insert_header(("Squall-Actor", "ada"))).await);

    let event = process.site.lookout.journal().newest(1, |event| event.kind == "tap").remove(0);
    assert_eq!((event.who.as_deref(), event.component.as_deref()), (Some("ada"), Some("write")));
}

#[actix_web::test]
async fn a_tap_that_asks_for_more_than_may_be_shown_is_a_400() {
    let process = Process::start();

    for more in ["&rate=11", "&rate=0", "&limit=101", "&seconds=61", "&seconds=-1"] {
        assert_eq!(process.ask(tap(more)).await.status, 400, "{more}");
    }
}

#[actix_web::test]
async fn where_tuples_may_not_be_looked_at_a_tap_is_a_403() {
    let mut process = Process::start();
    process.may_tap = false;

    let answer = process.ask(tap("")).await;

    assert_eq!(answer.status, 403, "{}", answer.json);
    assert_eq!(process.get("/api/v1/info").await.json["may_tap"], false);
}
