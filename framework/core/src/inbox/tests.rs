//! How much an inbox holds.

use std::task::{Context, Poll, Waker};

use super::*;
use crate::{
    anchor::Anchor,
    batch::{BATCH, Filling},
};

const CAPACITY: usize = 8;

/// A producer that always has more than there is room for, and tasks that execute one tuple a turn.
struct Rig {
    inbox: Inbox<u64>,
    sender: Sender<u64>,
    unsent: Batch<u64>,
}

impl Rig {
    fn new(readers: usize) -> Self {
        let inbox = Inbox::new(CAPACITY, readers);
        let sender = inbox.sender(Life::fresh());
        let mut filling = Filling::with_capacity(0);
        (0..10_000).for_each(|value| filling.push(value, &Anchor::NONE));
        Self { inbox, sender, unsent: filling.take() }
    }

    fn fill(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        assert!(self.sender.poll_send(&mut self.unsent, Instant::now(), &mut cx).is_pending());
    }

    fn take(&self) -> Batch<u64> {
        let mut cx = Context::from_waker(Waker::noop());
        match self.inbox.poll_receive(BATCH, &mut cx) {
            Poll::Ready(Received::Batch(batch)) => batch,
            _ => panic!("nothing is queued"),
        }
    }

    /// Each task takes what it may, and the producer fills the room; then each gives back what it has not got to.
    fn turn(&mut self, readers: usize) {
        let mut hands = Vec::new();
        for _ in 0..readers {
            self.fill();
            hands.push(self.take());
        }
        self.fill();
        for mut hand in hands {
            hand.take_front(1);
            self.inbox.put_back(hand, Instant::now());
        }
    }
}

#[test]
fn what_tasks_give_back_comes_on_top_by_less_than_the_capacity_for_each() {
    for readers in 1..=3 {
        let mut rig = Rig::new(readers);

        (0..100).for_each(|_| rig.turn(readers));

        let most = rig.inbox.probe().most();
        assert!(most > CAPACITY, "the case does not come up");
        assert!(most < CAPACITY * (1 + readers), "{readers} tasks: {most}");
    }
}
