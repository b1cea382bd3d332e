//! One line of the output.

use serde::Serialize;

/// One line of the output; what was not measured is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// `loop`, `topology`, or `parked`.
    pub case: &'static str,
    /// Where the events come from.
    pub source: &'static str,
    /// Where they go.
    pub sink: &'static str,
    /// Events written per second.
    pub activities_per_s: Option<f64>,
    /// The same by that of the loop.
    pub ratio: Option<f64>,
    /// How long an event stays, in milliseconds: the median.
    pub residence_p50_ms: Option<f64>,
    /// The 99th percentile.
    pub residence_p99_ms: Option<f64>,
    /// The rate at which that was measured.
    pub residence_at_per_s: Option<f64>,
    /// Memory of the whole process, at most, that of the generated events included.
    pub rss_mib: Option<f64>,
    /// Processor time of the whole process per million events, in seconds.
    pub cpu_s_per_million: Option<f64>,
    /// Events that waited at once, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked: Option<usize>,
}

/// The headings of the table.
pub const HEADINGS: &str =
    "case      source    sink  activities/s  ratio   p50 ms   p99 ms  at 1/s    MiB  cpu s/M   parked";

impl Row {
    /// A line on which nothing has been measured yet.
    pub fn new(case: &'static str) -> Self {
        Self {
            case,
            source: "generator",
            sink: "file",
            activities_per_s: None,
            ratio: None,
            residence_p50_ms: None,
            residence_p99_ms: None,
            residence_at_per_s: None,
            rss_mib: None,
            cpu_s_per_million: None,
            parked: None,
        }
    }

    /// The line as JSON.
    pub fn to_json(&self) -> String {
        // Names and numbers: there is nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The line of the table under [`HEADINGS`].
    pub fn to_text(&self) -> String {
        let text = |number: Option<f64>, decimals: usize| {
            number.map_or_else(|| "-".to_owned(), |number| format!("{number:.decimals$}"))
        };
        format!(
            "{:<9} {:<9} {:<5} {:>12} {:>6} {:>8} {:>8} {:>7} {:>6} {:>8} {:>8}",
            self.case,
            self.source,
            self.sink,
            text(self.activities_per_s, 0),
            text(self.ratio, 2),
            text(self.residence_p50_ms, 1),
            text(self.residence_p99_ms, 1),
            text(self.residence_at_per_s, 0),
            text(self.rss_mib, 1),
            text(self.cpu_s_per_million, 2),
            self.parked.map_or_else(|| "-".to_owned(), |parked| parked.to_string()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headings_stand_over_the_columns() {
        assert_eq!(Row::new("topology").to_text().chars().count(), HEADINGS.chars().count());
    }
}
