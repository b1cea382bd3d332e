//! [`Ticket`]: which record it was, and under which assignment it came.

use crate::Fence;

/// Which record of which assignment: what a root of the Kafka spout is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub(super) partition: i32,
    pub(super) fence: Fence,
    pub(super) offset: i64,
}

impl Ticket {
    /// The partition of its topic.
    pub fn partition(&self) -> i32 {
        self.partition
    }

    /// The assignment: it grows each time that the partition comes to this consumer.
    pub fn fence(&self) -> Fence {
        self.fence
    }

    /// The offset in its partition.
    pub fn offset(&self) -> i64 {
        self.offset
    }
}
