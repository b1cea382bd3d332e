//! Models for loom of the desk: the task that works races the thread that polls.
//!
//! ```sh
//! cargo test --release --package squall-connect --lib --features _loom -- kafka::models::
//! ```
//!
//! Under loom a wait has no end but that it is told: one that nobody tells shows as a deadlock.

use std::{future::poll_fn, time::Duration};

use loom::{sync::Arc, thread};

use super::{
    desk::{Desk, End},
    tracker::{Limits, Ticket, Tracker},
};

/// Every bug known to need more preemptions is exotic, and the whole run stays short.
const PREEMPTIONS: usize = 2;

/// Never over: the models end before.
const LONG: Duration = Duration::from_secs(3_600);

fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(PREEMPTIONS);
    builder.check(model);
}

/// A desk with partition 0, read from 5 on.
fn desk(messages: usize) -> Arc<Desk<&'static str>> {
    let desk = Desk::new(Tracker::new(Limits { messages, bytes: 1_000 }));
    desk.assign(0, 5, Some(5));
    Arc::new(desk)
}

fn taken(desk: &Desk<&'static str>) -> Result<(Ticket, &'static str), End> {
    loom::future::block_on(poll_fn(|cx| desk.poll_take(cx)))
}

/// What a thread that polls does when partition 0 is taken away.
fn give_back(desk: &Desk<&'static str>) -> Vec<(i32, i64)> {
    desk.revoke(&[0]);
    assert!(desk.wait_until_drained(&[0], LONG));
    let commits = desk.committable(Some(&[0]));
    desk.forget(&[0]);
    commits
}

#[test]
fn a_revoke_waits_for_what_was_handed_out_and_commits_it() {
    explore(|| {
        let desk = desk(10);
        desk.arrive(0, 5, 1, None, "a");
        let (ticket, _) = taken(&desk).unwrap();
        let task = thread::spawn({
            let desk = Arc::clone(&desk);
            move || desk.ack(&ticket)
        });
        assert_eq!(give_back(&desk), [(0, 6)]);
        task.join().unwrap();
        assert_eq!(desk.bytes_and_late(), (0, 0));
    });
}

#[test]
fn a_record_that_races_a_revoke_is_done_before_the_commit_or_is_not_handed_out() {
    explore(|| {
        let desk = desk(10);
        desk.arrive(0, 5, 1, None, "a");
        let task = thread::spawn({
            let desk = Arc::clone(&desk);
            move || match desk.try_take() {
                Some((ticket, _)) => {
                    desk.ack(&ticket);
                    true
                }
                None => false,
            }
        });
        let commits = give_back(&desk);
        let was_done = task.join().unwrap();
        assert_eq!(commits, if was_done { vec![(0, 6)] } else { vec![] });
    });
}

#[test]
fn an_ack_that_races_a_loss_never_moves_the_offset_of_the_next_assignment() {
    explore(|| {
        let desk = desk(10);
        desk.arrive(0, 5, 1, None, "a");
        let (ticket, _) = taken(&desk).unwrap();
        let task = thread::spawn({
            let desk = Arc::clone(&desk);
            move || desk.ack(&ticket)
        });
        desk.forget(&[0]);
        desk.assign(0, 5, Some(5));
        desk.arrive(0, 5, 1, None, "a");
        task.join().unwrap();
        assert_eq!(desk.committable(None), [], "5 came again, and nobody has done it");
        let (again, _) = taken(&desk).unwrap();
        desk.ack(&again);
        assert_eq!(desk.committable(None), [(0, 6)]);
    });
}

#[test]
fn acks_from_one_side_make_room_on_the_other() {
    explore(|| {
        let desk = desk(1);
        desk.arrive(0, 5, 1, None, "a");
        let task = thread::spawn({
            let desk = Arc::clone(&desk);
            move || {
                let (ticket, _) = taken(&desk).unwrap();
                desk.ack(&ticket);
            }
        });
        desk.wait_for_room(LONG);
        desk.arrive(0, 6, 1, None, "b");
        task.join().unwrap();
        assert_eq!(desk.committable(None), [(0, 6)]);
    });
}

#[test]
fn a_task_that_waits_is_woken_by_an_arrival_and_by_the_end() {
    explore(|| {
        let desk = desk(10);
        let task = thread::spawn({
            let desk = Arc::clone(&desk);
            move || {
                let (ticket, record) = taken(&desk).unwrap();
                desk.ack(&ticket);
                assert_eq!(record, "a");
                assert_eq!(taken(&desk), Err(End::Closed));
            }
        });
        desk.arrive(0, 5, 1, None, "a");
        assert!(desk.wait_until_drained(&[1], LONG));
        desk.ended(End::Closed);
        task.join().unwrap();
    });
}
