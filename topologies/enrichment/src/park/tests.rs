use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use fastrand::Rng;

use super::*;
use crate::{Missing, Name, Outcome};

/// A claim that says when it is given up.
struct Claim {
    number: u64,
    held: Rc<RefCell<BTreeMap<u64, usize>>>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        *self.held.borrow_mut().get_mut(&self.number).unwrap() -= 1;
    }
}

/// A park, and who has claims.
struct Rig {
    park: Park<Claim>,
    room: Room,
    held: Rc<RefCell<BTreeMap<u64, usize>>>,
}

impl Rig {
    fn new() -> Self {
        let room = Room::new(1000, 1_000_000);
        Self { park: Park::new(room.clone()), room, held: Rc::default() }
    }

    fn claim(held: &Rc<RefCell<BTreeMap<u64, usize>>>, number: u64) -> impl FnOnce() -> Claim + use<> {
        let held = Rc::clone(held);
        move || {
            *held.borrow_mut().entry(number).or_default() += 1;
            Claim { number, held }
        }
    }

    fn activity(&mut self, number: u64, wants: usize) -> Option<Joined<Claim>> {
        let activity = Activity::parse(number, r#"{"text":"x"}"#).unwrap();
        self.park.activity(number, activity, wants, Duration::ZERO, Self::claim(&self.held, number))
    }

    fn answer(&mut self, number: u64, name: &str, at: Duration) -> Option<Joined<Claim>> {
        let outcome = Outcome::Missing(Missing::NO_TEXT);
        let answer = Answer { number, name: name.into(), outcome };
        self.park.answer(answer, at, Self::claim(&self.held, number))
    }

    fn claims(&self) -> usize {
        self.held.borrow().values().sum()
    }
}

const AT_ONCE: Duration = Duration::ZERO;

fn names(joined: &Joined<Claim>) -> Vec<&str> {
    joined.activity.enrichments.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn an_activity_leaves_with_its_last_answer() {
    let mut rig = Rig::new();

    assert!(rig.activity(1, 2).is_none());
    assert!(rig.answer(1, "b", AT_ONCE).is_none());
    assert_eq!((rig.room.waiting(), rig.claims()), (1, 1));
    let joined = rig.answer(1, "a", Duration::from_secs(2)).unwrap();

    assert_eq!(names(&joined), ["a", "b"]);
    assert_eq!((rig.room.waiting(), rig.room.bytes()), (0, 0));
    assert_eq!(rig.room.waited().quantile(0.5), Some(2.0));
    drop(joined);
    assert_eq!(rig.claims(), 0);
}

#[test]
fn answers_may_come_before_their_activity() {
    let mut rig = Rig::new();

    assert!(rig.answer(1, "a", AT_ONCE).is_none());
    assert!(rig.answer(1, "b", AT_ONCE).is_none());
    assert_eq!((rig.room.waiting(), rig.claims()), (0, 1));
    let joined = rig.activity(1, 2).unwrap();
    assert_eq!(names(&joined), ["a", "b"]);
    drop(joined);

    assert!(rig.answer(2, "a", AT_ONCE).is_none());
    assert!(rig.activity(2, 2).is_none());
    assert_eq!(names(&rig.answer(2, "b", AT_ONCE).unwrap()), ["a", "b"]);
    assert_eq!(rig.claims(), 0);
}

#[test]
fn an_answer_takes_as_much_room_whether_it_comes_before_its_activity_or_after() {
    let (mut before, mut after) = (Rig::new(), Rig::new());

    before.answer(1, "a", AT_ONCE);
    before.activity(1, 2);
    after.activity(1, 2);
    let bare = after.room.bytes();
    after.answer(1, "a", AT_ONCE);

    assert!(after.room.bytes() > bare);
    assert_eq!(before.room.bytes(), after.room.bytes());
}

#[test]
fn an_answer_that_comes_twice_counts_once() {
    let mut rig = Rig::new();

    assert!(rig.answer(1, "a", AT_ONCE).is_none());
    assert!(rig.answer(1, "a", AT_ONCE).is_none());
    assert!(rig.activity(1, 2).is_none());
    assert!(rig.answer(1, "a", AT_ONCE).is_none());
    assert!(rig.answer(1, "b", AT_ONCE).is_some());
    assert!(rig.answer(1, "b", AT_ONCE).is_none());

    assert_eq!((rig.room.repeated(), rig.claims()), (3, 0));
}

#[test]
fn what_failed_makes_room() {
    let mut rig = Rig::new();
    rig.activity(1, 2);
    rig.activity(2, 2);
    rig.answer(3, "a", AT_ONCE);

    let swept = rig.park.sweep(AT_ONCE, |claim| claim.number != 2);

    let mut failed: Vec<_> = swept.failed.iter().map(|claim| claim.number).collect();
    failed.sort_unstable();
    assert_eq!((failed, swept.unclaimed.len()), (vec![1, 3], 0));
    assert_eq!((rig.room.waiting(), rig.room.abandoned()), (1, 1));
}

#[test]
fn an_answer_whose_activity_does_not_come_is_not_kept_for_ever() {
    let mut rig = Rig::new();
    rig.answer(1, "a", AT_ONCE);

    assert!(rig.park.sweep(UNCLAIMED_MOST, |_| false).unclaimed.is_empty());
    let late = rig.park.sweep(UNCLAIMED_MOST + Duration::from_secs(1), |_| false);

    assert_eq!(late.unclaimed.len(), 1);
    drop(late);
    assert_eq!(rig.claims(), 0);
}

/// What has come of one activity, as one would keep it who has nothing else to do.
#[derive(Default)]
struct Known {
    wants: usize,
    has_come: bool,
    answers: BTreeSet<Name>,
    has_left: bool,
    has_failed: bool,
}

/// Activities, answers early, late and twice, and failures, all at random.
fn play(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut rig = Rig::new();
    let enrichers = ["a", "b", "c"];
    let mut known: BTreeMap<u64, Known> = BTreeMap::new();
    for number in 1..=40 {
        known.insert(number, Known { wants: rng.usize(1..=3), ..Known::default() });
    }
    for _ in 0..400 {
        let number = rng.u64(1..=40);
        let it = known.get_mut(&number).unwrap();
        let left = match rng.u8(0..10) {
            // What has failed here is delivered again under another number.
            0 => {
                it.has_failed |= !it.has_left;
                None
            }
            1 => {
                rig.park.sweep(AT_ONCE, |claim| known[&claim.number].has_failed);
                None
            }
            2..6 if !it.has_come && !it.has_failed => {
                it.has_come = true;
                rig.activity(number, it.wants)
            }
            _ if it.has_failed => None,
            _ => {
                let name = enrichers[rng.usize(..it.wants)];
                it.answers.insert(name.into());
                rig.answer(number, name, AT_ONCE)
            }
        };
        let it = known.get_mut(&number).unwrap();
        let is_complete = it.has_come && it.answers.len() == it.wants && !it.has_failed && !it.has_left;
        assert_eq!(left.is_some(), is_complete, "seed {seed}: {number}");
        if let Some(left) = left {
            it.has_left = true;
            assert!(left.activity.enrichments.iter().map(|(name, _)| name).eq(&it.answers), "seed {seed}");
        }
    }
    rig.park.sweep(AT_ONCE, |claim| known[&claim.number].has_failed);
    let open = |it: &&Known| !it.has_left && !it.has_failed;
    let waiting = known.values().filter(open).filter(|it| it.has_come).count();
    let claims = known.values().filter(open).filter(|it| it.has_come || !it.answers.is_empty()).count();
    assert_eq!((rig.room.waiting(), rig.claims()), (waiting, claims), "seed {seed}");
    assert_eq!(rig.room.bytes() > 0, waiting > 0, "seed {seed}");
    drop(rig.park);
    assert_eq!((rig.room.waiting(), rig.room.bytes()), (0, 0), "seed {seed}");
}

#[test]
fn each_activity_leaves_once_and_with_all_its_answers_whatever_their_order() {
    (0..500).for_each(|_| play(fastrand::u64(..)));
}
