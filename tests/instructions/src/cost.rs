//! What it costs to measure latencies.

use std::fmt;

/// How much of the instructions of a tuple may go into it.
const MOST: f64 = 0.05;

/// The instructions of one tuple without latencies and with them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) case: &'static str,
    pub(crate) unmeasured: f64,
    pub(crate) measured: f64,
}

impl Cost {
    /// Whether it is little enough.
    pub(crate) fn is_accepted(&self) -> bool {
        self.measured < self.unmeasured * (1.0 + MOST)
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, unmeasured, measured } = self;
        let share = (measured / unmeasured - 1.0) * 100.0;
        let most = MOST * 100.0;
        write!(
            f,
            "{case}: {measured} instructions a tuple with latencies, {unmeasured} without ({share:+.1} %; less than {most} % is accepted)"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twentieth_is_too_much() {
        let cost = |measured| Cost { case: "keyed", unmeasured: 200.0, measured };

        assert!(cost(209.0).is_accepted());
        assert!(!cost(210.0).is_accepted());
        assert!(cost(210.0).to_string().contains("(+5.0 %;"));
    }
}
