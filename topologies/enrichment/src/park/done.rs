//! What has left a park.

/// Numbers that are remembered: 64 KiB for a task.
const REMEMBERED: usize = 8192;

/// The last numbers that have left, so that an answer that comes twice is not taken for one that comes early.
///
/// Numbers are given out in order. So each has a place of its own, and the next one for that place is far behind it.
pub(super) struct Done(Box<[u64]>);

impl Default for Done {
    fn default() -> Self {
        // No activity has the number 0.
        Self(vec![0; REMEMBERED].into())
    }
}

impl Done {
    pub(super) fn add(&mut self, number: u64) {
        if let Some(place) = self.0.get_mut(Self::place_of(number)) {
            *place = number;
        }
    }

    pub(super) fn has(&self, number: u64) -> bool {
        number != 0 && self.0.get(Self::place_of(number)) == Some(&number)
    }

    fn place_of(number: u64) -> usize {
        // Below `REMEMBERED`: it fits.
        (number % REMEMBERED as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_numbers_are_remembered_and_no_other() {
        let mut done = Done::default();
        let most = REMEMBERED as u64;

        (1..=most + 1).for_each(|number| done.add(number));

        assert!((2..=most + 1).all(|number| done.has(number)));
        assert!(!done.has(0) && !done.has(1) && !done.has(most + 2));
    }
}
