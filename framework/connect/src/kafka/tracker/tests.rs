#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

use super::*;

mod random;

const MANY: Limits = Limits { messages: 1_000, bytes: 1_000_000 };

/// With partition 0, read from 0 on, of which nothing is committed beyond.
fn tracker() -> Tracker {
    let mut tracker = Tracker::new(MANY);
    tracker.assign(0, 0, Some(0));
    tracker
}

fn handed_out(tracker: &mut Tracker, partition: i32, offset: i64) -> Ticket {
    let ticket = tracker.receive(partition, offset, 10, Some(1_000 + offset)).unwrap();
    assert!(tracker.hand_out(&ticket));
    ticket
}

#[test]
fn nothing_acked_is_nothing_to_commit() {
    let mut tracker = tracker();
    handed_out(&mut tracker, 0, 0);
    assert_eq!(tracker.committable(), []);
}

#[test]
fn one_ack_commits_the_next_offset_and_says_so_once() {
    let mut tracker = tracker();
    let ticket = handed_out(&mut tracker, 0, 0);
    tracker.ack(&ticket);
    assert_eq!(tracker.committable(), [(0, 1)]);
    assert_eq!(tracker.committable(), []);
}

#[test]
fn acks_out_of_order_commit_only_what_has_no_hole() {
    let mut tracker = tracker();
    let tickets: Vec<_> = (0..5).map(|offset| handed_out(&mut tracker, 0, offset)).collect();
    for offset in [4, 0, 1, 3] {
        tracker.ack(&tickets[offset]);
    }
    assert_eq!(tracker.committable(), [(0, 2)]);
    tracker.ack(&tickets[2]);
    assert_eq!(tracker.committable(), [(0, 5)]);
}

#[test]
fn offsets_that_never_came_are_no_holes() {
    let mut tracker = tracker();
    let tickets: Vec<_> = [3, 4, 90].map(|offset| handed_out(&mut tracker, 0, offset)).into();
    tracker.ack(&tickets[0]);
    assert_eq!(tracker.committable(), [(0, 4)]);
    tracker.ack(&tickets[1]);
    assert_eq!(tracker.committable(), [(0, 90)], "the gap is behind");
    tracker.ack(&tickets[2]);
    assert_eq!(tracker.committable(), [(0, 91)]);
}

#[test]
fn a_record_that_came_and_is_not_done_is_a_hole_even_beside_a_gap() {
    let mut tracker = tracker();
    let first = handed_out(&mut tracker, 0, 0);
    handed_out(&mut tracker, 0, 2);
    let last = handed_out(&mut tracker, 0, 7);
    tracker.ack(&first);
    tracker.ack(&last);
    assert_eq!(tracker.committable(), [(0, 2)]);
}

#[test]
fn an_ack_said_twice_and_one_below_what_is_committed_change_nothing() {
    let mut tracker = tracker();
    let tickets: Vec<_> = (0..2).map(|offset| handed_out(&mut tracker, 0, offset)).collect();
    tracker.ack(&tickets[0]);
    tracker.ack(&tickets[0]);
    assert_eq!(tracker.committable(), [(0, 1)]);
    tracker.ack(&tickets[0]);
    assert_eq!(tracker.committable(), []);
    assert_eq!((tracker.bytes(), tracker.late()), (10, 0));
}

#[test]
fn a_record_that_comes_twice_is_taken_once() {
    let mut tracker = tracker();
    let ticket = handed_out(&mut tracker, 0, 0);
    assert_eq!(tracker.receive(0, 0, 10, None), None);
    tracker.ack(&ticket);
    assert_eq!(tracker.receive(0, 0, 10, None), None);
}

#[test]
fn one_record_holds_back_its_own_partition_and_no_other() {
    let mut tracker = tracker();
    tracker.assign(1, 0, Some(0));
    handed_out(&mut tracker, 0, 0);
    let other = handed_out(&mut tracker, 1, 0);
    tracker.ack(&other);
    assert_eq!(tracker.committable(), [(1, 1)]);
}

#[test]
fn a_partition_with_nothing_committed_commits_where_it_begins() {
    let mut tracker = Tracker::new(MANY);
    tracker.assign(0, 70, None);
    assert_eq!(tracker.committable(), [(0, 70)], "else it would begin elsewhere at the next start");
}

#[test]
fn what_the_broker_has_not_taken_is_committable_again() {
    let mut tracker = tracker();
    let ticket = handed_out(&mut tracker, 0, 0);
    tracker.ack(&ticket);
    assert_eq!(tracker.committable(), [(0, 1)]);
    tracker.not_committed(0);
    assert_eq!(tracker.committable(), [(0, 1)]);
    tracker.committed(0, 1);
    tracker.not_committed(0);
    assert_eq!(tracker.committable(), []);
    assert_eq!(tracker.standing(0).unwrap().committed, Some(1));
}

