//! [`Usual`]: the middle of numbers, and how far from it they usually lie.

/// What makes the MAD of a normal distribution its standard deviation.
const NORMAL: f64 = 1.4826;

/// Numbers that are nearly all the same lie, for what follows, this share of their median apart: else the smallest change
/// would be unusual.
const LEAST_SPREAD: f64 = 0.05;

/// The middle of numbers, and how far from it they usually lie. Up to half of them may be anything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usual {
    pub(super) median: f64,
    /// 1.4826 times the MAD, at least 5 % of the median.
    pub(super) spread: f64,
}

impl Usual {
    /// What is usual among these; `None` of nothing.
    pub(super) fn of(mut values: Vec<f64>) -> Option<Self> {
        let median = median(&mut values)?;
        let mut distances: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
        let spread = NORMAL * self::median(&mut distances)?;
        Some(Self { median, spread: spread.max(LEAST_SPREAD * median.abs()) })
    }

    /// Whether it is 0 and nothing else: then nothing says what would be far from it.
    pub(super) fn is_still(&self) -> bool {
        self.spread <= 0.0
    }

    /// More than this is `factor` times as far above the median as is usual.
    pub(super) fn above(&self, factor: f64) -> f64 {
        self.median + factor * self.spread
    }

    /// Less than this is too little, by the same factor as [`above`](Self::above) would be too much: a difference would be
    /// below 0 long before the factor is large.
    pub(super) fn below(&self, factor: f64) -> f64 {
        if self.median <= 0.0 { 0.0 } else { self.median / (1.0 + factor * self.spread / self.median) }
    }
}

/// The one in the middle, or the mean of the two there.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_as_computed_by_hand() {
        // Median 6; distances 5 4 2 0 1 3 94, sorted 0 1 2 3 4 5 94: MAD 3.
        let usual = Usual::of(vec![1.0, 2.0, 4.0, 6.0, 7.0, 9.0, 100.0]).unwrap();

        assert_eq!(usual, Usual { median: 6.0, spread: 3.0 * 1.4826 });
        assert!((usual.above(4.0) - 23.7912).abs() < 1e-9, "6 + 4 · 4.4478");
        assert!((usual.below(4.0) - 6.0 / 3.9652).abs() < 1e-9, "6 / (1 + 4 · 4.4478 / 6)");
    }

    #[test]
    fn of_an_even_number_the_middle_is_between_the_two() {
        assert_eq!(Usual::of(vec![4.0, 1.0, 2.0, 9.0]).map(|usual| usual.median), Some(3.0));
        assert_eq!(Usual::of(Vec::new()), None);
    }

    #[test]
    fn numbers_that_are_all_the_same_may_still_differ_a_little() {
        assert_eq!(Usual::of(vec![200.0; 40]), Some(Usual { median: 200.0, spread: 10.0 }));
        assert!(Usual::of(vec![0.0; 40]).unwrap().is_still());
    }
}
