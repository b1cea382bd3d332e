use std::collections::HashSet;
use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::destination::Scope;
use squall_connect::Fence;

/// Later than any instant here.
const LATE: Timestamp = Timestamp::MAX;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_900_000_000_000 + millis).unwrap()
}

fn id(n: u128) -> MessageId {
    MessageId(Uuid::from_u128(n))
}

fn row(n: u128, account: &str, millis: i64) -> Claimed {
    Claimed {
        id: id(n),
        account: account.into(),
        destination: "hook".into(),
        at: at(millis),
        fence: Fence::new(2),
        version: 1,
        attempts: 0,
        spread: None,
    }
}

fn horizon(rows: impl IntoIterator<Item = Claimed>) -> Horizon<()> {
    let mut horizon = Horizon::new();
    rows.into_iter().for_each(|row| horizon.learn(row));
    horizon
}

/// Releases what may go at an instant.
fn released(horizon: &mut Horizon<()>, millis: i64) -> Vec<MessageId> {
    let now = Instant::now();
    horizon.ripen(at(millis));
    std::iter::from_fn(|| horizon.release(now, at(millis), |_, _| Admission::Go(())))
        .map(|released| released.id)
        .collect()
}

#[test]
fn messages_are_released_at_their_instants_in_their_order() {
    let mut horizon = horizon([row(1, "a", 500), row(2, "a", 100), row(3, "a", 100)]);

    assert_eq!(horizon.next_due(), Some(at(100)));
    assert_eq!(released(&mut horizon, 99), []);
    assert_eq!(released(&mut horizon, 100), [id(2), id(3)]);
    assert_eq!(released(&mut horizon, 500), [id(1)]);
    assert_eq!(released(&mut horizon, 501), [], "each once");
}

#[test]
fn accounts_take_turns() {
    let many = (1..=1000).map(|n| row(n, "many", 0));
    let mut horizon = horizon(many.chain([row(2000, "one", 1), row(2001, "two", 2), row(2002, "two", 2)]));

    let order = released(&mut horizon, 10);

    assert_eq!(order.len(), 1003);
    let place = |n| order.iter().position(|one| *one == id(n)).unwrap();
    assert!(place(2000) < 3 && place(2001) < 3 && place(2002) < 6, "{:?}", &order[..8]);
}

#[test]
fn first_sends_go_before_further_attempts() {
    let again = Claimed { attempts: 3, ..row(1, "a", 0) };
    let mut horizon = horizon([again, row(2, "a", 5)]);

    horizon.ripen(at(10));
    let first = horizon.release(Instant::now(), LATE, |_, _| Admission::Go(())).unwrap();
    let second = horizon.release(Instant::now(), LATE, |_, _| Admission::Go(())).unwrap();

    assert_eq!((first.id, first.attempt), (id(2), 1));
    assert_eq!((second.id, second.attempt), (id(1), 4));
    assert_eq!((horizon.waiting(Lane::First), horizon.waiting(Lane::Again)), (0, 0));
}

#[test]
fn an_account_that_rests_holds_up_no_other() {
    let mut horizon = horizon([row(1, "rests", 0), row(2, "b", 0), row(3, "busy", 0)]);
    let now = Instant::now();
    let later = now + Duration::from_secs(5);
    let admit = |row: &Claimed, _| match row.account.as_str() {
        "rests" => Admission::NotBefore(later),
        "busy" => Admission::WhenOneEnds(Scope::Account),
        _ => Admission::Go(()),
    };
    horizon.ripen(at(0));

    assert_eq!(horizon.release(now, LATE, admit).unwrap().id, id(2));
    assert_eq!(horizon.release(now, LATE, admit), None);
    assert_eq!(horizon.next_rested(), Some(later));

    assert_eq!(horizon.release(later, LATE, |_, _| Admission::Go(())).unwrap().id, id(1));
}

