//! [`Tracker`]: what of each partition has been received, is under way and is done.

mod limits;
mod partition;
mod stop;
#[cfg(test)]
mod tests;
mod ticket;

use std::collections::BTreeMap;

pub use limits::Limits;
pub use partition::Standing;
use partition::{Outcome, Partition};
pub use stop::Stop;
pub use ticket::Ticket;

use crate::Fence;

/// The books of one consumer over its partitions of one topic. It reads no clock and does no I/O.
///
/// Of each partition it knows the *lowest offset that is not done*: only that one may be committed, for whoever starts
/// again there misses nothing. Records are done in any order; one that is not holds back the offset of its partition,
/// and of no other. Offsets that never came (aborted transactions, compaction) are no holes.
///
/// Each assignment of a partition has a [`Fence`]. What is said of a record that came under an earlier one is late: it
/// is counted and changes nothing, since the partition may be somebody else's by now, or may have been read anew.
///
/// ```
/// use squall_connect::kafka::{Limits, Tracker};
///
/// let mut tracker = Tracker::new(Limits { messages: 100, bytes: 1_000_000 });
/// tracker.assign(0, 7, Some(7));
/// let [a, b] = [7, 9].map(|offset| tracker.receive(0, offset, 10, None).unwrap());
/// assert!(tracker.hand_out(&a) && tracker.hand_out(&b));
///
/// tracker.ack(&b);
/// assert_eq!(tracker.committable(), [], "7 is not done");
/// tracker.ack(&a);
/// assert_eq!(tracker.committable(), [(0, 10)], "there is no 8");
///
/// tracker.forget(0);
/// tracker.assign(0, 10, Some(10));
/// tracker.ack(&b);
/// assert_eq!(tracker.late(), 1);
/// ```
#[derive(Debug)]
pub struct Tracker {
    limits: Limits,
    partitions: BTreeMap<i32, Partition>,
    /// That of the next assignment, whichever partition it is of.
    fence: Fence,
    /// Of records that are not done, over all partitions.
    bytes: u64,
    late: u64,
}

/// What is to be read no further for now, and what is to be read again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Partitions to pause.
    pub pause: Vec<i32>,
    /// Partitions to resume.
    pub resume: Vec<i32>,
}

impl Tracker {
    /// Without partitions.
    pub fn new(limits: Limits) -> Self {
        Self::beginning(limits, Fence::FIRST)
    }

    /// One whose first assignment has the fence `first`: one in the place of another, whose tickets are still about,
    /// begins beyond that one's.
    pub fn beginning(limits: Limits, first: Fence) -> Self {
        Self { limits, partitions: BTreeMap::new(), fence: first, bytes: 0, late: 0 }
    }

    /// Begins with a partition that is read from offset `next` on; `committed` is what the broker has for it.
    ///
    /// One that it has is begun anew: what is under way of it is late from now on.
    pub fn assign(&mut self, partition: i32, next: i64, committed: Option<i64>) {
        self.forget(partition);
        self.partitions.insert(partition, Partition::new(self.fence, next, committed));
        self.fence = self.fence.next();
    }

    /// Takes a record in; `None` if its partition is not read now, or if it has come already.
    ///
    /// Limits refuse nothing: who does not want more pauses what [`flow`](Self::flow) names.
    pub fn receive(
        &mut self,
        partition: i32,
        offset: i64,
        bytes: u32,
        timestamp: Option<i64>,
    ) -> Option<Ticket> {
        let fence = self.partitions.get_mut(&partition)?.receive(offset, bytes, timestamp)?;
        self.bytes += u64::from(bytes);
        Some(Ticket { partition, fence, offset })
    }

    /// A record leaves for its work, in the order in which it came; `false` if it is not to: its partition was taken
    /// away or stopped in the meantime.
    pub fn hand_out(&mut self, ticket: &Ticket) -> bool {
        self.current(ticket).is_some_and(|partition| partition.hand_out(ticket.offset))
    }

    /// A record is done. Said twice, or too late, it changes nothing.
    pub fn ack(&mut self, ticket: &Ticket) {
        self.settle(ticket, Outcome::Done);
    }

