//! A feed of Wikimedia is read without a gap.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use squall::RetryPolicy;
use squall::prelude::*;
use squall_enrichment::{WikimediaSettings, WikimediaSource};

use crate::job::{Seen, at_random, drain, start};
use crate::log::Log;
use crate::sse_server::Server;

fn open(url: &str, cursor: Option<&Path>) -> WikimediaSource {
    let pauses = RetryPolicy {
        attempts: u32::MAX,
        backoff: Duration::from_millis(2),
        max_backoff: Duration::from_millis(20),
    };
    let silence = Duration::from_millis(300);
    let settings = WikimediaSettings { silence, pauses: Some(pauses), ..WikimediaSettings::new(url) };
    WikimediaSource::open(settings, cursor).unwrap()
}

#[test]
fn every_change_is_done_though_servers_and_workers_fail_at_random() {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let log = Log::of_changes(3_000);
    let server = Server::start(log.clone(), Some(random.u64(..)), false);
    let folder = tempfile::tempdir().unwrap();
    let cursor = folder.path().join("wikimedia.cursor");
    let seen = Seen::default();

    for part in [900, 1_800, 2_700] {
        let source = open(&server.url, Some(&cursor));
        let spout = source.clone();
        let running = start(move |cx: &TaskContext| spout.spout(cx), &seen, at_random(random.u64(..)));
        seen.wait_for(part);
        if part < 2_700 {
            running.kill();
            drop(running.wait_blocking());
        } else {
            drain(&running);
            assert!(source.tally().passed_over() > 0);
        }
    }

    let mut ids = log.ids();
    ids.sort();
    assert_eq!(seen.ids(), ids, "all of them, and no test of the feed itself");
    assert!(seen.times() < 2_700 + 2 * 400, "{} times", seen.times());
}

#[test]
fn a_feed_that_says_that_it_is_over_ends_the_topology_when_all_is_done() {
    let log = Log::of_changes(200);
    let server = Server::start(log.clone(), Some(5), true);
    let (seen, source) = (Seen::default(), open(&server.url, None));

    let running = start(move |cx: &TaskContext| source.spout(cx), &seen, Arc::new(|_| Ok(())));
    running.wait_blocking().unwrap();

    assert_eq!(seen.ids().len(), log.ids().len());
}
