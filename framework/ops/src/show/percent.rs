//! [`Percent`].

use std::fmt;

use super::UNKNOWN;

/// A share of the whole, 1.0.
///
/// ```
/// use squall_ops::show::Percent;
///
/// assert_eq!(Percent(0.934).to_string(), "93 %");
/// assert_eq!(Percent(0.004).to_string(), "0.4 %");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent(pub f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.0 * 100.0;
        match percent {
            percent if !percent.is_finite() => f.write_str(UNKNOWN),
            percent if percent < 0.05 => f.write_str("0 %"),
            percent if percent < 0.95 => write!(f, "{percent:.1} %"),
            percent => write!(f, "{percent:.0} %"),
        }
    }
}
