//! [`Seconds`].

use std::fmt;

use super::UNKNOWN;

/// A time in seconds, from a latency to an uptime, in the two units that matter.
///
/// ```
/// use squall_ops::show::Seconds;
///
/// assert_eq!(Seconds(0.0042).to_string(), "4.2 ms");
/// assert_eq!(Seconds(7_500.0).to_string(), "2 h 5 min");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seconds(pub f64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0;
        if !seconds.is_finite() {
            return f.write_str(UNKNOWN);
        }
        match seconds {
            seconds if seconds <= 0.0 => f.write_str("0 s"),
            seconds if seconds < 0.000_999_5 => short(f, seconds * 1e6, "µs"),
            seconds if seconds < 0.999_5 => short(f, seconds * 1e3, "ms"),
            seconds if seconds < 59.95 => short(f, seconds, "s"),
            seconds => long(f, seconds.round() as u64),
        }
    }
}

fn short(f: &mut fmt::Formatter<'_>, value: f64, unit: &str) -> fmt::Result {
    let digits = usize::from(value < 9.95);
    write!(f, "{value:.digits$} {unit}")
}

fn long(f: &mut fmt::Formatter<'_>, seconds: u64) -> fmt::Result {
    let (great, small, units) = match seconds {
        ..3_600 => (seconds / 60, seconds % 60, ("min", "s")),
        3_600..86_400 => (seconds / 3_600, seconds % 3_600 / 60, ("h", "min")),
        _ => (seconds / 86_400, seconds % 86_400 / 3_600, ("d", "h")),
    };
    write!(f, "{great} {}", units.0)?;
    if small > 0 { write!(f, " {small} {}", units.1) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_has_its_unit() {
        let lengths = [0.0, 0.000_000_5, 0.000_34, 0.001_2, 0.45, 1.0, 12.3, 75.0, 3_600.0, 90_000.0];

        assert_eq!(
            lengths.map(|length| Seconds(length).to_string()),
            ["0 s", "0.5 µs", "340 µs", "1.2 ms", "450 ms", "1.0 s", "12 s", "1 min 15 s", "1 h", "1 d 1 h"]
        );
    }
}
