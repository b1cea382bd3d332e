//! Every transition, and every one that must not be.

use jiff::{Timestamp, ToSpan};
use squall_scheduled_messages::{Begun, Message, Settlement, State, Store};

use crate::support::{message, store, upcoming};

const ATTEMPTS: u32 = 3;

/// A message that was brought into a state.
async fn in_state(store: &Store, state: State) -> Message {
    let message = store.insert(message("inbox", Timestamp::now())).await.unwrap();
    let settlement = match state {
        State::Scheduled => return message,
        State::Sending => None,
        State::Sent => Some(Settlement::Sent { at: Timestamp::now() }),
        State::Dead => Some(Settlement::Dead { error: "no".into() }),
    };
    let Begun::Send(begun) = store.begin(message.id, message.version, ATTEMPTS).await.unwrap() else {
        panic!()
    };
    if let Some(settlement) = settlement {
        assert!(store.settle(begun.id, begun.version, settlement).await.unwrap());
    }
    let message = store.get(message.id).await.unwrap().unwrap();
    assert_eq!(message.state, state);
    message
}

fn settlements() -> [(Settlement, State); 3] {
    let at = Timestamp::now();
    [
        (Settlement::Sent { at }, State::Sent),
        (Settlement::Retry { at, error: "later".into() }, State::Scheduled),
        (Settlement::Dead { error: "never".into() }, State::Dead),
    ]
}

#[tokio::test]
async fn an_attempt_begins_only_where_something_is_unfinished() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;

    for (state, may) in
        [(State::Scheduled, true), (State::Sending, true), (State::Sent, false), (State::Dead, false)]
    {
        let before = in_state(&store, state).await;
        let begun = store.begin(before.id, before.version, ATTEMPTS).await.unwrap();

        assert_eq!(matches!(begun, Begun::Send(_)), may, "{state}");
        let after = store.get(before.id).await.unwrap().unwrap();
        if may {
            assert_eq!((after.state, after.attempts), (State::Sending, before.attempts + 1));
        } else {
            assert_eq!(after, before);
        }
    }
}

#[tokio::test]
async fn an_outcome_is_written_only_where_an_attempt_was_made() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;

    for state in State::ALL {
        for (settlement, becomes) in settlements() {
            let before = in_state(&store, state).await;
            let settled = store.settle(before.id, before.version, settlement.clone()).await.unwrap();

            let after = store.get(before.id).await.unwrap().unwrap();
            assert_eq!(settled, state == State::Sending, "{state} {settlement:?}");
            assert_eq!(after.state, if settled { becomes } else { state });
        }
    }
}

#[tokio::test]
async fn of_two_that_begin_at_the_same_version_one_does() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let message = in_state(&store, State::Scheduled).await;

    let (one, two) = tokio::join!(
        store.begin(message.id, message.version, ATTEMPTS),
        store.begin(message.id, message.version, ATTEMPTS),
    );

    let begun = [one.unwrap(), two.unwrap()].into_iter().filter(|begun| *begun != Begun::Changed).count();
    assert_eq!(begun, 1);
}

#[tokio::test]
async fn an_outcome_that_comes_late_does_not_write_over_a_later_attempt() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let first = in_state(&store, State::Sending).await;
    let Begun::Send(second) = store.begin(first.id, first.version, ATTEMPTS).await.unwrap() else { panic!() };

    let late = Settlement::Dead { error: "late".into() };
    assert!(!store.settle(first.id, first.version, late).await.unwrap());

    assert!(
        store.settle(second.id, second.version, Settlement::Sent { at: Timestamp::now() }).await.unwrap()
    );
}

#[tokio::test]
async fn a_message_whose_last_attempt_was_cut_off_is_dead() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let mut message = in_state(&store, State::Scheduled).await;
    for _ in 0..ATTEMPTS {
        let Begun::Send(begun) = store.begin(message.id, message.version, ATTEMPTS).await.unwrap() else {
            panic!()
        };
        message = *begun;
    }

    assert_eq!(store.begin(message.id, message.version, ATTEMPTS).await.unwrap(), Begun::Dead);

    let message = store.get(message.id).await.unwrap().unwrap();
    assert_eq!((message.state, message.attempts), (State::Dead, ATTEMPTS));
    assert!(message.last_error.unwrap().contains("cut off"));
}

#[tokio::test]
async fn what_is_finished_is_not_looked_at_again_and_a_retry_is_at_its_instant() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let later = Timestamp::now() + 1.hour();
    in_state(&store, State::Sent).await;
    in_state(&store, State::Dead).await;
    let cut_off = in_state(&store, State::Sending).await;
    let retried = in_state(&store, State::Sending).await;
    let retry = Settlement::Retry { at: later, error: "busy".into() };
    store.settle(retried.id, retried.version, retry).await.unwrap();

    let now: Vec<_> = upcoming(&store, Timestamp::now()).await.iter().map(|row| row.id).collect();
    let all: Vec<_> = upcoming(&store, later).await.iter().map(|row| row.id).collect();

    assert_eq!(now, [cut_off.id]);
    assert_eq!(all, [cut_off.id, retried.id]);
    let retried = store.get(retried.id).await.unwrap().unwrap();
    assert_eq!(retried.retry_at.unwrap().as_microsecond(), later.as_microsecond());
    assert_eq!(retried.last_error.as_deref(), Some("busy"));
}

#[tokio::test]
async fn a_message_is_the_same_after_a_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let first = store(dir.path()).await;
    let written = first.insert(message("inbox", Timestamp::now() + 1.hour())).await.unwrap();
    drop(first);

    assert_eq!(store(dir.path()).await.get(written.id).await.unwrap(), Some(written));
}
