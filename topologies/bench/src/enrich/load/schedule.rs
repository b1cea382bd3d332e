//! How many records have to have been sent by when.

use std::time::Duration;

/// A base rate with spikes in it, all of one length, between calms of one length. Behind the last spike the base rate
/// goes on for as long as somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Schedule {
    /// Records a second.
    pub(super) base: u32,
    /// Records a second of each spike.
    pub(super) spikes: Vec<u32>,
    /// How long a spike lasts.
    pub(super) spike: Duration,
    /// How long the base rate lasts before each.
    pub(super) calm: Duration,
}

impl Schedule {
    /// From when until when each spike lasts.
    pub(super) fn spikes(&self) -> impl Iterator<Item = (Duration, Duration)> {
        (1..=self.spikes.len() as u32).map(|nth| {
            let begin = self.calm * nth + self.spike * (nth - 1);
            (begin, begin + self.spike)
        })
    }

    /// When the last spike is over.
    pub(super) fn over(&self) -> Duration {
        self.spikes().last().map_or(Duration::ZERO, |(_, end)| end)
    }

    /// The rate at this instant.
    #[cfg(test)]
    pub(super) fn rate(&self, at: Duration) -> u32 {
        let spikes = self.spikes().zip(&self.spikes);
        let now = spikes.filter(|((begin, end), _)| (*begin..*end).contains(&at)).map(|(_, rate)| *rate);
        now.last().unwrap_or(self.base)
    }

    /// How many records have to have been sent by then.
    pub(super) fn due(&self, at: Duration) -> u64 {
        let mut due = f64::from(self.base) * at.as_secs_f64();
        for ((begin, end), rate) in self.spikes().zip(&self.spikes) {
            let within = at.min(end).saturating_sub(begin);
            due += (f64::from(*rate) - f64::from(self.base)) * within.as_secs_f64();
        }
        due as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule() -> Schedule {
        let (spike, calm) = (Duration::from_secs(2), Duration::from_secs(10));
        Schedule { base: 6, spikes: vec![25, 50], spike, calm }
    }

    #[test]
    fn spikes_come_after_a_calm_each_and_the_base_rate_goes_on() {
        let rates: Vec<_> = [0, 9, 10, 11, 12, 21, 22, 23, 24, 1000]
            .map(|second| schedule().rate(Duration::from_secs(second)))
            .to_vec();

        assert_eq!(rates, [6, 6, 25, 25, 6, 6, 50, 50, 6, 6]);
        assert_eq!(schedule().over(), Duration::from_secs(24));
    }

    #[test]
    fn what_is_due_is_the_sum_of_the_rates() {
        let mut sum = 0;
        for second in 0..40 {
            assert_eq!(schedule().due(Duration::from_secs(second)), sum);
            sum += u64::from(schedule().rate(Duration::from_secs(second)));
        }
    }
}
