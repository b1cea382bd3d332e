use std::collections::BTreeMap;

use super::*;
use crate::message::{Message, MessageId};
use crate::state::State;
use squall_connect::Fence;

const NOW: &str = "2030-01-01T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn message(attempts: u32, in_doubt: bool) -> Message {
    Message {
        id: MessageId::new(),
        account: "a".into(),
        destination: "d".into(),
        text: "Hello".into(),
        state: State::Sending,
        version: 1,
        fence: Fence::FIRST,
        attempts,
        in_doubt,
        created_at: now(),
        created_by: "ada".into(),
        due_at: now(),
        given: None,
        not_after: None,
        retry_at: None,
        owner: None,
        first_began_at: Some(now()),
        began_at: Some(now()),
        sent_at: None,
        receipt: None,
        last_error: None,
        series: None,
        rkey: "2222222222222".into(),
    }
}

const WINDOW: Capability = Capability::KeyedWindow(Duration::from_secs(3600));

fn outcomes() -> BTreeMap<&'static str, Outcome> {
    let error = || "why".to_owned();
    BTreeMap::from([
        ("accepted", Outcome::Accepted { receipt: None }),
        ("refused", Outcome::Refused { error: error() }),
        ("busy", Outcome::Busy { error: error(), after: None, scope: Default::default() }),
        ("unknown", Outcome::Unknown { error: error() }),
    ])
}

/// The state that an outcome leads to.
fn becomes(outcome: &str, capability: Capability, attempts: u32, in_doubt: bool) -> &'static str {
    let retry = RetryPolicy { attempts: 3, ..RetryPolicy::default() };
    let reply = Verdict::Replied(outcomes().remove(outcome).unwrap().into());
    match reply.settlement(&message(attempts, in_doubt), Some(capability), &retry, now()) {
        Settlement::Sent { .. } => "sent",
        Settlement::Retry { in_doubt: false, .. } => "retrying",
        Settlement::Retry { in_doubt: true, .. } => "retrying in doubt",
        Settlement::Dead { .. } => "dead",
        Settlement::Unconfirmed { .. } => "unconfirmed",
    }
}

#[test]
fn what_may_have_arrived_is_sent_again_only_where_the_destination_permits_it() {
    for capability in [Capability::Exact, Capability::Keyed, WINDOW] {
        assert_eq!(becomes("unknown", capability, 1, false), "retrying in doubt", "{capability:?}");
    }
    assert_eq!(becomes("unknown", Capability::AtMostOnce, 1, false), "unconfirmed");
}

#[test]
fn what_certainly_did_not_arrive_is_tried_again_everywhere() {
    for capability in [Capability::Exact, Capability::Keyed, WINDOW, Capability::AtMostOnce] {
        assert_eq!(becomes("busy", capability, 1, false), "retrying", "{capability:?}");
    }
}

#[test]
fn a_doubt_outlives_a_certain_failure() {
    assert_eq!(becomes("busy", Capability::Exact, 2, true), "retrying in doubt");
    assert_eq!(becomes("refused", Capability::Exact, 2, true), "unconfirmed");
    assert_eq!(becomes("refused", Capability::Exact, 2, false), "dead");
    assert_eq!(becomes("accepted", Capability::Exact, 2, true), "sent");
}

#[test]
fn the_last_attempt_leaves_no_message_that_is_tried_for_ever() {
    assert_eq!(becomes("busy", Capability::Exact, 3, false), "dead");
    assert_eq!(becomes("busy", Capability::Exact, 3, true), "unconfirmed");
    assert_eq!(becomes("unknown", Capability::Exact, 3, false), "unconfirmed");
}

#[test]
fn a_pause_that_is_asked_for_is_kept() {
    let busy = Outcome::Busy {
        error: "busy".into(),
        after: Some(Duration::from_secs(900)),
        scope: Default::default(),
    };
    let settlement = Verdict::Replied(busy.into()).settlement(
        &message(1, false),
        Some(Capability::Keyed),
        &RetryPolicy::default(),
        now(),
    );

    assert!(matches!(settlement, Settlement::Retry { at, .. } if at == now() + Duration::from_secs(900)));
}

#[test]
fn a_key_is_trusted_within_its_window_only() {
    let doubtful = message(2, true);
    let minutes = |minutes: i64| now() + SignedDuration::from_mins(minutes);

    for (capability, at, expected) in [
        (Capability::Exact, minutes(10_000), Move::Deliver),
        (Capability::Keyed, minutes(10_000), Move::Deliver),
        (WINDOW, minutes(57), Move::Deliver),
        (WINDOW, minutes(58), Move::Reconcile),
        (Capability::AtMostOnce, minutes(0), Move::Reconcile),
    ] {
        assert_eq!(next_move(&doubtful, capability, at), expected, "{capability:?} {at}");
        assert_eq!(next_move(&message(2, false), capability, at), Move::Deliver);
    }
}

#[test]
fn a_message_that_cuts_off_every_attempt_is_given_up() {
    let retry = RetryPolicy::default();
    for (in_doubt, unconfirmed) in [(true, true), (false, false)] {
        let message = message(11, in_doubt);
        let settlement = Verdict::out_of_attempts(&message).settlement(&message, None, &retry, now());
        assert_eq!(matches!(settlement, Settlement::Unconfirmed { .. }), unconfirmed);
    }
}
