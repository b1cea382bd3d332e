//! How everything stood when a worker was killed.

use super::{sample::sum, topics::Topics};
use crate::Error;

/// Where something was written: in the output, or where what is no activity goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Output,
    Dead,
}

/// How everything stood when a worker was killed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kill {
    /// Records that the group had done, as it had committed.
    pub(super) done: u64,
    /// The ends of the partitions of the output.
    pub(super) output: Vec<i64>,
    /// The same where what is no activity goes.
    pub(super) dead: Vec<i64>,
}

impl Kill {
    /// As it is now. What was done is asked first: nothing that is committed later was under way.
    pub(super) fn look(topics: &Topics) -> Result<Self, Error> {
        let done = sum(&topics.committed()?);
        Ok(Self { done, output: topics.ends(&topics.output)?, dead: topics.ends(&topics.dead)? })
    }

    /// Whether what lies there was written before.
    pub(super) fn is_after(&self, place: Place, partition: i32, offset: i64) -> bool {
        let ends = match place {
            Place::Output => &self.output,
            Place::Dead => &self.dead,
        };
        ends.get(partition as usize).is_some_and(|end| offset < *end)
    }

    /// Different records that had been written and were not committed, if `again` of what had been written had been
    /// written before. No more than those can be written again, now that somebody is gone.
    pub(super) fn at_stake(&self, again: u64) -> u64 {
        (sum(&self.output) + sum(&self.dead)).saturating_sub(again).saturating_sub(self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_and_not_committed_is_at_stake() {
        let kill = Kill { done: 10, output: vec![8, 7], dead: vec![0, 1] };

        assert_eq!(kill.at_stake(0), 6);
        assert_eq!(kill.at_stake(2), 4);
        assert!(kill.is_after(Place::Output, 1, 6) && !kill.is_after(Place::Output, 1, 7));
        assert!(kill.is_after(Place::Dead, 1, 0) && !kill.is_after(Place::Dead, 0, 0));
    }
}