#[test]
fn a_full_destination_is_asked_again_when_one_ends() {
    let mut horizon = horizon([row(1, "a", 0), row(2, "b", 0)]);
    let now = Instant::now();
    let mut asked = 0;
    horizon.ripen(at(0));
    assert_eq!(horizon.release(now, LATE, |_, _| Admission::Go(())).unwrap().id, id(1));

    for _ in 0..3 {
        let answer = horizon.release(now, LATE, |_, _| {
            asked += 1;
            Admission::WhenOneEnds(Scope::Destination)
        });
        assert_eq!(answer, None);
    }
    assert_eq!(asked, 1, "asked once while nothing has changed");

    horizon.done(id(1));
    assert_eq!(horizon.release(now, LATE, |_, _| Admission::Go(())).unwrap().id, id(2));
}

#[test]
fn what_is_claimed_anew_before_its_end_is_heard_of_is_sent_again() {
    let mut horizon = horizon([row(1, "a", 0)]);
    assert_eq!(released(&mut horizon, 0), [id(1)]);

    // Its retry was written and claimed before the spout was told that the attempt had ended.
    horizon.learn(Claimed { fence: Fence::new(3), attempts: 1, ..row(1, "a", 0) });
    assert_eq!(released(&mut horizon, 1), [], "it is under way");

    horizon.done(id(1));
    assert_eq!(released(&mut horizon, 2), [id(1)]);
}

#[test]
fn a_row_that_was_changed_takes_the_place_of_the_old_one() {
    let mut horizon = horizon([row(1, "a", 0)]);

    horizon.learn(Claimed { fence: Fence::new(5), version: 2, ..row(1, "a", 50) });
    horizon.learn(row(1, "a", 0));

    assert_eq!(released(&mut horizon, 49), []);
    horizon.ripen(at(50));
    let released = horizon.release(Instant::now(), LATE, |_, _| Admission::Go(())).unwrap();
    assert_eq!((released.fence, released.version), (Fence::new(5), 2));
    assert_eq!(horizon.waiting(Lane::First), 0);
}

#[test]
fn what_was_given_back_is_forgotten_and_what_is_under_way_is_not() {
    let mut horizon = horizon([row(1, "a", 0), row(2, "a", 5)]);
    assert_eq!(released(&mut horizon, 0), [id(1)]);
    horizon.learn(Claimed { fence: Fence::new(3), ..row(1, "a", 0) });

    horizon.let_go();

    assert_eq!((horizon.waiting(Lane::First), horizon.next_due()), (0, None));
    horizon.done(id(1));
    assert_eq!(released(&mut horizon, 10), []);
}

#[test]
fn those_who_have_their_share_are_known() {
    let horizon = horizon((1..=9).map(|n| row(n, if n < 7 { "a" } else { "b" }, 0)));

    assert_eq!(horizon.crowded(4), HashSet::from(["a".to_owned()]));
}

#[test]
fn a_message_that_was_put_off_while_it_stood_in_line_waits_for_its_new_instant() {
    let mut horizon = horizon([row(1, "a", 0)]);
    let now = Instant::now();
    horizon.ripen(at(0));
    let rests = |_: &Claimed, _| Admission::NotBefore(now + Duration::from_secs(1));
    assert_eq!(horizon.release(now, at(0), rests), None);

    horizon.learn(Claimed { fence: Fence::new(5), version: 2, ..row(1, "a", 9000) });

    let rested = now + Duration::from_secs(2);
    assert_eq!(horizon.release(rested, at(2000), |_, _| Admission::Go(())), None);
    horizon.ripen(at(9000));
    assert!(horizon.release(rested, at(9000), |_, _| Admission::Go(())).is_some());
}

#[test]
fn a_destination_that_has_its_share_is_known() {
    let other = Claimed { destination: "other".into(), ..row(9, "a", 0) };
    let mut horizon = horizon((1..=3).map(|n| row(n, "a", 0)).chain([other]));

    assert_eq!(horizon.full(Lane::First, 3), ["hook"]);
    assert_eq!(released(&mut horizon, 0).len(), 4);
    assert_eq!(horizon.full(Lane::First, 1), Vec::<String>::new());
}
