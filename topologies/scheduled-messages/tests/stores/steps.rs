//! Every step on every state.

use std::time::Duration;

use jiff::Timestamp;
use squall_connect::Fence;
use squall_scheduled_messages::{
    Begin, Begun, Change, Changed, Claimed, Message, Settlement, State, Step, Store, Which,
};

use super::bed::{Bed, begin, begin_of, change, claim, due, end, get, in_state, insert, retry, sent};
use super::on_every_store;

/// Takes a step as whoever is entitled to it would, with the right numbers; says whether the store took it.
async fn take(store: &Store, step: Step, message: &Message) -> bool {
    let id = message.id;
    let changed = |changed: Changed| matches!(changed, Changed::Updated(_));
    match step {
        Step::Claim => {
            let mut seen = Vec::new();
            for which in [Which::FirstOf(message.account.clone()), Which::Again] {
                seen.extend(claim(store, which).await);
            }
            seen.iter().any(|row| row.id == id)
        }
        Step::HandBack => store.hand_back(Some(vec![id])).await.unwrap() == 1,
        Step::Begin => {
            let begin =
                Begin { id, fence: message.fence, version: message.version, attempt: message.attempts + 1 };
            matches!(store.begin(begin).await.unwrap(), Begun::Send(_))
        }
        Step::Accept => store.settle(end(message, sent())).await.unwrap(),
        Step::Retry => store.settle(end(message, retry())).await.unwrap(),
        Step::Refuse => store.settle(end(message, Settlement::Dead { error: "no".into() })).await.unwrap(),
        Step::Park => {
            store.settle(end(message, Settlement::Unconfirmed { error: "?".into() })).await.unwrap()
        }
        Step::Edit => changed(change(store, id, Change::Edit(Default::default())).await),
        Step::Cancel => changed(change(store, id, Change::Cancel).await),
        Step::SendNow => changed(change(store, id, Change::SendNow).await),
        Step::ResolveSent => changed(change(store, id, Change::ResolveSent { receipt: None }).await),
        Step::ResolveResend => changed(change(store, id, Change::ResolveResend).await),
        Step::ResolveDead => changed(change(store, id, Change::ResolveDead).await),
        Step::Suspend => {
            store.suspend(&message.account, "a test", "ada").await.unwrap();
            claim(store, Which::FirstOf(message.account.clone())).await;
            claim(store, Which::Again).await;
            get(store, id).await.state == State::Suspended && message.state != State::Suspended
        }
        Step::Resume => store.resume(&message.account).await.unwrap() == 1,
        // Both need circumstances of their own: see `claims.rs`.
        Step::Expire | Step::Stop => unreachable!(),
    }
}

/// What the table says, with the two exceptions that it names.
fn may(step: Step, state: State) -> bool {
    match (step, state) {
        // Only of a process that is dead, and this one is not.
        (Step::Claim, State::Claimed | State::Sending) => false,
        _ => step.leaves(state),
    }
}

/// The same end of the same attempt again: it is written already.
fn is_repeated(step: Step, state: State) -> bool {
    let is_end = matches!(step, Step::Accept | Step::Retry | Step::Refuse | Step::Park);
    is_end && step.to(true) == state
}

