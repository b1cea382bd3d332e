//! A Jetstream is read without a gap.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use squall::RetryPolicy;
use squall::prelude::*;
use squall_enrichment::{JetstreamSettings, JetstreamSource};

use crate::job::{Seen, at_random, drain, start, wait_until};
use crate::log::{APART, Log};
use crate::web_socket_server::Server;

fn settings(url: &str) -> JetstreamSettings {
    JetstreamSettings {
        overlap: Duration::from_micros(50 * APART as u64),
        look_back: Duration::from_secs(3600),
        silence: Duration::from_millis(300),
        pauses: Some(RetryPolicy {
            attempts: u32::MAX,
            backoff: Duration::from_millis(2),
            max_backoff: Duration::from_millis(20),
        }),
        ..JetstreamSettings::new(url)
    }
}

fn open(url: &str, cursor: &Path) -> JetstreamSource {
    JetstreamSource::open(settings(url), Some(cursor)).unwrap()
}

#[test]
fn every_event_is_done_though_servers_and_workers_fail_at_random() {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let log = Log::of_posts(3_000, &mut random);
    let server = Server::start(log.clone(), Some(random.u64(..)));
    let folder = tempfile::tempdir().unwrap();
    let cursor = folder.path().join("jetstream.cursor");
    let seen = Seen::default();

    // Two processes that are killed in the middle of it, and one that ends as it should.
    for part in [1_000, 2_000, 3_000] {
        let source = open(&server.url, &cursor);
        let running = start(
            {
                let source = source.clone();
                move |cx: &TaskContext| source.spout(cx)
            },
            &seen,
            at_random(random.u64(..)),
        );
        seen.wait_for(part);
        if part < 3_000 {
            running.kill();
            drop(running.wait_blocking());
        } else {
            drain(&running);
            assert!(source.tally().repeated() > 0, "the overlap came twice, and was known");
        }
    }

    let mut ids = log.ids();
    ids.sort();
    assert_eq!(seen.ids(), ids);
    assert!(server.accepted.load(Relaxed) > 3, "it was cut off");
    // What is under way at a kill, and the overlap of a restart, come again: nothing else does.
    assert!(seen.times() < 3_000 + 2 * 400, "{} times", seen.times());
}

#[test]
fn a_restart_begins_before_what_was_not_done_and_knows_what_it_had() {
    let mut random = fastrand::Rng::with_seed(7);
    let log = Log::of_posts(500, &mut random);
    let server = Server::start(log.clone(), None);
    let folder = tempfile::tempdir().unwrap();
    let cursor = folder.path().join("jetstream.cursor");

    // Its 101st event is never done.
    let (first, source) = (Seen::default(), open(&server.url, &cursor));
    let spout = source.clone();
    let hold = Arc::new(|line: &squall_connect::ndjson::Line| match line.number {
        101 => Err(Error::retryable("not now")),
        _ => Ok(()),
    });
    let running = start(move |cx: &TaskContext| spout.spout(cx), &first, hold);
    first.wait_for(130);
    running.kill();
    drop((running.wait_blocking(), source));
    assert!(!first.ids().contains(&"at:did:plc:100/app.bsky.feed.post/k/100/create".to_owned()));

    let (second, source) = (Seen::default(), open(&server.url, &cursor));
    let spout = source.clone();
    let running = start(move |cx: &TaskContext| spout.spout(cx), &second, Arc::new(|_| Ok(())));
    let missing: Vec<_> = log.ids().into_iter().filter(|id| !first.ids().contains(id)).collect();
    second.wait_for_all(&missing);
    drain(&running);
    assert!(second.times() < 500 - 100 + 60, "no more than the overlap comes again");
    drop(source);

    let (third, source) = (Seen::default(), open(&server.url, &cursor));
    let running = start(move |cx: &TaskContext| source.spout(cx), &third, Arc::new(|_| Ok(())));
    third.wait_for(45);
    drain(&running);
    assert!(third.times() < 60, "only the overlap comes again: {}", third.times());
}

#[test]
fn a_feed_on_which_nothing_happens_is_no_fault() {
    let mut random = fastrand::Rng::with_seed(7);
    let server = Server::start(Log::of_posts(3, &mut random), None);
    let source = JetstreamSource::open(
        JetstreamSettings { silence: Duration::from_secs(4), ..settings(&server.url) },
        None,
    )
    .unwrap();
    let (seen, spout) = (Seen::default(), source.clone());

    let running = start(move |cx: &TaskContext| spout.spout(cx), &seen, Arc::new(|_| Ok(())));
    seen.wait_for(3);
    // As many pings as would have been too many for a server that is dead.
    wait_until("pings", || server.pings.load(Relaxed) >= 3);
    drain(&running);

    assert_eq!((source.tally().connections(), server.accepted.load(Relaxed)), (1, 1));
}

#[test]
fn an_event_that_fails_for_good_ends_it_by_name_and_comes_again() {
    let mut random = fastrand::Rng::with_seed(7);
    let server = Server::start(Log::of_posts(100, &mut random), None);
    let folder = tempfile::tempdir().unwrap();
    let cursor = folder.path().join("jetstream.cursor");
    let (seen, source) = (Seen::default(), open(&server.url, &cursor));
    let refuse = Arc::new(|line: &squall_connect::ndjson::Line| match line.number {
        50 => Err(Error::permanent("never")),
        _ => Ok(()),
    });
    let running = start(move |cx: &TaskContext| source.spout(cx), &seen, refuse);
    let error = running.wait_blocking().unwrap_err().to_string();
    assert!(error.contains("event 50 of the feed failed for good"), "{error}");
    drop(running);

    let (seen, source) = (Seen::default(), open(&server.url, &cursor));
    let running = start(move |cx: &TaskContext| source.spout(cx), &seen, Arc::new(|_| Ok(())));
    seen.wait_for(51);
    drain(&running);
    assert!(seen.ids().contains(&"at:did:plc:49/app.bsky.feed.post/k/49/create".to_owned()));
}

#[test]
fn an_address_that_is_none_and_a_broken_cursor_are_refused_at_once() {
    let error = JetstreamSource::open(JetstreamSettings::new("https://example.com/"), None).unwrap_err();
    assert!(error.is_permanent() && error.to_string().contains("wss://HOST/subscribe"), "{error}");

    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere/a.cursor");
    let error = JetstreamSource::open(settings("ws://127.0.0.1:1/"), Some(&nowhere)).unwrap_err();
    assert!(error.is_permanent() && error.to_string().contains("a.cursor"), "{error}");
}
