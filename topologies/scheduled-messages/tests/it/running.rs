//! The whole topology: messages at their instants, through stops and starts.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{Timestamp, ToSpan};
use squall::{Options, Running};
use squall_scheduled_messages::{Change, Flow, Message, MessageId, Parts, State, Store, plan};

use crate::support::{NO_ANSWER, Receiver, Site, message, soon, store, unfinished};

pub(crate) fn run(store: &Store, site: &Site) -> Running {
    let parts = Parts {
        store: store.clone(),
        destinations: site.destinations.clone(),
        retry: soon(),
        flow: Flow::default(),
    };
    Running::start(plan(Some(parts)).unwrap(), Options::default().threads(2)).unwrap()
}

pub(crate) async fn drain(running: Running) {
    running.drain(Duration::from_secs(10));
    let report = running.wait().await.unwrap();
    assert_eq!(report.roots().pending, 0);
}

/// Waits until a message has left the queue.
async fn finished(store: &Store, id: MessageId) -> Message {
    loop {
        let message = store.get(id).await.unwrap().unwrap();
        if matches!(message.state, State::Sent | State::Dead) {
            return message;
        }
        tokio::task::yield_now().await;
    }
}

#[actix_web::test]
async fn a_message_arrives_at_its_instant_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let mut receiver = Receiver::start(&[]);
    let site = Site::start(dir.path(), &store, &[("hook", &receiver.url)]).await;
    let running = run(&store, &site);

    let due_at = Timestamp::now() + 300.milliseconds();
    let stored = store.insert(message("hook", due_at), "test").await.unwrap();
    let received = receiver.arrivals.recv().await.unwrap();

    assert_eq!(received.key, stored.id.to_string());
    assert!(received.at >= stored.due_at);
    let sent = finished(&store, stored.id).await;
    assert_eq!(sent.state, State::Sent);
    assert!(sent.sent_at.unwrap() >= stored.due_at);
    drain(running).await;
    site.stop().await;
}

#[actix_web::test]
async fn an_earlier_message_overtakes_one_that_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let mut receiver = Receiver::start(&[]);
    let site = Site::start(dir.path(), &store, &[("hook", &receiver.url)]).await;
    let running = run(&store, &site);

    let later = store.insert(message("hook", Timestamp::now() + 1.hour()), "test").await.unwrap();
    let sooner = store.insert(message("hook", Timestamp::now() + 100.milliseconds()), "test").await.unwrap();

    assert_eq!(receiver.arrivals.recv().await.unwrap().key, sooner.id.to_string());
    store.change(later.id, Change::SendNow, None, "test").await.unwrap();
    assert_eq!(receiver.arrivals.recv().await.unwrap().key, later.id.to_string());
    drain(running).await;
    site.stop().await;
}

#[actix_web::test]
async fn what_was_stored_while_nothing_ran_is_sent_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start(&[]);
    let before = store(dir.path()).await;
    let stored = before.insert(message("hook", Timestamp::now()), "test").await.unwrap();
    drop(before);

    let store = store(dir.path()).await;
    let site = Site::start(dir.path(), &store, &[("hook", &receiver.url)]).await;
    let running = run(&store, &site);

    assert_eq!(receiver.arrivals.recv().await.unwrap().key, stored.id.to_string());
    assert_eq!(finished(&store, stored.id).await.state, State::Sent);
    drain(running).await;
    site.stop().await;
}

#[actix_web::test]
async fn an_attempt_that_was_cut_off_is_made_again_with_the_same_key() {
    let dir = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start(&[NO_ANSWER]);
    let before = store(dir.path()).await;
    let site = Site::start(dir.path(), &before, &[("hook", &receiver.url)]).await;
    let running = run(&before, &site);
    let stored = before.insert(message("hook", Timestamp::now()), "test").await.unwrap();
    let cut_off = receiver.arrivals.recv().await.unwrap();
    running.kill();
    running.wait().await.unwrap();
    assert_eq!(before.get(stored.id).await.unwrap().unwrap().state, State::Sending);
    drop(before);

    let after = store(dir.path()).await;
    let running = run(&after, &site);

    let again = receiver.arrivals.recv().await.unwrap();
    assert_eq!(again.key, cut_off.key);
    assert_eq!(finished(&after, stored.id).await.attempts, 2);
    drain(running).await;
    site.stop().await;
}

#[actix_web::test]
async fn a_failed_attempt_is_repeated_at_its_instant() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let receiver = Receiver::start(&[503, 500]);
    let site = Site::start(dir.path(), &store, &[("hook", &receiver.url)]).await;
    let running = run(&store, &site);

    let stored = store.insert(message("hook", Timestamp::now()), "test").await.unwrap();

    let sent = finished(&store, stored.id).await;
    assert_eq!((sent.state, sent.attempts), (State::Sent, 3));
    drain(running).await;
    site.stop().await;
}

#[actix_web::test]
async fn many_at_one_instant_are_all_sent_once() {
    const MANY: usize = 2000;
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let mut receiver = Receiver::start(&[]);
    let site = Site::start(dir.path(), &store, &[("hook", &receiver.url)]).await;
    let running = run(&store, &site);

    let due_at = Timestamp::now() + 1.second();
    let stored = join_all((0..MANY).map(|_| store.insert(message("hook", due_at), "test"))).await;
    let stored: HashSet<_> = stored.into_iter().map(|stored| stored.unwrap().id.to_string()).collect();
    let mut arrived = HashSet::new();
    while arrived.len() < MANY {
        let received = receiver.arrivals.recv().await.unwrap();
        assert!(received.at.as_microsecond() >= due_at.as_microsecond());
        assert!(arrived.insert(received.key), "sent twice");
    }

    assert_eq!(arrived, stored);
    drain(running).await;
    assert_eq!(unfinished(&store).await, []);
    site.stop().await;
}

#[actix_web::test]
async fn a_drain_leaves_what_is_not_due_for_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let site = Site::start(dir.path(), &store, &[]).await;
    let running = run(&store, &site);
    let stored = store.insert(message("inbox", Timestamp::now() + 1.hour()), "test").await.unwrap();

    drain(running).await;

    assert_eq!(store.get(stored.id).await.unwrap().unwrap().state, State::Scheduled);
    site.stop().await;
}