#[test]
fn what_waits_is_forgotten_at_a_revoke_and_what_is_out_is_waited_for() {
    let mut tracker = tracker();
    let out = handed_out(&mut tracker, 0, 0);
    let waits = tracker.receive(0, 1, 10, None).unwrap();
    tracker.revoke(0);
    assert!(!tracker.hand_out(&waits), "it belongs to the next owner");
    assert_eq!(tracker.receive(0, 2, 10, None), None);
    assert!(!tracker.is_drained(0));
    assert_eq!(tracker.bytes(), 10);
    tracker.ack(&out);
    assert!(tracker.is_drained(0));
    assert_eq!(tracker.committable_of(0), Some(1));
}

#[test]
fn late_acks_of_an_earlier_assignment_are_counted_and_harmless() {
    let mut tracker = tracker();
    let old = handed_out(&mut tracker, 0, 0);
    tracker.forget(0);
    tracker.ack(&old);
    tracker.assign(0, 0, Some(0));
    let new = handed_out(&mut tracker, 0, 0);
    assert!(old.fence() < new.fence());
    tracker.ack(&old);
    tracker.give_up(&old);
    assert_eq!((tracker.committable(), tracker.late()), (vec![], 3));
    tracker.ack(&new);
    assert_eq!(tracker.committable(), [(0, 1)]);
}

#[test]
fn what_was_given_up_holds_back_and_is_not_waited_for() {
    let mut tracker = tracker();
    let left = handed_out(&mut tracker, 0, 0);
    let done = handed_out(&mut tracker, 0, 1);
    tracker.give_up(&left);
    tracker.ack(&done);
    assert!(tracker.is_drained(0));
    assert_eq!((tracker.committable(), tracker.bytes()), (vec![], 0));
}

#[test]
fn a_stopped_partition_takes_nothing_finishes_what_is_out_and_keeps_its_reason() {
    let mut tracker = tracker();
    let [first, second] = [0, 1].map(|offset| handed_out(&mut tracker, 0, offset));
    let waits = tracker.receive(0, 2, 10, None).unwrap();
    tracker.give_up(&second);
    let why = Stop::Failed { offset: 1, why: "refused".to_owned() };
    tracker.stop(0, why.clone());
    tracker.stop(0, Stop::OutOfRange { wanted: 1, oldest: 2, end: 3 });
    assert!(!tracker.hand_out(&waits));
    assert_eq!(tracker.receive(0, 2, 10, None), None);
    tracker.ack(&first);
    assert_eq!(tracker.committable(), [(0, 1)]);
    tracker.revoke(0);
    assert_eq!(tracker.standing(0).unwrap().stopped, Some(why));
    assert_eq!(tracker.flow(), Flow { pause: vec![0], resume: vec![] });
    assert_eq!(tracker.flow(), Flow::default());
}

#[test]
fn a_partition_pauses_at_its_limit_and_resumes_with_half_of_it_free() {
    let mut tracker = Tracker::new(Limits { messages: 4, bytes: 1_000 });
    tracker.assign(0, 0, Some(0));
    tracker.assign(1, 0, Some(0));
    let tickets: Vec<_> = (0..4).map(|offset| handed_out(&mut tracker, 0, offset)).collect();
    assert!(!tracker.has_room());
    assert_eq!(tracker.flow(), Flow { pause: vec![0], resume: vec![] });
    assert!(tracker.has_room(), "the other one has");

    for ticket in tickets.iter().skip(1) {
        tracker.ack(ticket);
    }
    assert_eq!(tracker.flow(), Flow::default(), "as many would come again after a kill");
    tracker.ack(&tickets[0]);
    assert_eq!(tracker.flow(), Flow { pause: vec![], resume: vec![0] });
}

#[test]
fn bytes_are_counted_over_all_partitions_and_pause_all_of_them() {
    let mut tracker = Tracker::new(Limits { messages: 100, bytes: 40 });
    tracker.assign(0, 0, Some(0));
    tracker.assign(1, 0, Some(0));
    let tickets: Vec<_> = (0..4).map(|offset| handed_out(&mut tracker, 0, offset)).collect();
    assert!(!tracker.has_room());
    assert_eq!(tracker.flow(), Flow { pause: vec![0, 1], resume: vec![] });
    tracker.ack(&tickets[3]);
    assert_eq!((tracker.bytes(), tracker.flow()), (30, Flow { pause: vec![], resume: vec![0, 1] }));
}

#[test]
fn a_standing_tells_the_oldest_record_that_is_not_done() {
    let mut tracker = tracker();
    let tickets: Vec<_> = (0..3).map(|offset| handed_out(&mut tracker, 0, offset)).collect();
    tracker.ack(&tickets[0]);
    let standing = tracker.standing(0).unwrap();
    assert_eq!(standing.oldest_timestamp, Some(1_001));
    assert_eq!((standing.next, standing.lowest, standing.under_way), (3, 1, 2));
}
