//! The PDS and the mock of Mastodon keep what is posted, survive a kill, and leave nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod support;

use serde_json::json;
use squall_services::{Mastodon, Pds};
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
};
use support::Client;

fn nothing_is_left(pids: Vec<i32>, folder: &std::path::Path) {
    assert!(!pids.is_empty());
    assert!(!pids.iter().any(|pid| fs::exists(format!("/proc/{pid}")).unwrap()));
    assert!(!folder.exists());
}

#[test]
fn a_pds_keeps_accounts_posts_and_sessions_over_a_kill() {
    let Some(pds) = Pds::start() else { return };
    let (alice, bob) = (pds.account("alice"), pds.account("bob"));
    assert_eq!((alice.handle.as_str(), alice.password()), ("alice.test", "the password of alice"));
    assert!(
        !format!("{alice:?}").contains(alice.password()) && !format!("{alice:?}").contains(alice.token())
    );
    // More than a page, and the newest key is the first.
    let digits = "234567abcdefghijklmnopqrstuvwxyz".as_bytes();
    let digit = |n: usize| char::from(digits[n % 32]);
    let mut keys: Vec<String> =
        (0..120).map(|n| format!("3kqyc6lc222{}{}", digit(n / 32), digit(n))).collect();
    let texts: Vec<String> = keys.iter().map(|key| format!("post {key}")).collect();
    let posts: Vec<(&str, &str)> =
        keys.iter().zip(&texts).map(|(key, text)| (key.as_str(), text.as_str())).collect();
    pds.create(&alice, &posts);
    pds.create(&bob, &posts[..1]);
    pds.delete(&alice, &keys[0]);
    keys.remove(0);
    keys.reverse();

    pds.stop_hard();
    assert!(TcpStream::connect(pds.address()).is_err());
    pds.start_again();

    let records = pds.records(&alice);
    assert_eq!(records.iter().map(|record| record.rkey.clone()).collect::<Vec<_>>(), keys);
    assert!(records.iter().all(|record| record.text == format!("post {}", record.rkey)));
    assert_eq!(records[0].uri, format!("at://{}/app.bsky.feed.post/{}", alice.did, keys[0]));
    // Its session still holds, and its name still leads to it.
    pds.create(&alice, &[("3kqyc6ld2222a", "after the kill")]);
    let carol = pds.account("carol");
    assert_eq!((pds.records(&carol).len(), pds.records(&bob).len()), (0, 1));

    pds.freeze();
    let (pids, folder) = (pds.pids(), pds.folder().to_owned());
    drop(pds);
    nothing_is_left(pids, &folder);
}

#[test]
fn the_limits_of_a_pds_are_those_of_bluesky_if_wanted_and_nobody_else_can_reach_it() {
    let Some(pds) = Pds::start_with_rate_limits() else { return };
    let login = || {
        let body = r#"{"identifier":"nobody.test","password":"wrong"}"#;
        let mut client = Client::connect(pds.address());
        client.post_to("/xrpc/com.atproto.server.createSession", "Content-Type: application/json\r\n", body);
        client.answer().unwrap().0
    };
    let statuses: Vec<u16> = (0..31).map(|_| login()).collect();
    assert!(statuses[..30].iter().all(|status| *status == 401), "{statuses:?}");
    assert_eq!(statuses[30], 429);
    // Its own port is one of its own network.
    let own = SocketAddr::from((Ipv4Addr::LOCALHOST, 2583));
    assert!(TcpStream::connect(own).is_err());
}

#[test]
fn the_mock_of_mastodon_honours_keys_fails_when_told_and_keeps_statuses_over_a_kill() {
    let Some(mastodon) = Mastodon::start() else { return };
    let bearer = format!("Authorization: Bearer {}\r\nContent-Type: application/json\r\n", mastodon.token());
    let post = |key: &str, text: &str| {
        let mut client = Client::connect(mastodon.address());
        let body = json!({ "status": text }).to_string();
        client.post_to("/api/v1/statuses", &format!("{bearer}Idempotency-Key: {key}\r\n"), &body);
        client.answer().unwrap().0
    };
    mastodon.fail_next(2, json!({ "type": "status", "status": 503 }));
    let statuses = ["a", "a", "a", "a", "b"].map(|key| post(key, "<one> & the same"));
    assert_eq!(statuses, [503, 503, 200, 200, 200]);
    for n in 0..41 {
        mastodon.post(&format!("number {n}"));
    }

    mastodon.stop_hard();
    assert!(TcpStream::connect(mastodon.address()).is_err());
    mastodon.start_again();
    let found = mastodon.statuses();
    assert_eq!((found.len(), found[0].text.as_str()), (43, "number 40"));
    assert!(found[41..].iter().all(|status| status.text == "<one> & the same"));

    let (pids, folder) = (mastodon.pids(), mastodon.folder().to_owned());
    drop(mastodon);
    nothing_is_left(pids, &folder);
}
