//! [`Smoothed`]: the mean of what was measured, the newest counting most.

use std::time::Duration;

/// What was measured so long ago counts about a third of what is measured now.
const MEMORY: Duration = Duration::from_secs(10);

/// The mean of numbers that were measured over time, the newest counting most.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Smoothed {
    sum: f64,
    weight: f64,
}

impl Smoothed {
    /// Adds what held for so many seconds.
    pub(super) fn add(&mut self, value: f64, seconds: f64) {
        let fades = (-seconds / MEMORY.as_secs_f64()).exp();
        self.sum = self.sum * fades + value * (1.0 - fades);
        self.weight = self.weight * fades + (1.0 - fades);
    }

    /// The mean; 0 if nothing was measured.
    pub(super) fn get(&self) -> f64 {
        if self.weight > 0.0 { self.sum / self.weight } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_counts_at_once_and_a_new_one_soon() {
        let mut rate = Smoothed::default();
        assert_eq!(rate.get(), 0.0);

        rate.add(100.0, 1.0);
        assert!((rate.get() - 100.0).abs() < 1e-9);

        (0..30).for_each(|_| rate.add(1_000.0, 1.0));
        assert!(rate.get() > 900.0 && rate.get() < 1_000.0, "{rate:?}");
    }
}
