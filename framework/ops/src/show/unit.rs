//! [`Unit`]: how a number of the stream is shown.

use super::{Count, Percent, Rate, Seconds, UNKNOWN};

/// How a number is shown that the script may replace by a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// [`Count`].
    Count,
    /// [`Rate`].
    Rate,
    /// [`Seconds`].
    Seconds,
    /// [`Percent`].
    Percent,
}

impl Unit {
    /// As the script knows it: what stands behind the `|` of `data-bind`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Rate => "rate",
            Self::Seconds => "seconds",
            Self::Percent => "percent",
        }
    }

    /// Shows a number; a dash if there is none.
    ///
    /// ```
    /// use squall_ops::show::Unit;
    ///
    /// assert_eq!(Unit::Seconds.show(Some(0.012)), "12 ms");
    /// assert_eq!(Unit::Rate.show(None), "–");
    /// ```
    pub fn show(self, value: Option<f64>) -> String {
        let Some(value) = value.filter(|value| value.is_finite()) else { return UNKNOWN.to_owned() };
        match self {
            Self::Count => Count(value.round() as u64).to_string(),
            Self::Rate => Rate(value).to_string(),
            Self::Seconds => Seconds(value).to_string(),
            Self::Percent => Percent(value).to_string(),
        }
    }
}
