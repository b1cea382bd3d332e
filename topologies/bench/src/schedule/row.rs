//! One line of the output.

use serde::Serialize;

/// One line of the output.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// What the messages were kept in: `sqlite`, `postgres` or `mysql`.
    pub store: &'static str,
    /// Where they went: `noop` or `webhook`.
    pub destination: &'static str,
    /// Messages due at one instant; 1: each alone at its own.
    pub due: usize,
    /// Messages that were due later.
    pub later: usize,
    /// How many arrived per second, from the instant to the last arrival; of lone ones that says nothing.
    pub per_s: Option<f64>,
    /// Median of the lateness at the receiver: arrival minus instant, in milliseconds.
    pub lateness_p50_ms: f64,
    /// Its 99th percentile.
    pub lateness_p99_ms: f64,
    /// Its longest.
    pub lateness_max_ms: f64,
    /// Statements to the database, per message, from before the first claim to the last outcome.
    pub statements_per_message: f64,
    /// Messages that were stored per second beforehand, in batches of 1,000.
    pub stored_per_s: f64,
    /// Processor time of this process per message, in microseconds; that of a database server is not in it.
    pub cpu_us_per_message: f64,
    /// Statements per second while nothing was due.
    pub idle_statements_per_s: f64,
}

/// The headings of the table.
pub const HEADINGS: &str = "store    to           due     later    sent/s   p50 ms   p99 ms   max ms stmt/msg  stored/s  cpu µs idle stmt/s";

impl Row {
    /// The line as JSON.
    pub fn to_json(&self) -> String {
        // Names and numbers: there is nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The line of the table under [`HEADINGS`].
    pub fn to_text(&self) -> String {
        format!(
            "{:<8} {:<8} {:>7} {:>9} {:>9} {:>8.1} {:>8.1} {:>8.1} {:>8.3} {:>9.0} {:>7.0} {:>11.2}",
            self.store,
            self.destination,
            self.due,
            self.later,
            self.per_s.map_or_else(|| "-".to_owned(), |per_s| format!("{per_s:.0}")),
            self.lateness_p50_ms,
            self.lateness_p99_ms,
            self.lateness_max_ms,
            self.statements_per_message,
            self.stored_per_s,
            self.cpu_us_per_message,
            self.idle_statements_per_s,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headings_stand_over_the_columns() {
        let row = Row {
            store: "postgres",
            destination: "webhook",
            due: 100_000,
            later: 1_000_000,
            per_s: Some(12_345.6),
            lateness_p50_ms: 1.0,
            lateness_p99_ms: 2.0,
            lateness_max_ms: 3.0,
            statements_per_message: 0.1,
            stored_per_s: 9_999.0,
            cpu_us_per_message: 80.0,
            idle_statements_per_s: 1.33,
        };

        assert_eq!(row.to_text().chars().count(), HEADINGS.chars().count());
        assert!(row.to_json().starts_with(r#"{"store":"postgres","destination":"webhook","due":100000,"#));
    }
}
