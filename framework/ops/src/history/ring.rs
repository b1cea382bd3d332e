//! [`Series`]: the newest numbers of one metric, in three resolutions.

use std::collections::VecDeque;

use super::Window;

/// How several numbers become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    Mean,
    Most,
}

/// The newest numbers of one metric. `NaN` stands where nothing was measured.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    seconds: Ring,
    tens: Ring,
    minutes: Ring,
}

impl Default for Series {
    fn default() -> Self {
        let ring = |most, of| Ring { most, of, values: VecDeque::new(), part: Part::default() };
        Self { seconds: ring(300, 1), tens: ring(360, 10), minutes: ring(1_440, 60) }
    }
}

impl Series {
    /// Adds the number of another second.
    pub(crate) fn push(&mut self, value: f32, fold: Fold) {
        self.seconds.push(value, fold);
        self.tens.push(value, fold);
        self.minutes.push(value, fold);
    }

    /// What a window shows, oldest first. What is not full yet is shown as it is.
    pub(crate) fn values(&self, window: Window) -> impl Iterator<Item = f32> + '_ {
        let ring = match window {
            Window::Minute => &self.seconds,
            Window::TenMinutes | Window::Hour => &self.tens,
            Window::All => &self.minutes,
        };
        ring.newest(window.most())
    }
}

#[derive(Clone, Debug)]
struct Ring {
    most: usize,
    /// Seconds that become one number.
    of: u32,
    values: VecDeque<f32>,
    part: Part,
}

/// Seconds that are not a number of a ring yet.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    seconds: u32,
    measured: u32,
    sum: f32,
    most: f32,
}

impl Ring {
    fn push(&mut self, value: f32, fold: Fold) {
        self.part.add(value);
        if self.part.seconds > 1 {
            self.values.pop_back();
        } else if self.values.len() == self.most {
            self.values.pop_front();
        }
        self.values.push_back(self.part.value(fold));
        if self.part.seconds == self.of {
            self.part = Part::default();
        }
    }

    fn newest(&self, most: usize) -> impl Iterator<Item = f32> + '_ {
        self.values.range(self.values.len().saturating_sub(most)..).copied()
    }
}

impl Part {
    fn add(&mut self, value: f32) {
        self.seconds += 1;
        if value.is_finite() {
            self.most = if self.measured == 0 { value } else { self.most.max(value) };
            self.measured += 1;
            self.sum += value;
        }
    }

    fn value(&self, fold: Fold) -> f32 {
        match fold {
            _ if self.measured == 0 => f32::NAN,
            Fold::Mean => self.sum / self.measured as f32,
            Fold::Most => self.most,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(seconds: usize, fold: Fold) -> Series {
        let mut series = Series::default();
        (0..seconds).for_each(|second| series.push(second as f32, fold));
        series
    }

    fn shown(series: &Series, window: Window) -> Vec<f32> {
        series.values(window).collect()
    }

    #[test]
    fn a_series_is_there_from_its_first_second_on() {
        let series = filled(1, Fold::Mean);

        for window in Window::ALL {
            assert_eq!(shown(&series, window), [0.0], "{window:?}");
        }
    }

    #[test]
    fn ten_seconds_become_their_mean_or_their_peak() {
        assert_eq!(shown(&filled(20, Fold::Mean), Window::TenMinutes), [4.5, 14.5]);
        assert_eq!(shown(&filled(20, Fold::Most), Window::TenMinutes), [9.0, 19.0]);
        // The last one is not over yet.
        assert_eq!(shown(&filled(22, Fold::Mean), Window::TenMinutes), [4.5, 14.5, 20.5]);
    }

    #[test]
    fn no_window_shows_more_than_it_says_however_long_it_runs() {
        let series = filled(100_000, Fold::Mean);

        for window in Window::ALL {
            assert_eq!(shown(&series, window).len(), window.most(), "{window:?}");
        }
        assert_eq!(shown(&series, Window::Minute).last(), Some(&99_999.0));
    }

    #[test]
    fn what_was_not_measured_is_no_zero() {
        let mut series = Series::default();
        series.push(f32::NAN, Fold::Mean);
        assert!(shown(&series, Window::TenMinutes)[0].is_nan());

        series.push(6.0, Fold::Mean);
        assert_eq!(shown(&series, Window::TenMinutes), [6.0]);
    }
}
