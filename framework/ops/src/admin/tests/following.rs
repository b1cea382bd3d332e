use actix_web::test::TestRequest;
use serde_json::json;

use super::Process;
use crate::event::NewEvent;

fn follow(query: &str) -> TestRequest {
    TestRequest::get().uri(&format!("/api/v1/stream{query}"))
}

fn write(process: &Process, sentence: &str) -> u64 {
    process.site.lookout.journal().write(NewEvent::new("test", sentence))
}

#[actix_web::test]
async fn a_stream_begins_with_a_greeting_and_how_things_stand() {
    let process = Process::start();
    process.site.lookout.follow().wait_for(|seen| !seen.topologies.is_empty()).await.unwrap();
    let mut reading = process.read(follow("")).await;

    let hello = reading.next().await.unwrap();
    assert_eq!((&*hello.name, &hello.data["version"]), ("hello", &json!("1.2.3")));
    assert_eq!(reading.named("finding").await.data["findings"], json!([]));
    let stats = reading.named("stats").await.data;
    assert_eq!(stats["topologies"][0]["name"], "post");
    assert!(reading.named("stats").await.data["at"].as_str() > stats["at"].as_str(), "another second came");
}

#[actix_web::test]
async fn a_reader_that_comes_back_gets_the_events_it_missed_once() {
    let process = Process::start();
    let known = write(&process, "known");
    let missed = [write(&process, "first"), write(&process, "second")];

    let back = follow("?topics=events").insert_header(("Last-Event-ID", known.to_string()));
    let mut reading = process.read(back).await;

    let mut told = Vec::new();
    for _ in missed {
        told.push(reading.named("event").await);
    }
    let later = write(&process, "later");
    told.push(reading.named("event").await);
    let sentences: Vec<_> = told.iter().map(|told| told.data["sentence"].as_str().unwrap()).collect();
    // The engine tells of its start at any moment.
    let own = |sentence: &&&str| ["first", "second", "later"].contains(*sentence);
    assert!(sentences.iter().filter(own).count() >= 2, "{sentences:?}");
    let ids: Vec<u64> = told.iter().map(|told| told.id.unwrap()).collect();
    assert_eq!(ids, (known + 1..=known + 3).collect::<Vec<_>>(), "none is left out, none comes twice");
    assert!(later > missed[1]);
}

#[actix_web::test]
async fn a_reader_that_missed_more_than_is_kept_is_told_how_much() {
    let process = Process::start();
    let known = write(&process, "known");
    for number in 0..5_100 {
        write(&process, &number.to_string());
    }

    let back = follow("").insert_header(("Last-Event-ID", known.to_string()));
    let mut reading = process.read(back).await;

    assert!(reading.named("lagged").await.data["missed_events"].as_u64().unwrap() >= 100);
    assert!(reading.named("event").await.id.unwrap() > known + 100);
}

#[actix_web::test]
async fn a_number_from_another_process_is_as_good_as_none() {
    let process = Process::start();
    let last = write(&process, "here");

    let mut reading = process.read(follow("").insert_header(("Last-Event-ID", "9000000"))).await;

    assert!(reading.named("event").await.id.unwrap() <= last);
    let wrong = follow("").insert_header(("Last-Event-ID", "yesterday"));
    assert_eq!(process.ask(wrong).await.status, 400);
}

#[actix_web::test]
async fn every_stream_ends_when_the_process_does() {
    let process = Process::start();
    let mut reading = process.read(follow("")).await;
    reading.named("hello").await;

    process.streams.close();

    while reading.next().await.is_some() {}
    assert_eq!(process.ask(follow("")).await.status, 503);
}

#[actix_web::test]
async fn topics_that_there_are_not_are_a_400() {
    let process = Process::start();

    for query in ["?topics=weather", "?topics=", "?topic=stats"] {
        assert_eq!(process.ask(follow(query)).await.status, 400, "{query}");
    }
}