    /// A record will not be done here: it holds back its partition's offset, and nobody waits for it any more.
    pub fn give_up(&mut self, ticket: &Ticket) {
        self.settle(ticket, Outcome::Left);
    }

    /// Reads a partition no further; what is under way may be done. The first reason is kept.
    pub fn stop(&mut self, partition: i32, why: Stop) {
        if let Some(stopped) = self.partitions.get_mut(&partition) {
            self.bytes -= stopped.stop(why);
        }
    }

    /// Takes nothing more of a partition that will go, and forgets what was not handed out.
    pub fn revoke(&mut self, partition: i32) {
        if let Some(revoked) = self.partitions.get_mut(&partition) {
            self.bytes -= revoked.drain();
        }
    }

    /// Whether nothing that was handed out of this partition is under way.
    pub fn is_drained(&self, partition: i32) -> bool {
        self.partitions.get(&partition).is_none_or(Partition::is_drained)
    }

    /// Has nothing to do with a partition any more: it was given back, or lost.
    pub fn forget(&mut self, partition: i32) {
        if let Some(gone) = self.partitions.remove(&partition) {
            self.bytes -= gone.bytes();
        }
    }

    /// The offsets to commit of all partitions for which there is a new one, each once.
    pub fn committable(&mut self) -> Vec<(i32, i64)> {
        let all = self.partitions.iter_mut();
        all.filter_map(|(number, partition)| Some((*number, partition.offer()?))).collect()
    }

    /// As [`committable`](Self::committable), of one partition.
    pub fn committable_of(&mut self, partition: i32) -> Option<i64> {
        self.partitions.get_mut(&partition)?.offer()
    }

    /// The broker has this offset now.
    pub fn committed(&mut self, partition: i32, offset: i64) {
        if let Some(partition) = self.partitions.get_mut(&partition) {
            partition.committed(offset);
        }
    }

    /// The broker has not taken the last offset of this partition: it is committable again.
    pub fn not_committed(&mut self, partition: i32) {
        if let Some(partition) = self.partitions.get_mut(&partition) {
            partition.not_committed();
        }
    }

    /// Whether all partitions that are being read may go on: none of them is at a limit.
    pub fn has_room(&self) -> bool {
        self.bytes < self.limits.bytes
            && self.partitions.values().all(|one| one.is_paused() || one.len() < self.limits.messages)
    }

    /// What to pause and to resume since it was last asked.
    ///
    /// A partition is paused at a limit, or when it is stopped or taken away; it is resumed with half of its messages
    /// and a quarter of all bytes free, for each turn costs what was fetched ahead.
    pub fn flow(&mut self) -> Flow {
        let (bytes, limits) = (self.bytes, self.limits);
        let mut flow = Flow::default();
        for (number, partition) in &mut self.partitions {
            match partition.turn(bytes, limits) {
                Some(true) => flow.pause.push(*number),
                Some(false) => flow.resume.push(*number),
                None => {}
            }
        }
        flow
    }

    /// Bytes of all records that are not done.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How often something was said of a record whose partition had gone, or had been begun anew.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// The partitions that it has, in order.
    pub fn partitions(&self) -> impl Iterator<Item = i32> {
        self.partitions.keys().copied()
    }

    /// How a partition stands.
    pub fn standing(&self, partition: i32) -> Option<Standing> {
        self.partitions.get(&partition).map(Partition::standing)
    }

    /// That of the next assignment.
    pub fn fence(&self) -> Fence {
        self.fence
    }

    fn current(&mut self, ticket: &Ticket) -> Option<&mut Partition> {
        self.partitions.get_mut(&ticket.partition).filter(|partition| partition.fence() == ticket.fence)
    }

    fn settle(&mut self, ticket: &Ticket, outcome: Outcome) {
        match self.current(ticket) {
            Some(partition) => {
                let freed = partition.settle(ticket.offset, outcome);
                self.bytes -= freed;
            }
            None => self.late += 1,
        }
    }
}
