//! What people do to messages, and the answers they get.

use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use reqwest::Method;
use serde_json::{Value, json};
use squall_scheduled_messages::{MessageId, Settlement, State, Which};

use crate::client::{Answer, Caller, ask, path};

/// Has an attempt of a message end so that nobody knows whether it arrived.
async fn in_doubt(caller: &Caller) -> MessageId {
    let (id, message) = caller.sent_off().await;
    let at = Timestamp::now() + 1.hour();
    caller.settle(&message, Settlement::Retry { at, error: "no answer".into(), in_doubt: true }).await;
    id
}

async fn unconfirmed(caller: &Caller) -> MessageId {
    let (id, message) = caller.sent_off().await;
    caller.settle(&message, Settlement::Unconfirmed { error: "no answer".into() }).await;
    id
}

async fn dead(caller: &Caller) -> MessageId {
    let (id, message) = caller.sent_off().await;
    caller.settle(&message, Settlement::Dead { error: "refused".into() }).await;
    id
}

async fn state(caller: &Caller, id: MessageId) -> State {
    caller.store.get(id).await.unwrap().unwrap().state
}

/// Asks for every change there is.
async fn every_change(caller: &Caller, id: MessageId) -> Vec<Answer> {
    let mut answers = vec![caller.patch(id, json!({"text": "Bye"})).await];
    for what in ["cancel", "send-now", "retry"] {
        answers.push(caller.change(id, what).await);
    }
    answers
}

#[actix_web::test]
async fn an_edit_answers_with_the_message_as_it_is_now() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;

    let edited = caller
        .patch(
            id,
            json!({"text": "Bye", "wall": "2031-03-30T02:30", "zone": "Europe/Berlin", "not_after": "10m"}),
        )
        .await;
    let shown = caller.get(&path(id, "")).await;

    assert_eq!(edited.status, 200, "{}", edited.text);
    assert_eq!(edited.body["result"], "updated");
    assert_eq!(edited.body["text"], "Bye");
    assert_eq!(edited.body["due_at"], "2031-03-30T01:30:00Z");
    assert_eq!(edited.body["not_after"], "2031-03-30T01:40:00Z");
    assert_eq!(
        (&edited.body["wall"], &edited.body["zone"]),
        (&json!("2031-03-30T02:30:00"), &json!("Europe/Berlin"))
    );
    assert!(edited.body["note"].as_str().unwrap().contains("03:30"), "{}", edited.text);
    assert_eq!(edited.header("etag"), Some("\"v2\""));
    assert_eq!(shown.header("etag"), Some("\"v2\""));
    for (field, value) in shown.body.as_object().unwrap() {
        assert_eq!(&edited.body[field], value, "{field}");
    }
    caller.stop().await;
}

#[actix_web::test]
async fn what_is_left_out_of_an_edit_stays_and_null_takes_the_limit_away() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;

    let limited = caller.patch(id, json!({"not_after": "10m"})).await;
    let moved = caller.patch(id, json!({"in": "61m"})).await;
    let too_far = caller.patch(id, json!({"in": "80m"})).await;
    let free = caller.patch(id, json!({"in": "80m", "not_after": null})).await;
    let nothing = caller.patch(id, json!({})).await;
    let past = caller.patch(id, json!({"due_at": "2001-01-01T00:00:00Z"})).await;
    let at_once = caller
        .patch(id, json!({"due_at": "2001-01-01T00:00:00Z", "not_after": "2090-01-01T00:00:00Z"}))
        .await;

    assert_eq!(moved.body["not_after"], limited.body["not_after"]);
    assert_eq!(moved.body["text"], "Hello");
    assert_eq!((too_far.status, too_far.pointer()), (422, "/in"), "{}", too_far.text);
    assert_eq!((free.status, &free.body["not_after"]), (200, &Value::Null));
    assert_eq!((nothing.status, nothing.pointer()), (422, ""));
    assert_eq!((past.status, past.pointer()), (422, "/due_at"));
    assert_eq!(at_once.status, 200, "{}", at_once.text);
    caller.stop().await;
}

#[actix_web::test]
async fn while_it_is_being_sent_every_change_is_told_by_whom_and_since_when() {
    let caller = Caller::start().await;
    let (id, sending) = caller.sent_off().await;

    for answer in every_change(&caller, id).await {
        assert_eq!(answer.problem(), (409, "/problems/too-late"));
        assert_eq!(answer.body["by"], caller.store.owner());
        assert_eq!(answer.body["since"], sending.began_at.unwrap().to_string());
        assert_eq!(answer.body["state"], "sending");
    }
    assert_eq!(caller.store.get(id).await.unwrap(), Some(sending), "nothing was changed");
    caller.stop().await;
}

