//! Messages on their way.

use std::time::Duration;

use jiff::Timestamp;
use squall_scheduled_messages::{Claimed, Due, Flow, InFlight, Message, Send, State, Store, Which};

use crate::support::{NO_ANSWER, Receiver, Site, deliveries, message, soon, store, unfinished};

fn sender(store: &Store, site: &Site, in_flight: InFlight) -> Send {
    Send::new(store.clone(), site.destinations.clone(), soon(), Flow::default(), in_flight).unwrap()
}

/// Claims everything that is unfinished, whenever it is due.
async fn claimed(store: &Store) -> Vec<Due> {
    let ahead = Duration::from_secs(3600);
    let mut rows = store.claim(Which::First, ahead, 100).await.unwrap().claimed;
    rows.extend(store.claim(Which::Again, ahead, 100).await.unwrap().claimed);
    let due =
        |row: &Claimed| Due { id: row.id, fence: row.fence, version: row.version, attempt: row.attempts + 1 };
    rows.iter().map(due).collect()
}

/// Sends everything that is due until nothing is left, as spout and bolt would.
async fn send_all(store: &Store, site: &Site) {
    let send = sender(store, site, InFlight::default());
    while !unfinished(store).await.is_empty() {
        for due in claimed(store).await {
            send.send(due).await.unwrap();
        }
    }
}

async fn sent_to(answers: &[u16]) -> (Message, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let mut receiver = Receiver::start(answers);
    let site = Site::start(dir.path(), &store, &[("hook", &receiver.url)]).await;
    let message = store.insert(message("hook", Timestamp::now()), "test").await.unwrap();

    send_all(&store, &site).await;

    receiver.arrivals.close();
    let mut keys = Vec::new();
    while let Some(received) = receiver.arrivals.recv().await {
        assert_eq!(received.body["text"], "Hello");
        assert_eq!(received.body["id"], message.id.to_string());
        keys.push(received.key);
    }
    assert!(keys.iter().all(|key| *key == message.id.to_string()));
    site.stop().await;
    (store.get(message.id).await.unwrap().unwrap(), keys)
}

#[actix_web::test]
async fn a_webhook_that_takes_it_gets_it_once() {
    let (message, keys) = sent_to(&[200]).await;

    assert_eq!((message.state, message.attempts, keys.len()), (State::Sent, 1, 1));
    assert!(message.sent_at.unwrap() >= message.due_at);
}

#[actix_web::test]
async fn a_webhook_that_fails_is_tried_again_with_the_same_key() {
    let (message, keys) = sent_to(&[503, 429]).await;

    assert_eq!((message.state, message.attempts, keys.len()), (State::Sent, 3, 3));
    assert!(message.last_error.unwrap().contains("429"), "the last failure is kept");
}

#[actix_web::test]
async fn a_webhook_that_never_takes_it_is_asked_only_so_often() {
    let (message, keys) = sent_to(&[500, 500, 500, 500]).await;

    assert_eq!((message.state, keys.len()), (State::Unconfirmed, 3));
    assert!(message.last_error.unwrap().contains("attempt 3 of 3"));
}

#[actix_web::test]
async fn a_refusal_is_final() {
    for status in [400, 404, 410, 422, 302, 307] {
        let (message, keys) = sent_to(&[status]).await;

        assert_eq!((message.state, keys.len()), (State::Dead, 1), "{status}");
        assert!(message.last_error.unwrap().contains(&status.to_string()));
    }
}

#[actix_web::test]
async fn nobody_at_the_address_is_tried_again_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let site = Site::start(dir.path(), &store, &[("hook", "http://127.0.0.1:1/?token=secret")]).await;
    let message = store.insert(message("hook", Timestamp::now()), "test").await.unwrap();

    send_all(&store, &site).await;

    let message = store.get(message.id).await.unwrap().unwrap();
    let error = message.last_error.unwrap();
    assert_eq!((message.state, message.attempts), (State::Dead, 3));
    assert!(error.contains("no connection") && !error.contains("secret"), "{error}");
    site.stop().await;
}

#[actix_web::test]
async fn a_destination_that_is_gone_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let site = Site::start(dir.path(), &store, &[]).await;
    let message = store.insert(message("hook", Timestamp::now()), "test").await.unwrap();

    send_all(&store, &site).await;

    let message = store.get(message.id).await.unwrap().unwrap();
    assert!(message.last_error.unwrap().contains("no destination `hook` is configured"));
    site.stop().await;
}

#[actix_web::test]
async fn the_built_in_inbox_gets_it_over_http() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let site = Site::start(dir.path(), &store, &[]).await;
    let message = store.insert(message("inbox", Timestamp::now()), "test").await.unwrap();

    send_all(&store, &site).await;

    assert_eq!(store.get(message.id).await.unwrap().unwrap().state, State::Sent);
    let received = deliveries(dir.path()).await.newest(10).await.unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].id, message.id.to_string());
    assert!(received[0].received_at >= message.due_at);
    site.stop().await;
}

#[actix_web::test]
async fn a_second_copy_is_not_sent_while_the_request_of_the_first_is_under_way() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let mut receiver = Receiver::start(&[NO_ANSWER]);
    let site = Site::start(dir.path(), &store, &[("hook", &receiver.url)]).await;
    let message = store.insert(message("hook", Timestamp::now()), "test").await.unwrap();
    let in_flight = InFlight::default();
    let (first, second) =
        (sender(&store, &site, in_flight.clone()), sender(&store, &site, in_flight.clone()));
    let due = claimed(&store).await[0];

    let under_way = actix_web::rt::spawn(async move { first.send(due).await });
    receiver.arrivals.recv().await.unwrap();
    let begun = store.get(message.id).await.unwrap().unwrap();
    let copy = second.send(due).await.unwrap_err();

    assert!(copy.to_string().contains("under way") && !copy.is_permanent(), "{copy}");
    assert_eq!(store.get(message.id).await.unwrap(), Some(begun), "the copy left the row alone");
    under_way.abort();
    assert!(under_way.await.is_err());
    assert!(in_flight.enter(message.id).is_some(), "a request that was cut off is not under way");
    site.stop().await;
}
