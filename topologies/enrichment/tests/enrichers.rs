//! Every activity goes out with what each enricher of the configuration says of it, or why it says nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics fails")]

mod pipeline {
    pub(crate) mod job;
}

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use pipeline::job::Job;
use serde_json::{Value, json};
use squall_enrichment::{Enrichers, Settings};
use squall_topology::Config;

/// A web server on loopback: `/short` leads to `/long`, and everything else is there.
fn web() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for caller in listener.incoming() {
            let mut caller = caller.unwrap();
            thread::spawn(move || {
                let mut lines = BufReader::new(caller.try_clone().unwrap()).lines().map_while(Result::ok);
                while let Some(first) = lines.next() {
                    // The head ends with an empty line.
                    lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
                    let (status, header) = match first.contains("/short") {
                        true => (301, "location: /long\r\n"),
                        false => (200, ""),
                    };
                    let answer = format!("HTTP/1.1 {status} So\r\n{header}content-length: 0\r\n\r\n");
                    if caller.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

fn enrichers(settings: &str) -> Enrichers {
    let mut config = Config::parse("squall.toml", settings).unwrap();
    let settings: Settings = config.section_or_default("enrichment");
    config.finish().unwrap();
    settings.enricher.open().unwrap();
    settings.enricher
}

fn post(did: &str, text: &str) -> String {
    json!({"did": did, "kind": "commit", "commit": {
        "operation": "create", "collection": "app.bsky.feed.post", "record": {"text": text},
    }})
    .to_string()
}

#[test]
fn each_activity_has_all_of_its_enrichments_or_the_reason_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let people = folder.path().join("people.ndjson");
    std::fs::write(&people, "{\"key\":\"did:plc:a\",\"score\":63.4}\n").unwrap();
    let enrichers = enrichers(&format!(
        "[enrichment.enricher.language]
         type = 'language'
         [enrichment.enricher.links]
         type = 'links'
         ports = 'any'
         allow = ['127.0.0.1/32']
         [enrichment.enricher.influence]
         type = 'influence'
         table = '{}'",
        people.display()
    ));
    let (short, private) = (format!("http://{}/short", web()), "http://169.254.169.254/latest/meta-data/");
    let known = post("did:plc:a", &format!("Good morning to all of you: {short} {private}"));
    let unknown = post("did:plc:b", "😂");
    let like = r#"{"did":"did:plc:a","kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.like","record":{"subject":{}}}}"#;
    let note = r#"{"text":"Guten Morgen, heute scheint endlich die Sonne wieder."}"#;

    let done = Job::of([known.as_str(), unknown.as_str(), like, note].join("\n")).enrichers(enrichers).run();

    let lines = done.lines();
    let enrichment = |event: &str| -> Value {
        let line = lines.iter().find(|line| line.starts_with(&event[..event.len() - 1])).unwrap();
        serde_json::from_str::<Value>(line).unwrap()["enrichment"].clone()
    };
    let found = enrichment(&known);
    assert_eq!(found["influence"], json!({"score": 63.4}));
    assert_eq!(found["language"]["code"], "eng");
    assert_eq!(
        found["links"],
        json!([
            {"url": short, "final": short.replace("/short", "/long"), "status": 200, "hops": 1},
            {"url": private, "final": private, "hops": 0, "unreachable": "private_address"},
        ])
    );
    assert_eq!(
        enrichment(&unknown),
        json!({
            "influence": null,
            "language": null,
            "missing": {"influence": "unknown_author", "language": "no_letters"},
        })
    );
    assert_eq!(enrichment(like), json!({"influence": {"score": 63.4}}));
    assert_eq!(enrichment(note)["language"]["code"], "deu");
    assert_eq!(lines.len(), 4);
}

#[test]
fn what_was_enriched_goes_through_again_byte_for_byte() {
    let once = Job::of(post("did:plc:a", "Good morning, how is everybody today?")).run().lines();

    let twice = Job::of(once.join("\n")).run().lines();

    assert_eq!(twice, once);
    assert!(once[0].contains(r#""language":{"code":"eng""#), "{once:?}");
}
