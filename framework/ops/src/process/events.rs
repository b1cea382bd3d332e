//! [`Events`]: what a process reacts to.

use squall_runtime::{Failed, Report};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};

use super::member::Member;
use crate::reload::{MOST_ORDERS, Order};
use crate::signals::{Received, Signals};

/// How a topology ended.
#[derive(Debug)]
pub(super) struct End {
    /// Its place among the members.
    pub(super) index: usize,
    pub(super) life: u64,
    pub(super) end: Result<Report, Failed>,
}

/// Something that happened.
#[derive(Debug)]
pub(super) enum Event {
    Signal(Received),
    Ended(Result<End, JoinError>),
    Order(Order),
    /// All topologies are over.
    AllEnded,
}

/// What a process reacts to.
#[derive(Debug)]
pub(super) struct Events {
    signals: Signals,
    ends: JoinSet<End>,
    orders: mpsc::Receiver<Order>,
}

impl Events {
    /// Nothing yet; orders come through the sender.
    pub(super) fn new(signals: Signals) -> (Self, mpsc::Sender<Order>) {
        let (sender, orders) = mpsc::channel(MOST_ORDERS);
        (Self { signals, ends: JoinSet::new(), orders }, sender)
    }

    /// From now on the end of this member is among the events. Must be called within an actix system.
    pub(super) fn expect_end(&mut self, index: usize, member: &Member<'_>) {
        let (running, life) = (member.running.clone(), member.life);
        self.ends.spawn_local(async move { End { index, life, end: running.wait().await } });
    }

    /// Waits for the next event. Cancel safe.
    pub(super) async fn next(&mut self) -> Event {
        tokio::select! {
            biased;
            signal = self.signals.next() => Event::Signal(signal),
            ended = self.ends.join_next() => ended.map_or(Event::AllEnded, Event::Ended),
            Some(order) = self.orders.recv() => Event::Order(order),
        }
    }

    /// Waits for the next signal. Cancel safe.
    pub(super) async fn signal(&mut self) -> Received {
        self.signals.next().await
    }
}
