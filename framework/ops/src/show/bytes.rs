//! [`Bytes`].

use std::fmt;

use super::UNKNOWN;

const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];

/// Memory and files.
///
/// ```
/// use squall_ops::show::Bytes;
///
/// assert_eq!(Bytes(900.0).to_string(), "900 B");
/// assert_eq!(Bytes(43_500_000.0).to_string(), "41.5 MiB");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bytes(pub f64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_finite() {
            return f.write_str(UNKNOWN);
        }
        let (mut value, mut shown) = (self.0, "B");
        for unit in UNITS {
            if value < 1_000.0 {
                break;
            }
            (value, shown) = (value / 1_024.0, unit);
        }
        let digits = usize::from(shown != "B" && value < 100.0);
        write!(f, "{value:.digits$} {shown}")
    }
}
