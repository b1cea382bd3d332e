//! [`Orders`]: what one task is told, besides what the spouts of a topology are told together.

use std::{
    fmt,
    sync::atomic::{AtomicU8, AtomicU64, Ordering},
};

use crate::host::Phase;

/// One life of a task: from its building to its end, restarts included. A task that is built anew
/// elsewhere, because its thread is lost or its component was rebalanced, has another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Life(u64);

impl Life {
    /// A life that no other task of the process has.
    pub fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// What a task is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Work.
    Run,
    /// When the inbox is closed and empty, keep everything and answer [`Exit::Parked`](crate::Exit::Parked)
    /// instead of ending.
    Park,
    /// Come to an end now: a bolt drains without waiting for its inbox to close, a spout calls `next` no
    /// more and ends when all its roots have outcomes.
    Retire,
    /// Its thread was given up and its work goes on elsewhere: touch nothing any more.
    Halt,
}

impl Order {
    const ALL: [Self; 4] = [Self::Run, Self::Park, Self::Retire, Self::Halt];
}

/// Everything that a task is told, as one word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ToldTask(u8);

impl ToldTask {
    /// The bits of the [`Order`].
    const ORDER: u8 = 0b0011;
    /// The user's part is to be built anew.
    const RESTART: u8 = 0b0100;
    /// A spout is asked for nothing more, for now.
    const PAUSED: u8 = 0b1000;

    #[inline]
    pub(crate) fn order(self) -> Order {
        Order::ALL.get(usize::from(self.0 & Self::ORDER)).copied().unwrap_or(Order::Halt)
    }

    #[inline]
    pub(crate) fn asks_restart(self) -> bool {
        self.0 & Self::RESTART != 0
    }

    /// The phase that a spout task has by its own orders. One that retires does so, paused or not.
    pub(crate) fn phase(self) -> Phase {
        match self.order() {
            Order::Retire => Phase::Draining,
            _ if self.0 & Self::PAUSED != 0 => Phase::Paused,
            _ => Phase::Running,
        }
    }
}

/// The orders of one task. Whoever changes them wakes the task.
pub struct Orders {
    told: AtomicU8,
    life: Life,
}

impl Orders {
    /// Orders for a new life.
    pub fn new(order: Order) -> Self {
        Self { told: AtomicU8::new(order as u8), life: Life::fresh() }
    }

    /// Whose orders these are.
    pub fn life(&self) -> Life {
        self.life
    }

    /// The order that holds now.
    #[inline]
    pub fn get(&self) -> Order {
        self.told().order()
    }

    #[inline]
    pub(crate) fn told(&self) -> ToldTask {
        ToldTask(self.told.load(Ordering::Relaxed))
    }

    /// Gives another order. `Halt` is never taken back.
    pub fn set(&self, order: Order) {
        // One supervisor gives all orders.
        if !self.is_halted() {
            // So nobody else changes the bits that differ.
            let before = self.get() as u8;
            self.told.fetch_xor(before ^ order as u8, Ordering::Relaxed);
        }
    }

    /// Asks a task to stop between two calls of user code and to answer [`Exit::Restart`](crate::Exit::Restart).
    pub fn ask_restart(&self) {
        self.told.fetch_or(ToldTask::RESTART, Ordering::Relaxed);
    }

    /// Asks no more for a restart. Returns whether it had not begun.
    pub fn take_restart(&self) -> bool {
        let told = self.told.fetch_and(!ToldTask::RESTART, Ordering::Relaxed);
        ToldTask(told).asks_restart()
    }

    /// Has a spout task asked for nothing more, or asked again. Outcomes reach it all the same.
    pub fn pause(&self, is_paused: bool) {
        if is_paused {
            self.told.fetch_or(ToldTask::PAUSED, Ordering::Relaxed);
        } else {
            self.told.fetch_and(!ToldTask::PAUSED, Ordering::Relaxed);
        }
    }

    #[inline]
    pub(crate) fn is_halted(&self) -> bool {
        self.told().order() == Order::Halt
    }
}

impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Orders").field("order", &self.get()).field("life", &self.life).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halt_is_final() {
        let orders = Orders::new(Order::Park);
        orders.set(Order::Halt);
        orders.set(Order::Run);
        assert_eq!(orders.get(), Order::Halt);
    }

    #[test]
    fn a_wish_for_a_restart_and_a_pause_stand_beside_the_order() {
        let orders = Orders::new(Order::Run);
        orders.ask_restart();
        orders.pause(true);
        assert_eq!((orders.get(), orders.told().phase()), (Order::Run, Phase::Paused));
        orders.set(Order::Retire);
        assert_eq!((orders.get(), orders.told().phase()), (Order::Retire, Phase::Draining));
        assert!(orders.take_restart() && !orders.take_restart());
        orders.pause(false);
        orders.set(Order::Run);
        assert_eq!((orders.get(), orders.told().phase()), (Order::Run, Phase::Running));
    }
}
