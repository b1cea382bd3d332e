//! The middle of some numbers, and how far they lie apart.

/// The middle of some numbers, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of any numbers, the upper middle of an even count; `None` of none.
    pub(crate) fn of(numbers: impl Iterator<Item = f64>) -> Option<Self> {
        let mut numbers: Vec<f64> = numbers.collect();
        numbers.sort_by(f64::total_cmp);
        let median = *numbers.get(numbers.len() / 2)?;
        Some(Self { min: *numbers.first()?, median, max: *numbers.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_moves_the_spread_and_not_the_middle() {
        let spread = Spread::of([3.0, 1_000.0, 2.0].into_iter());

        assert_eq!(spread, Some(Spread { min: 2.0, median: 3.0, max: 1_000.0 }));
        assert_eq!(Spread::of(std::iter::empty()), None);
    }
}
