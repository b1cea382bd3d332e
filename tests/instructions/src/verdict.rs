//! What is to be thought of a count.

use std::fmt;

/// How far a count may lie from the recorded one: allocations and hashing differ a little from run to run.
const TOLERANCE: f64 = 0.03;

/// A count beside the recorded one.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) case: String,
    /// None if the case is new.
    pub(crate) recorded: Option<f64>,
    pub(crate) measured: f64,
}

impl Verdict {
    /// Whether the count did not rise.
    pub(crate) fn is_accepted(&self) -> bool {
        self.recorded.is_some_and(|recorded| self.measured <= recorded * (1.0 + TOLERANCE))
    }

    fn fell(&self) -> bool {
        self.recorded.is_some_and(|recorded| self.measured < recorded * (1.0 - TOLERANCE))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, recorded, measured } = self;
        let Some(recorded) = recorded else {
            return write!(f, "{case}: {measured} instructions a tuple, and none are recorded");
        };
        let change = (measured / recorded - 1.0) * 100.0;
        let accepted = TOLERANCE * 100.0;
        if !self.is_accepted() {
            write!(
                f,
                "{case}: rose from {recorded} to {measured} instructions a tuple ({change:+.1} %); at most +{accepted} % is accepted"
            )
        } else if self.fell() {
            write!(
                f,
                "{case}: fell from {recorded} to {measured} instructions a tuple ({change:+.1} %): lower the file"
            )
        } else {
            write!(f, "{case}: {measured} instructions a tuple, recorded {recorded} ({change:+.1} %)")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(recorded: Option<f64>, measured: f64) -> Verdict {
        Verdict { case: "keyed".to_owned(), recorded, measured }
    }

    #[test]
    fn a_count_that_rose_is_not_accepted_and_says_from_what_to_what() {
        let risen = verdict(Some(100.0), 104.0);

        assert!(!risen.is_accepted());
        assert!(risen.to_string().starts_with("keyed: rose from 100 to 104 instructions a tuple (+4.0 %)"));
        assert!(verdict(Some(100.0), 103.0).is_accepted());
    }

    #[test]
    fn a_count_that_fell_is_accepted_and_asks_for_a_lower_file() {
        let fallen = verdict(Some(100.0), 90.0);

        assert!(fallen.is_accepted());
        assert!(fallen.to_string().ends_with("lower the file"));
    }

    #[test]
    fn a_case_that_is_not_recorded_is_not_accepted() {
        assert!(!verdict(None, 1.0).is_accepted());
    }
}
