//! A proxy loses what it is told, counts it, and passes on everything else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod support;

use squall_services::{Answer, Exchanges, Loss, LossyProxy, Postgres, Receiver};
use std::{
    io::{ErrorKind, Read},
    net::TcpStream,
    time::Duration,
};
use support::Client;

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn an_answer_is_lost_after_the_request_arrived_also_on_a_connection_kept_alive() {
    let receiver = Receiver::start();
    let proxy = LossyProxy::http(receiver.address());
    let mut client = Client::connect(proxy.address());
    assert_eq!(client.exchange("", "1"), Some(200));
    proxy.lose_next(1, Loss::Answer);
    assert_eq!(client.exchange("", "2"), None);
    assert_eq!(Client::connect(proxy.address()).exchange("", "3"), Some(200));
    let bodies: Vec<String> = receiver.posts().iter().map(|post| post.text()).collect();
    assert_eq!(bodies, ["1", "2", "3"]);
    let wanted = Exchanges { requests: 3, answered: 2, answers_lost: 1, requests_lost: 0 };
    assert_eq!(proxy.exchanges(), wanted);
}

#[test]
fn an_answer_lost_in_silence_keeps_the_connection_open() {
    let receiver = Receiver::start();
    let proxy = LossyProxy::http(receiver.address());
    proxy.lose_next(1, Loss::AnswerInSilence);
    let mut client = Client::connect(proxy.address());
    client.post("", "x");
    while proxy.exchanges().answers_lost == 0 {
        std::thread::yield_now();
    }
    client.stream().set_nonblocking(true).unwrap();
    assert_eq!(client.stream().read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(receiver.raw_count(), 1);
}

#[test]
fn a_request_that_is_lost_never_arrives() {
    let receiver = Receiver::start();
    let proxy = LossyProxy::http(receiver.address());
    proxy.lose_next(1, Loss::Request);
    assert_eq!(Client::connect(proxy.address()).exchange("", "x"), None);
    assert_eq!(receiver.raw_count(), 0);
    assert_eq!(proxy.exchanges().requests_lost, 1);
}

#[test]
fn a_share_is_lost_by_a_seed_and_the_counts_agree_with_both_sides() {
    let lost_with = |seed| {
        let receiver = Receiver::start();
        let proxy = LossyProxy::http(receiver.address());
        proxy.lose(0.3, seed, &[Loss::Answer, Loss::Request]);
        let answers: Vec<bool> = (0..200)
            .map(|n| Client::connect(proxy.address()).exchange("", &n.to_string()).is_some())
            .collect();
        let seen = proxy.exchanges();
        assert_eq!(seen.requests, 200);
        assert_eq!(seen.answered, answers.iter().filter(|answered| **answered).count() as u64);
        assert_eq!(seen.answered + seen.answers_lost, receiver.raw_count() as u64);
        assert_eq!(seen.answered + seen.answers_lost + seen.requests_lost, 200);
        assert!(seen.answers_lost > 0 && seen.requests_lost > 0);
        answers
    };
    let seed = 7;
    assert_eq!(lost_with(seed), lost_with(seed));
    assert_ne!(lost_with(seed), lost_with(seed + 1));
}

#[test]
fn only_what_is_meant_is_lost() {
    let receiver = Receiver::start();
    let proxy = LossyProxy::http(receiver.address());
    proxy.only("/other");
    proxy.lose(1.0, 1, &[Loss::Answer]);
    assert_eq!(Client::connect(proxy.address()).exchange("", "x"), Some(200));
    proxy.only("POST /hook");
    assert_eq!(Client::connect(proxy.address()).exchange("", "x"), None);
}

#[test]
fn what_is_refused_is_refused_and_then_taken_again() {
    let receiver = Receiver::start();
    let proxy = LossyProxy::http(receiver.address());
    let mut open = Client::connect(proxy.address());
    assert_eq!(open.exchange("", "x"), Some(200));
    for _ in 0..3 {
        proxy.refuse();
        assert!(open.rest().is_empty());
        let refused = TcpStream::connect(proxy.address()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        proxy.pass();
        open = Client::connect(proxy.address());
        assert_eq!(open.exchange("", "x"), Some(200));
    }
}

#[test]
fn what_is_swallowed_arrives_later() {
    let receiver = Receiver::start();
    let proxy = LossyProxy::http(receiver.address());
    let mut open = Client::connect(proxy.address());
    assert_eq!(open.exchange("", "x"), Some(200));
    proxy.swallow();
    open.post("", "y");
    let mut new = Client::connect(proxy.address());
    new.post("", "z");
    assert_eq!(receiver.raw_count(), 1);
    proxy.pass();
    assert_eq!((open.answer().unwrap().0, new.answer().unwrap().0), (200, 200));
    assert_eq!(receiver.wait_for(3, PATIENCE).len(), 3);
}

#[test]
fn long_answers_and_closed_connections_are_passed_on() {
    let receiver = Receiver::start();
    let proxy = LossyProxy::http(receiver.address());
    receiver.answer_next([
        Answer::status(200).body(vec![b'x'; 10 << 20]),
        Answer::close(),
        Answer::garbage(),
    ]);
    let mut client = Client::connect(proxy.address());
    client.post("", &"y".repeat(5 << 20));
    assert_eq!(client.answer().map(|(status, body)| (status, body.len())), Some((200, 10 << 20)));
    assert_eq!(client.exchange("", ""), None);
    assert_eq!(Client::connect(proxy.address()).exchange("", ""), None);
    assert_eq!(receiver.posts()[0].body.len(), 5 << 20);
}

#[test]
fn a_database_commits_what_its_client_never_hears_of() {
    let Some(postgres) = Postgres::start() else { return };
    let url = postgres.fresh_database();
    postgres.execute(&url, "CREATE TABLE kept (n int)").unwrap();
    let proxy = LossyProxy::tcp(postgres.address());
    let through = postgres.url_by(proxy.address(), url.rsplit('/').next().unwrap());
    postgres.execute(&through, "INSERT INTO kept VALUES (1)").unwrap();

    proxy.only("VALUES (2)");
    proxy.lose_next(1, Loss::Answer);
    postgres.execute(&through, "INSERT INTO kept VALUES (2)").unwrap_err();
    proxy.only("VALUES (3)");
    proxy.lose_next(1, Loss::Request);
    postgres.execute(&through, "INSERT INTO kept VALUES (3)").unwrap_err();

    assert_eq!((proxy.exchanges().answers_lost, proxy.exchanges().requests_lost), (1, 1));
    assert_eq!(postgres.query(&url, "SELECT sum(n) FROM kept"), [["3"]]);
}
