//! What the engine gives up on, and why.

use squall::{Cause, Dead, Delivery, Reason, Stream, TopologyBuilder};
use squall_testkit::{Act, Call, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{assert_counts, ms, s, start};

use crate::{assert_pause, pauses, policy, replayed};

fn names(path: &[&str]) -> Vec<String> {
    path.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_last_attempt_that_fails_makes_a_dead_letter_that_says_why() {
    virtual_time(async || {
        let r = replayed(3, Mock::acting(|_| Act::Fail), Mock::echo());
        let fed = r.feeder.feed_together([7, 8]);
        quiescent(&r.running).await;

        assert_eq!(r.work.calls().last().unwrap().delivery.attempt, 3);
        let message = "the mock fails as told".to_owned();
        let expected = Dead {
            tuples: vec![7, 8],
            reason: Reason::Explicit,
            permanent: false,
            delivery: Delivery { attempt: 3, refused: 2, redelivered: 0 },
            cause: Some(Cause { component: "work".to_owned(), task: 0, message }),
            path: names(&["numbers", "work"]),
        };
        assert_eq!(r.grave.values(), [expected]);
        assert!(fed.is_acked() && fed.outcomes().len() == 1, "its ack released the original");
        let status = r.running.status();
        assert_eq!((status.roots.acked, status.roots.failed), (1, 0));
        assert_eq!(status.component("numbers").unwrap().dead_letters, 1);
    });
}

#[test]
fn a_permanent_error_makes_a_dead_letter_at_once() {
    virtual_time(async || {
        let r = replayed(100, Mock::acting(|_| Act::Refuse), Mock::echo());
        r.feeder.feed(7);
        quiescent(&r.running).await;

        let letters = r.grave.calls();
        assert_eq!(letters.len(), 1);
        assert!(letters[0].value.permanent);
        assert_eq!(letters[0].value.delivery, Delivery::first());
        assert_eq!(r.work.count(), 1);
        assert!(letters[0].at - r.work.calls()[0].at < s(1) / 10, "no pause before it");
    });
}

#[test]
fn a_panic_is_told_with_its_text() {
    virtual_time(async || {
        let r = replayed(1, Mock::acting(|_| Act::Panic), Mock::echo());
        r.feeder.feed(7);
        quiescent(&r.running).await;

        let dead = &r.grave.values()[0];
        assert_eq!(dead.reason, Reason::Panic);
        let message = &dead.cause.as_ref().unwrap().message;
        assert!(message.starts_with("panicked: the mock panics as told"), "{message}");
    });
}

#[test]
fn of_a_root_that_timed_out_the_letter_tells_what_is_known() {
    virtual_time(async || {
        let r = replayed(2, Mock::stalls_every(1), Mock::echo());
        r.feeder.feed(7);
        advance(s(25)).await;

        let dead = &r.grave.values()[0];
        assert_eq!((dead.reason, &dead.cause, &dead.path), (Reason::Timeout, &None, &names(&["numbers"])));
        assert_eq!(dead.delivery, Delivery { attempt: 2, refused: 0, redelivered: 1 });
        r.work.release();
        quiescent(&r.running).await;
    });
}

/// Wires bolts behind a replayed spout, refuses the number 7 in the one named `picky`, and returns the path.
fn path(wire: impl FnOnce(&mut TopologyBuilder, Stream<u64>, &Mock<u64>)) -> Vec<String> {
    let grave = Mock::<Dead<u64>>::echo();
    virtual_time(async || {
        let (feeder, picky) = (Feeder::of([7]), Mock::acting(|_: &Call<u64>| Act::Refuse));
        let mut t = TopologyBuilder::new("path");
        let other = t.spout("other", Feeder::<u64>::of([]).spouts()).output();
        t.bolt_with("aside", Mock::<u64>::echo().bolts()).shuffle(other);
        let (numbers, dead) = t.spout("numbers", feeder.spouts()).replay(policy(2)).output();
        t.bolt_with("grave", grave.bolts()).shuffle(dead);
        wire(&mut t, numbers, &picky);
        let running = start(t);
        running.wait().await.unwrap();
    });
    grave.values().remove(0).path
}

#[test]
fn the_path_names_the_components_from_the_spout_to_the_one_that_failed_it() {
    let straight = path(|t, numbers, picky| {
        let a = t.bolt_with("a", Mock::<u64>::echo().bolts()).shuffle(numbers).output();
        t.bolt_with("b", Mock::<u64>::echo().bolts()).shuffle(numbers);
        let picked = t.bolt_with("picky", picky.bolts()).shuffle(a).output();
        t.bolt_with("behind", Mock::<u64>::echo().bolts()).shuffle(picked);
    });
    assert_eq!(straight, names(&["numbers", "a", "picky"]));

    let two_ways = path(|t, numbers, picky| {
        let a = t.bolt_with("a", Mock::<u64>::echo().bolts()).shuffle(numbers).output();
        let b = t.bolt_with("b", Mock::<u64>::echo().bolts()).shuffle(numbers).output();
        t.bolt_with("picky", picky.bolts()).shuffle(a).shuffle(b);
    });
    assert_eq!(two_ways, names(&["numbers", "a", "b", "picky"]));

    let between = path(|t, numbers, _| {
        t.bolt_with("a", Mock::<u64>::echo().bolts()).direct(numbers, |_| 9);
    });
    assert_eq!(between, names(&["numbers"]), "it failed on its way out of the spout");
}

#[test]
fn a_letter_that_fails_is_emitted_again_for_ever() {
    virtual_time(async || {
        let bury = |call: &Call<Dead<u64>>| match call.nth {
            1..=10 => Act::Fail,
            11 => Act::Panic,
            12 => Act::Refuse,
            _ => Act::Pass,
        };
        let r = replayed(2, Mock::acting(|_| Act::Refuse), Mock::acting(bury));
        let fed = r.feeder.feed(7);
        advance(ms(100)).await;
        while !fed.is_acked() {
            assert_counts(&r.running.status());
            assert_eq!(r.running.status().roots.pending, 1);
            advance(s(1)).await;
        }

        let letters = r.grave.calls();
        assert_eq!(letters.len(), 13);
        for (pause, exact) in pauses(&letters).into_iter().zip([1, 2].into_iter().chain([4; 10])) {
            assert_pause(pause, s(exact));
        }
        let same = letters.iter().all(|letter| letter.value == letters[0].value);
        assert!(same, "the letter goes on telling why the tuple failed");
        assert_eq!(letters[12].delivery.attempt, 13, "and its delivery tells of the letter");
        let spout = r.running.status().component("numbers").unwrap().clone();
        assert_eq!((spout.dead_letters, spout.replays), (1, 0));
    });
}

#[test]
fn without_a_reader_of_the_letters_the_root_fails_with_its_last_failure() {
    virtual_time(async || {
        let (feeder, work) = (Feeder::new(), Mock::acting(|_: &Call<u64>| Act::Fail));
        let mut t = TopologyBuilder::new("unread");
        let (numbers, _dead) = t.spout("numbers", feeder.spouts()).replay(policy(3)).output();
        t.bolt_with("work", work.bolts()).shuffle(numbers);
        let running = start(t);
        let fed = feeder.feed(7);
        quiescent(&running).await;

        let failure = fed.outcome().unwrap().failure.unwrap();
        assert_eq!((failure.reason, failure.delivery.attempt), (Reason::Explicit, 3));
        assert_eq!(failure.cause.unwrap().component, "work");
        assert_eq!(fed.outcomes().len(), 1);
        assert_eq!((running.status().roots.failed, work.count()), (1, 3));
    });
}