#[actix_web::test]
async fn once_it_was_sent_every_change_is_told_when_and_where_it_is() {
    let caller = Caller::start().await;
    let (id, message) = caller.sent_off().await;
    let at = Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap();
    let receipt = Some("https://example.org/7".to_owned());
    caller.settle(&message, Settlement::Sent { at, receipt }).await;

    for answer in every_change(&caller, id).await {
        assert_eq!(answer.problem(), (409, "/problems/already-sent"));
        assert_eq!(answer.body["sent_at"], at.to_string());
        assert_eq!(answer.body["receipt"], "https://example.org/7");
    }
    caller.stop().await;
}

#[actix_web::test]
async fn what_was_cancelled_is_not_sent_and_says_so() {
    let caller = Caller::start().await;
    let id = caller.due(Timestamp::now()).await;
    let claimed = caller.claim(id, Which::First).await;

    let cancelled = caller.change(id, "cancel").await;

    assert_eq!((cancelled.status, &cancelled.body["state"]), (200, &json!("cancelled")));
    assert_eq!(caller.store.claim(Which::Mine, Duration::ZERO, 10).await.unwrap().claimed, []);
    assert_eq!(claimed.id, id);
    for answer in every_change(&caller, id).await {
        assert_eq!(answer.problem(), (409, "/problems/not-possible"));
        assert_eq!(answer.body["state"], "cancelled");
    }
    caller.stop().await;
}

#[actix_web::test]
async fn what_may_have_arrived_is_stopped_and_not_said_to_be_cancelled() {
    let caller = Caller::start().await;
    let id = in_doubt(&caller).await;

    let edited = caller.patch(id, json!({"text": "Bye"})).await;
    let stopped = caller.change(id, "cancel").await;

    assert_eq!(edited.problem(), (409, "/problems/too-late"));
    assert_eq!(edited.body["by"], Value::Null);
    assert_eq!((&stopped.body["result"], &stopped.body["state"]), (&json!("stopped"), &json!("unconfirmed")));
    caller.stop().await;
}

#[actix_web::test]
async fn somebody_who_looked_says_what_became_of_it() {
    let caller = Caller::start().await;
    for (resolution, expected) in [
        (json!({"as": "sent", "receipt": "https://example.org/7"}), State::Sent),
        (json!({"as": "not_sent"}), State::Scheduled),
        (json!({"as": "give_up"}), State::Dead),
    ] {
        let id = unconfirmed(&caller).await;

        let resolved = caller.post(&path(id, "resolve"), resolution.clone()).await;

        assert_eq!(resolved.status, 200, "{}", resolved.text);
        assert_eq!(resolved.body["receipt"], resolution.get("receipt").cloned().unwrap_or_default());
        assert_eq!(state(&caller, id).await, expected);
    }
    let scheduled = caller.scheduled().await;
    let early = caller.post(&path(scheduled, "resolve"), json!({"as": "sent"})).await;
    assert_eq!(early.problem(), (409, "/problems/not-possible"));
    for (wrong, pointer) in [
        (json!({"as": "not_sent", "receipt": "x"}), "/receipt"),
        (json!({"as": "sent", "receipt": "a\r\nb"}), "/receipt"),
        (json!({"as": "sent", "receipt": ""}), "/receipt"),
        (json!({"as": "perhaps"}), "/as"),
        (json!({}), ""),
    ] {
        let answer = caller.post(&path(scheduled, "resolve"), wrong).await;
        assert_eq!((answer.status, answer.pointer()), (422, pointer), "{}", answer.text);
    }
    caller.stop().await;
}

#[actix_web::test]
async fn a_change_is_made_to_the_version_that_was_seen_or_not_at_all() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;
    let edit = |tag: &str, text: &str| {
        let edit = caller.sending(Method::PATCH, &path(id, ""), &json!({"text": text}));
        ask(edit.header("if-match", tag))
    };

    let first = edit("\"v1\"", "one").await;
    let late = edit("\"v1\"", "other").await;
    let any = edit("*", "two").await;
    let foreign = edit("\"abc\"", "other").await;
    let cancel = ask(caller.request(Method::POST, &path(id, "cancel")).header("if-match", "\"v1\"")).await;

    assert_eq!((first.status, any.status), (200, 200));
    for (answer, tag) in [(&late, "\"v2\""), (&foreign, "\"v3\""), (&cancel, "\"v3\"")] {
        assert_eq!(answer.problem(), (412, "/problems/outdated"));
        assert_eq!(answer.header("etag"), Some(tag));
    }
    for unreadable in ["v3", "\"v2\", \"v3\"", "3"] {
        assert_eq!(edit(unreadable, "other").await.problem(), (400, "about:blank"), "{unreadable}");
    }
    let kept = caller.store.get(id).await.unwrap().unwrap();
    assert_eq!((kept.text.as_str(), kept.version), ("two", 3));
    caller.stop().await;
}

