//! The attempts that are under way to a destination.

use super::Lane;

/// Further attempts hold at most so large a part of the slots.
const AGAIN_PART: u32 = 4;

/// So many attempts at the same time, further ones few among them.
#[derive(Debug)]
pub(super) struct Slots {
    limit: u32,
    first: u32,
    again: u32,
}

impl Slots {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit: limit.max(1), first: 0, again: 0 }
    }

    /// Further attempts leave the last free slot to a first one, if there are two slots at all.
    pub(super) fn has_room(&self, lane: Lane) -> bool {
        let free = self.limit.saturating_sub(self.taken());
        match lane {
            Lane::First => free > 0,
            Lane::Again => free > u32::from(self.limit > 1) && self.again < (self.limit / AGAIN_PART).max(1),
        }
    }

    pub(super) fn take(&mut self, lane: Lane) {
        *self.of(lane) += 1;
    }

    pub(super) fn give_back(&mut self, lane: Lane) {
        let taken = self.of(lane);
        *taken = taken.saturating_sub(1);
    }

    pub(super) fn taken(&self) -> u32 {
        self.first + self.again
    }

    pub(super) fn taken_again(&self) -> u32 {
        self.again
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    fn of(&mut self, lane: Lane) -> &mut u32 {
        match lane {
            Lane::First => &mut self.first,
            Lane::Again => &mut self.again,
        }
    }
}
