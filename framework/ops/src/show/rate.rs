//! [`Rate`].

use std::fmt;

use super::{Count, UNKNOWN};

/// How often a second: three digits are enough to see whether it changed.
///
/// ```
/// use squall_ops::show::Rate;
///
/// assert_eq!(Rate(12_345.6).to_string(), "12.3k");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate(pub f64);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.0;
        if !rate.is_finite() {
            return f.write_str(UNKNOWN);
        }
        match rate {
            rate if rate < 0.005 => f.write_str("0"),
            rate if rate < 0.995 => write!(f, "{rate:.2}"),
            rate if rate < 9.95 => write!(f, "{rate:.1}"),
            rate if rate < 9_999.5 => Count(rate.round() as u64).fmt(f),
            rate if rate < 999_500.0 => write!(f, "{:.*}k", digits(rate / 1e3), rate / 1e3),
            rate => write!(f, "{:.*}M", digits(rate / 1e6), rate / 1e6),
        }
    }
}

/// Digits behind the point, so that there are three in all.
fn digits(value: f64) -> usize {
    match value {
        value if value < 9.995 => 2,
        value if value < 99.95 => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_shown() {
        let rates = [0.0, 0.001, 0.256, 3.21, 12.4, 999.0, 1_234.0, 12_345.0, 123_456.0, 1_234_567.0, 99e6];

        assert_eq!(
            rates.map(|rate| Rate(rate).to_string()),
            ["0", "0", "0.26", "3.2", "12", "999", "1,234", "12.3k", "123k", "1.23M", "99.0M"]
        );
        assert_eq!(Rate(f64::NAN).to_string(), "–");
    }
}