#[actix_web::test]
async fn of_changes_to_one_version_at_the_same_time_one_is_made_and_without_a_version_all() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;
    let edit =
        |number: u32| caller.sending(Method::PATCH, &path(id, ""), &json!({"text": format!("{number}")}));

    let guarded = (0..8).map(|number| ask(edit(number).header("if-match", "\"v1\"")));
    let mut statuses: Vec<_> =
        futures_util::future::join_all(guarded).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    let free = futures_util::future::join_all((0..8).map(|number| ask(edit(number)))).await;

    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    assert!(free.iter().all(|answer| answer.status == 200), "{free:?}");
    assert_eq!(caller.store.get(id).await.unwrap().unwrap().version, 10);
    caller.stop().await;
}

#[actix_web::test]
async fn what_was_given_up_is_sent_once_more_and_what_waits_for_its_first_time_is_not() {
    let caller = Caller::start().await;
    let (given_up, waiting) = (dead(&caller).await, caller.scheduled().await);
    let (retrying, message) = caller.sent_off().await;
    let at = Timestamp::now() + 1.hour();
    caller.settle(&message, Settlement::Retry { at, error: "busy".into(), in_doubt: false }).await;

    let revived = caller.change(given_up, "retry").await;
    let hurried = caller.change(retrying, "retry").await;
    let refused = caller.change(waiting, "retry").await;

    assert_eq!((revived.status, &revived.body["state"]), (200, &json!("scheduled")));
    assert_eq!((hurried.status, &hurried.body["state"]), (200, &json!("retrying")));
    let retry_at: Timestamp = hurried.body["retry_at"].as_str().unwrap().parse().unwrap();
    assert!(retry_at < at);
    assert_eq!(refused.problem(), (409, "/problems/not-possible"));
    assert_eq!(state(&caller, waiting).await, State::Scheduled);
    caller.stop().await;
}

#[actix_web::test]
async fn a_message_is_sent_now_although_it_is_not_due() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;

    let answer = caller.change(id, "send-now").await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    caller.claim(id, Which::First).await;
    caller.stop().await;
}

#[actix_web::test]
async fn the_trail_tells_who_did_what_and_every_attempt() {
    let caller = Caller::start().await;
    let created = caller.sending(
        Method::POST,
        "/api/v1/messages",
        &json!({
            "account": "me", "destination": "inbox", "text": "Hello", "due_at": Timestamp::now().to_string(),
        }),
    );
    let created = ask(created.header("squall-actor", "ada@example.org")).await;
    let id = MessageId::parse(created.body["id"].as_str().unwrap()).unwrap();
    let edit = caller.sending(Method::PATCH, &path(id, ""), &json!({"text": "Bye"}));
    ask(edit.header("squall-actor", "bob")).await;
    let message = caller.begin(caller.claim(id, Which::First).await).await;
    let during = caller.get(&path(id, "trail")).await;
    let at = Timestamp::now();
    caller.settle(&message, Settlement::Retry { at, error: "busy".into(), in_doubt: false }).await;
    let message = caller.begin(caller.claim(id, Which::Again).await).await;
    caller.settle(&message, Settlement::Sent { at: Timestamp::now(), receipt: Some("there".into()) }).await;

    let trail = caller.get(&path(id, "trail")).await;

    let told = |answer: &Answer| -> Vec<Value> {
        let happenings = answer.body["trail"].as_array().unwrap();
        happenings.iter().map(|it| json!([it["who"], it["what"], it["attempt"], it["detail"]])).collect()
    };
    let us = caller.store.owner();
    assert_eq!(
        told(&during),
        [
            json!(["ada@example.org", "created", null, null]),
            json!(["bob", "edited", null, null]),
            json!([us, "sending", 1, null]),
        ]
    );
    assert_eq!(
        told(&trail),
        [
            json!(["ada@example.org", "created", null, null]),
            json!(["bob", "edited", null, null]),
            json!([us, "failed", 1, "busy"]),
            json!([us, "accepted", 2, "there"]),
        ]
    );
    caller.stop().await;
}

#[actix_web::test]
async fn a_message_that_is_not_there_cannot_be_changed() {
    let caller = Caller::start().await;

    for mut answers in [every_change(&caller, MessageId::new()).await] {
        answers.push(caller.get(&path(MessageId::new(), "trail")).await);
        for answer in answers {
            assert_eq!(answer.problem(), (404, "about:blank"));
        }
    }
    caller.stop().await;
}
