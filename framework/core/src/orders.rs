//! [`Orders`]: what one task is told, besides what the spouts of a topology are told together.

use std::{
    fmt,
    sync::atomic::{AtomicU8, AtomicU64, Ordering},
};

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

/// The orders of one task. Whoever changes them wakes the task.
pub struct Orders {
    order: AtomicU8,
    life: Life,
}

impl Orders {
    /// Orders for a new life.
    pub fn new(order: Order) -> Self {
        Self { order: AtomicU8::new(order as u8), life: Life::fresh() }
    }

    /// Whose orders these are.
    pub fn life(&self) -> Life {
        self.life
    }

    /// The order that holds now.
    #[inline]
    pub fn get(&self) -> Order {
        let at = usize::from(self.order.load(Ordering::Relaxed));
        Order::ALL.get(at).copied().unwrap_or(Order::Halt)
    }

    /// Gives another order. `Halt` is never taken back.
    pub fn set(&self, order: Order) {
        // One supervisor gives all orders.
        if !self.is_halted() {
            self.order.store(order as u8, Ordering::Relaxed);
        }
    }

    #[inline]
    pub(crate) fn is_halted(&self) -> bool {
        self.order.load(Ordering::Relaxed) == Order::Halt as u8
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
}
