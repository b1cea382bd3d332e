//! A receiver records every request as it came, answers as it is told, and knows what it has taken.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod support;

use squall_services::{Answer, Receiver};
use std::{
    io::Read,
    thread,
    time::{Duration, Instant, SystemTime},
};
use support::Client;

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn requests_are_recorded_as_they_came() {
    let receiver = Receiver::start();
    let before = SystemTime::now();
    let mut client = Client::connect(receiver.address());
    assert_eq!(
        client.exchange("X-Odd:  ä; b=\"c\"\r\nX-Odd: 2\r\nIdempotency-Key: k-1\r\n", "héllo\r\n\r\n"),
        Some(200)
    );
    assert_eq!(client.exchange("", ""), Some(200));

    let posts = receiver.posts();
    assert_eq!((posts[0].method.as_str(), posts[0].path.as_str()), ("POST", "/hook"));
    assert_eq!((posts[0].text().as_str(), posts[0].key()), ("héllo\r\n\r\n", Some("k-1")));
    let odd: Vec<&str> =
        posts[0].headers.iter().filter(|(name, _)| name == "x-odd").map(|(_, v)| v.as_str()).collect();
    assert_eq!(odd, ["ä; b=\"c\"", "2"]);
    assert!(before <= posts[0].at && posts[0].at <= posts[1].at && posts[1].at <= SystemTime::now());
    assert_eq!((posts[1].key(), posts[1].body.len()), (None, 0));
    assert_eq!(
        posts[0].at_micros() / 1_000_000,
        posts[0].at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64
    );
}

#[test]
fn a_key_that_is_honoured_is_taken_once_and_only_when_it_was_taken() {
    let receiver = Receiver::start();
    receiver.honour_keys(true);
    let mut client = Client::connect(receiver.address());
    receiver.answer_next([Answer::status(503), Answer::status(201)]);
    let statuses = ["a", "a", "a", "b"].map(|body| client.exchange("Idempotency-Key: k\r\n", body).unwrap());
    assert_eq!(statuses, [503, 201, 200, 422]);
    assert_eq!((receiver.raw_count(), receiver.taken(), receiver.deduplicated()), (4, 1, 1));
}

#[test]
fn a_key_that_is_ignored_is_taken_again_and_counted_once() {
    let receiver = Receiver::start();
    let mut client = Client::connect(receiver.address());
    for key in ["Idempotency-Key: k\r\n", "Idempotency-Key: k\r\n", "", ""] {
        assert_eq!(client.exchange(key, "x"), Some(200));
    }
    assert_eq!((receiver.raw_count(), receiver.taken(), receiver.deduplicated()), (4, 4, 3));
    receiver.forget();
    assert_eq!((receiver.raw_count(), receiver.taken(), receiver.deduplicated()), (0, 0, 0));
}

#[test]
fn answers_may_be_anything() {
    let receiver = Receiver::start();
    receiver.answer(Answer::status(500));
    receiver.answer_next([
        Answer::redirect("http://10.0.0.1/"),
        Answer::status(200).body(vec![b'x'; 10 << 20]),
        Answer::status(200).delayed(Duration::from_millis(30)),
        Answer::garbage(),
        Answer::close(),
    ]);
    let connect = || Client::connect(receiver.address());
    let mut client = connect();
    assert_eq!(client.exchange("", ""), Some(307));
    client.post("", "");
    assert_eq!(client.answer().map(|(status, body)| (status, body.len())), Some((200, 10 << 20)));
    let start = Instant::now();
    assert_eq!(client.exchange("", ""), Some(200));
    assert!(start.elapsed() >= Duration::from_millis(30));
    client.post("", "");
    assert!(!client.rest().starts_with(b"HTTP"));
    let mut client = connect();
    client.post("", "");
    assert!(client.rest().is_empty());
    assert_eq!(connect().exchange("", ""), Some(500));
    // All but the redirect and the last one.
    assert_eq!((receiver.raw_count(), receiver.taken()), (6, 4));
}

#[test]
fn who_is_never_answered_waits_and_is_recorded() {
    let receiver = Receiver::start();
    receiver.answer(Answer::never());
    let mut client = Client::connect(receiver.address());
    client.post("", "x");
    assert_eq!(receiver.wait_for(1, PATIENCE).len(), 1);
    client.stream().set_nonblocking(true).unwrap();
    let waits = client.stream().read(&mut [0; 1]).unwrap_err();
    assert_eq!(waits.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn answers_may_depend_on_the_request() {
    let receiver = Receiver::start();
    receiver.answer_with(|post| Answer::status(if post.text().contains("poison") { 400 } else { 200 }));
    let mut client = Client::connect(receiver.address());
    assert_eq!(client.exchange("", "poison"), Some(400));
    assert_eq!(client.exchange("", "food"), Some(200));
}

#[tokio::test]
async fn a_test_that_must_not_block_may_wait_too() {
    let receiver = Receiver::start();
    let address = receiver.address();
    let client = thread::spawn(move || Client::connect(address).exchange("", "x"));
    receiver.arrived(1).await;
    assert_eq!(receiver.raw_count(), 1);
    assert_eq!(client.join().unwrap(), Some(200));
}

#[test]
fn nothing_of_a_flood_is_missed() {
    const CLIENTS: usize = 8;
    const EACH: usize = 1_250;
    let receiver = Receiver::start();
    let address = receiver.address();
    let start = Instant::now();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                let mut connection = Client::connect(address);
                for n in 0..EACH {
                    let key = format!("Idempotency-Key: {client}-{n}\r\n");
                    assert_eq!(connection.exchange(&key, "a message of some length"), Some(200));
                }
            });
        }
    });
    println!("{} posts in {:?}", CLIENTS * EACH, start.elapsed());
    assert_eq!((receiver.raw_count(), receiver.deduplicated()), (CLIENTS * EACH, CLIENTS * EACH));
    assert!(receiver.posts().is_sorted_by_key(|post| post.at));
}