on_every_store! {
    async fn every_step_is_taken_from_the_states_of_the_table_and_from_no_other(bed: &Bed) {
        let store = bed.open().await;
        for step in Step::ALL {
            if matches!(step, Step::Expire | Step::Stop) {
                continue;
            }
            for state in State::ALL {
                let before = in_state(&store, state, &format!("{step:?} {state}")).await;

                let taken = take(&store, step, &before).await;

                let after = get(&store, before.id).await;
                if is_repeated(step, state) {
                    assert_eq!(after, before, "{step:?} from {state}");
                    continue;
                }
                assert_eq!(taken, may(step, state), "{step:?} from {state}: {after:?}");
                if taken {
                    let was_tried = before.attempts > 0 && !matches!(step, Step::Edit | Step::ResolveResend)
                        && !(step == Step::SendNow && state.is_final());
                    assert_eq!(after.state, step.to(was_tried), "{step:?} from {state}");
                    assert!(after.fence > before.fence || matches!(step, Step::Begin) || state == State::Sending);
                } else if step != Step::Suspend {
                    assert_eq!(after, before, "{step:?} from {state}");
                }
            }
        }
    }

    async fn the_same_beginning_and_the_same_end_may_be_written_again(bed: &Bed) {
        let store = bed.open().await;
        let id = insert(&store, due("a")).await;
        let row = claim(&store, Which::First).await.remove(0);

        let first = begin(&store, &row).await;
        let again = begin(&store, &row).await;
        assert_eq!(first, again);
        assert_eq!(first.attempts, 1);

        assert!(store.settle(end(&first, sent())).await.unwrap());
        assert!(store.settle(end(&first, sent())).await.unwrap());
        assert_eq!(get(&store, id).await.state, State::Sent);
        let attempts = store.trail(id).await.unwrap().into_iter().filter(|one| one.attempt.is_some()).count();
        assert_eq!(attempts, 1, "one attempt has one outcome in the trail");
    }

    async fn nothing_begins_under_another_number(bed: &Bed) {
        let store = bed.open().await;
        insert(&store, due("a")).await;
        let row = claim(&store, Which::First).await.remove(0);
        let right = begin_of(&row);

        let wrong = [
            Begin { fence: right.fence.next(), ..right.clone() },
            Begin { fence: Fence::new(right.fence.get() - 1), ..right.clone() },
            Begin { version: right.version + 1, ..right.clone() },
            Begin { attempt: right.attempt + 1, ..right.clone() },
        ];
        for wrong in wrong {
            // What is wrong is let go of; so each has a row of its own.
            insert(&store, due("b")).await;
            let row: Claimed = claim(&store, Which::First).await.remove(0);
            let wrong = Begin { id: row.id, ..wrong };
            assert_eq!(store.begin(wrong).await.unwrap(), Begun::Void);
        }
        assert!(matches!(store.begin(right).await.unwrap(), Begun::Send(_)));
    }

    async fn a_message_is_kept_to_the_letter(bed: &Bed) {
        let store = bed.open().await;
        let texts = ["'; DROP TABLE messages; --", "\"\\\n\r\t\u{7f}", "👩‍👩‍👧‍👦 ünïcödé \u{202e}rtl", "?$1 {\"a\": [null]}", " "];
        for text in texts {
            let mut message = due(text);
            message.text = text.repeat(3);
            message.due_at = "2031-01-01T00:00:00.123456Z".parse().unwrap();
            message.not_after = Some("2031-02-01T00:00:00Z".parse().unwrap());
            message.given = Some(squall_scheduled_messages::WallTime {
                fold: squall_scheduled_messages::when::Fold::Later,
                wall: "2031-01-01T01:00:00.123456".into(),
                zone: "Europe/Berlin".into(),
            });
            let stored = store.insert(message, text).await.unwrap();

            assert_eq!(get(&store, stored.id).await, stored);
            assert_eq!(stored.text, text.repeat(3));
        }
        drop(store);
        assert_eq!(bed.open().await.list(Default::default(), None, 100).await.unwrap().len(), texts.len());
    }

    async fn a_retry_waits_for_its_instant_and_keeps_its_error(bed: &Bed) {
        let store = bed.open().await;
        let id = insert(&store, due("a")).await;
        let message = begin(&store, &claim(&store, Which::First).await.remove(0)).await;
        let at = Timestamp::now() + Duration::from_secs(3600);
        let settlement = Settlement::Retry { at, error: "busy".into(), in_doubt: true };
        assert!(store.settle(end(&message, settlement)).await.unwrap());

        assert_eq!(claim(&store, Which::Again).await, []);
        let waits = get(&store, id).await;
        assert_eq!((waits.state, waits.last_error.as_deref()), (State::Retrying, Some("busy")));
        assert_eq!(waits.retry_at.unwrap().as_microsecond(), at.as_microsecond());
        assert!(waits.in_doubt);

        let changed = change(&store, id, Change::SendNow).await;
        assert!(matches!(changed, Changed::Updated(message) if message.state == State::Retrying));
        assert_eq!(claim(&store, Which::Again).await.len(), 1);
    }
}
