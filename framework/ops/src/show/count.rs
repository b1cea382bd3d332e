//! [`Count`].

use std::fmt;

/// A count with a separator every three digits.
///
/// ```
/// use squall_ops::show::Count;
///
/// assert_eq!(Count(1_234_567).to_string(), "1,234,567");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_three_digits_are_set_apart() {
        let shown = [0, 7, 999, 1_000, 1_234_567, u64::MAX].map(|count| Count(count).to_string());

        assert_eq!(shown, ["0", "7", "999", "1,000", "1,234,567", "18,446,744,073,709,551,615"]);
    }
}
