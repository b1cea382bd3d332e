//! When events are due.

use std::time::Duration;

use super::{Bursts, GeneratorSettings};

/// How many events a second there are when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    rate: f64,
    bursts: Option<Bursts>,
}

impl Schedule {
    pub(super) fn of(settings: &GeneratorSettings) -> Self {
        Self { rate: settings.rate as f64, bursts: settings.bursts }
    }

    /// Events a second between bursts.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// Events that are due in the first `time`.
    pub(super) fn due(&self, time: Duration) -> f64 {
        let all = time.as_secs_f64() * self.rate;
        let Some(bursts) = self.bursts else { return all };
        let (every, lasting) = (bursts.every.as_secs_f64(), bursts.lasting.as_secs_f64());
        let periods = (time.as_secs_f64() / every).floor();
        let into = time.as_secs_f64() - periods * every;
        let in_bursts = periods * lasting + (into - (every - lasting)).max(0.0);
        all + in_bursts * (bursts.rate as f64 - self.rate)
    }

    /// How long after `time` the next `events` are due; less if it becomes faster or slower before.
    pub(super) fn until(&self, time: Duration, events: f64) -> Duration {
        let wait = |rate: f64| Duration::from_secs_f64((events / rate).max(0.0));
        let Some(Bursts { every, lasting, rate }) = self.bursts else { return wait(self.rate) };
        let into = time.as_secs_f64() % every.as_secs_f64();
        let quiet = (every - lasting).as_secs_f64();
        let (rate, end) = if into < quiet { (self.rate, quiet) } else { (rate as f64, every.as_secs_f64()) };
        wait(rate).min(Duration::from_secs_f64((end - into).max(0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn bursts() -> Schedule {
        let bursts = Some(Bursts { every: 10 * SECOND, lasting: 2 * SECOND, rate: 1000 });
        Schedule::of(&GeneratorSettings { rate: 10, bursts, ..GeneratorSettings::default() })
    }

    #[test]
    fn bursts_are_the_end_of_every_period() {
        let due = |seconds| bursts().due(seconds * SECOND).round();

        assert_eq!((due(0), due(8), due(9), due(10)), (0.0, 80.0, 1080.0, 2080.0));
        assert_eq!((due(18), due(20), due(100)), (2160.0, 4160.0, 20_800.0));
    }

    #[test]
    fn nobody_sleeps_over_the_begin_of_a_burst() {
        let until = |millis, events| bursts().until(Duration::from_millis(millis), events).as_millis();

        assert_eq!((until(0, 1.0), until(7950, 1.0)), (100, 50));
        assert_eq!((until(8000, 1.0), until(9999, 10.0)), (1, 1));
    }
}
