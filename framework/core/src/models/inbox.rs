//! Nothing is lost on the way through an inbox, and nobody sleeps who has something to do.

use std::{task::Poll, time::Instant};

use loom::thread;

use super::{block_on, explore};
use crate::{
    anchor::Anchor,
    batch::{Batch, Filling},
    inbox::{Inbox, Received, Sender},
    orders::Life,
};

fn batch(values: impl IntoIterator<Item = u32>) -> Batch<u32> {
    let mut filling = Filling::with_capacity(4);
    for value in values {
        filling.push(value, &Anchor::NONE);
    }
    filling.take()
}

fn values(mut batch: Batch<u32>) -> Vec<u32> {
    batch.take_values(batch.len())
}

/// Hands everything over, as a task does, and lets go of the inbox.
fn send(mut sender: Sender<u32>, values: impl IntoIterator<Item = u32>) {
    let mut batch = batch(values);
    block_on(|cx| sender.poll_send(&mut batch, Instant::now(), cx));
}

/// The next batch of at most `most` tuples; nothing once the inbox is closed.
fn receive(inbox: &Inbox<u32>, most: usize) -> Vec<u32> {
    match block_on(|cx| inbox.poll_receive(most, cx)) {
        Received::Batch(batch) => values(batch),
        Received::Closed => Vec::new(),
    }
}

fn receive_all(inbox: &Inbox<u32>, most: usize) -> Vec<u32> {
    let mut all = Vec::new();
    loop {
        let some = receive(inbox, most);
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

fn sorted(mut values: Vec<u32>) -> Vec<u32> {
    values.sort_unstable();
    values
}

#[test]
fn what_two_senders_send_one_reader_gets() {
    explore(|| {
        let inbox = Inbox::new(4, 1);
        let (one, two) = (inbox.sender(Life::fresh()), inbox.sender(Life::fresh()));
        let senders = [thread::spawn(move || send(one, [1])), thread::spawn(move || send(two, [2]))];
        assert_eq!(sorted(receive_all(&inbox, 8)), [1, 2]);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    });
}

#[test]
fn a_sender_that_waits_for_room_is_woken_and_keeps_its_order() {
    explore(|| {
        let inbox = Inbox::new(1, 1);
        let sender = inbox.sender(Life::fresh());
        let task = thread::spawn(move || send(sender, [1, 2, 3]));
        assert_eq!(receive_all(&inbox, 8), [1, 2, 3]);
        task.join().unwrap();
    });
}

#[test]
fn two_senders_that_wait_for_the_same_room_are_both_woken() {
    explore(|| {
        let inbox = Inbox::new(1, 1);
        let (one, two) = (inbox.sender(Life::fresh()), inbox.sender(Life::fresh()));
        let task = thread::spawn(move || send(one, [1]));
        let other = thread::spawn(move || send(two, [2]));
        assert_eq!(sorted(receive_all(&inbox, 1)), [1, 2]);
        task.join().unwrap();
        other.join().unwrap();
    });
}

#[test]
fn two_readers_of_a_shared_inbox_take_each_tuple_once() {
    explore(|| {
        let inbox = Inbox::new(4, 2);
        let sender = inbox.sender(Life::fresh());
        let readers = [inbox.clone(), inbox].map(|inbox| thread::spawn(move || receive_all(&inbox, 1)));
        send(sender, [1, 2]);
        let taken = readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect();
        assert_eq!(sorted(taken), [1, 2]);
    });
}

#[test]
fn a_reader_that_has_its_share_and_reads_no_more_leaves_nobody_asleep() {
    explore(|| {
        let inbox = Inbox::new(4, 2);
        let mut sender = inbox.sender(Life::fresh());
        let busy = inbox.clone();
        // Both take one tuple and are busy with it for ever; the inbox stays open, so its end wakes nobody.
        let readers = [busy, inbox].map(|inbox| thread::spawn(move || receive(&inbox, 1)));
        let mut batch = batch([1, 2]);
        block_on(|cx| sender.poll_send(&mut batch, Instant::now(), cx));
        let taken = readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect();
        assert_eq!(sorted(taken), [1, 2]);
    });
}

#[test]
fn a_reader_that_turns_to_its_tick_passes_its_wake_up_on() {
    explore(|| {
        let inbox = Inbox::new(4, 2);
        let mut sender = inbox.sender(Life::fresh());
        let ticks = inbox.clone();
        // This one finds nothing, and then its tick keeps it busy for ever.
        let ticks = thread::spawn(move || {
            block_on(|cx| match ticks.poll_receive(1, cx) {
                Poll::Ready(Received::Batch(batch)) => Poll::Ready(values(batch)),
                Poll::Ready(Received::Closed) => Poll::Ready(Vec::new()),
                Poll::Pending => {
                    thread::yield_now();
                    ticks.stop_waiting(cx);
                    Poll::Ready(Vec::new())
                }
            })
        });
        let idle = thread::spawn(move || receive(&inbox, 1));
        let mut batch = batch([1]);
        block_on(|cx| sender.poll_send(&mut batch, Instant::now(), cx));
        let mut taken = ticks.join().unwrap();
        if !taken.is_empty() {
            drop(sender);
            taken.extend(idle.join().unwrap());
        } else {
            // The inbox stays open: its end wakes nobody.
            taken.extend(idle.join().unwrap());
            drop(sender);
        }
        assert_eq!(taken, [1]);
    });
}

#[test]
fn what_a_reader_puts_back_wakes_another_and_comes_first() {
    explore(|| {
        let inbox = Inbox::new(4, 2);
        let sender = inbox.sender(Life::fresh());
        let other = inbox.clone();
        let other = thread::spawn(move || receive_all(&other, 4));
        let slow = thread::spawn(move || {
            let Received::Batch(mut hand) = block_on(|cx| inbox.poll_receive(4, cx)) else {
                return Vec::new();
            };
            let executed = hand.take_front(1);
            inbox.put_back(hand, Instant::now());
            values(executed)
        });
        send(sender, [1, 2]);
        let taken = slow.join().unwrap().into_iter().chain(other.join().unwrap()).collect();
        assert_eq!(sorted(taken), [1, 2]);
    });
}

#[test]
fn a_reader_that_waits_learns_that_the_last_sender_is_gone() {
    explore(|| {
        let inbox: Inbox<u32> = Inbox::new(4, 1);
        let (one, two) = (inbox.sender(Life::fresh()), inbox.sender(Life::fresh()));
        let tasks = [thread::spawn(move || drop(one)), thread::spawn(move || drop(two))];
        assert!(receive_all(&inbox, 8).is_empty());
        tasks.into_iter().for_each(|task| task.join().unwrap());
    });
}
