//! One line of the output.

use serde::Serialize;

use crate::case::Tracking;

/// One line of the output; what was not measured is `None`.
///
/// ```
/// use squall_bench::{Row, Tracking};
///
/// let row = Row { tuples_per_s: Some(1e6), ..Row::new("const-null", Tracking::None) };
///
/// assert!(row.to_json().starts_with(r#"{"case":"const-null","tracking":"none","tuples_per_s":1000000.0,"#));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The name of the case.
    pub case: &'static str,
    /// How its tuples were tracked.
    pub tracking: Tracking,
    /// Tuples at the last bolt of the engine per second.
    pub tuples_per_s: Option<f64>,
    /// The same of the limit.
    pub limit_tuples_per_s: Option<f64>,
    /// The former by the latter; for `panic-1000`, the duration by that without panics.
    pub ratio: Option<f64>,
    /// Median latency from the scheduled instant to the last bolt, in microseconds.
    pub p50_us: Option<f64>,
    /// Its 99th percentile.
    pub p99_us: Option<f64>,
    /// Its 99.9th percentile.
    pub p999_us: Option<f64>,
    /// Processor time of the whole process per million tuples of the engine, in seconds.
    pub cpu_s_per_million: Option<f64>,
    /// The same of the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_cpu_s_per_million: Option<f64>,
    /// Tuples scheduled per second, where that is fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<u64>,
    /// Processor time of the whole process by time on the wall: 1 is one core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<f64>,
    /// Growth of the resident memory in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth_mib: Option<f64>,
}

impl Row {
    /// A line on which nothing has been measured yet.
    pub fn new(case: &'static str, tracking: Tracking) -> Self {
        Self {
            case,
            tracking,
            tuples_per_s: None,
            limit_tuples_per_s: None,
            ratio: None,
            p50_us: None,
            p99_us: None,
            p999_us: None,
            cpu_s_per_million: None,
            limit_cpu_s_per_million: None,
            rate: None,
            cores: None,
            growth_mib: None,
        }
    }

    /// The line as JSON.
    pub fn to_json(&self) -> String {
        // Names and numbers: there is nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The line of the table under [`HEADINGS`].
    pub fn to_text(&self) -> String {
        format!(
            "{:<14} {:<6} {:>11} {:>11} {:>6} {:>8} {:>8} {:>8} {:>8} {:>9} {:>6} {:>6}",
            self.case,
            self.tracking.name(),
            text(self.tuples_per_s, 0),
            text(self.limit_tuples_per_s, 0),
            text(self.ratio, 2),
            text(self.p50_us, 0),
            text(self.p99_us, 0),
            text(self.p999_us, 0),
            text(self.cpu_s_per_million, 3),
            text(self.limit_cpu_s_per_million, 3),
            text(self.cores, 3),
            text(self.growth_mib, 1),
        )
    }
}

/// The headings of the table.
pub const HEADINGS: &str = "case           track     tuples/s     limit/s  ratio   p50 µs   p99 µs p99.9 µs  cpu s/M limit s/M  cores    MiB";

fn text(number: Option<f64>, decimals: usize) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.decimals$}"))
}

/// Rounds to three significant decimals below one and to none above a thousand: more is noise.
pub(crate) fn rounded(number: f64) -> f64 {
    let scale = if number >= 1_000.0 { 1.0 } else { 1_000.0 };
    (number * scale).round() / scale
}

/// The middle of some numbers, the upper one of two; `None` of none.
pub(crate) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headings_stand_over_the_columns() {
        let row = Row::new("const-null", Tracking::None);

        assert_eq!(row.to_text().chars().count(), HEADINGS.chars().count());
    }

    #[test]
    fn an_outlier_does_not_move_the_median() {
        assert_eq!(median(vec![3.0, 1_000.0, 2.0]), Some(3.0));
        assert_eq!(median(Vec::new()), None);
    }
}
