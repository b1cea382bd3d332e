//! [`Amount`]: a number of a check with its unit, for people.

use std::fmt;

use crate::show::{Bytes, Percent, Seconds};

/// A number with its unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount<'a> {
    pub(crate) value: f64,
    pub(crate) unit: &'a str,
}

impl fmt::Display for Amount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            "ratio" => Percent(self.value).fmt(f),
            "s" => Seconds(self.value).fmt(f),
            "bytes" => Bytes(self.value).fmt(f),
            unit => {
                let digits = if self.value.abs() >= 100.0 || self.value.fract() == 0.0 { 0 } else { 2 };
                write!(f, "{:.digits$}", self.value)?;
                if unit.is_empty() { Ok(()) } else { write!(f, " {unit}") }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shown_in_the_unit_that_people_read() {
        let shown = |value, unit| Amount { value, unit }.to_string();

        assert_eq!(shown(0.934, "ratio"), "93 %");
        assert_eq!(shown(0.25, "s"), "250 ms");
        assert_eq!(shown(536_870_912.0, "bytes"), "512 MiB");
        assert_eq!(shown(12.345, "tuples/s"), "12.35 tuples/s");
        assert_eq!(shown(3.0, ""), "3");
    }
}
