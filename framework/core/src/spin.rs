//! [`Spin`]: looking again for some microseconds before the thread may sleep.

use std::{task::Context, thread};

use crate::batch::BATCH;

/// How often a task looks again. Each look lets the other tasks of the thread have a turn; together they
/// last about as long as it takes another thread to wake this one.
const LOOKS: u32 = 200;

/// Once in so many looks the processor is offered to others: if the machine is busy, the one that this task
/// waits for may be among them.
const COURTESY: u32 = 8;

/// After a full batch the next one is probably near, and so is the room for it: then to look again is
/// cheaper than to let the thread sleep and have the other side wake it. A slow stream never spins.
#[derive(Default)]
pub(crate) struct Spin {
    left: u32,
}

impl Spin {
    /// A turn has moved so many tuples.
    pub(crate) fn after(&mut self, tuples: usize) {
        self.left = if tuples >= BATCH / 2 { LOOKS } else { 0 };
    }

    pub(crate) fn is_on(&self) -> bool {
        self.left > 0
    }

    /// Whether to stay awake and look once more. If so the task will be polled again at once.
    pub(crate) fn goes_on(&mut self, cx: &Context<'_>) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        if self.left.is_multiple_of(COURTESY) {
            thread::yield_now();
        }
        cx.waker().wake_by_ref();
        true
    }
}
