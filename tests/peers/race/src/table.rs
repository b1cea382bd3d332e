//! The tables, as Markdown that can also be read as it is.

use crate::{
    asked::{self, Bound},
    contestant::{Runner, Tracking},
    record::{FlowSeries, RateSeries, Record},
    spread::Spread,
};

/// All tables.
pub(crate) fn everything(record: &Record) -> String {
    let mut all = asked(record);
    for case in cases(record) {
        all.push_str(&format!("\n{case}:\n\n{}", flows(record, case)));
    }
    all.push_str(&format!("\nAt fixed rates:\n\n{}", rates(record)));
    all
}

/// The cases without a fixed rate, in their order.
pub(crate) fn cases(record: &Record) -> Vec<&str> {
    let mut cases: Vec<&str> = record.flows.iter().map(|series| series.case.as_str()).collect();
    cases.dedup();
    cases
}

/// What is asked, and what was measured.
pub(crate) fn asked(record: &Record) -> String {
    let rows = asked::all(record).into_iter().map(|asked| {
        let bound = match asked.bound {
            Bound::AtLeast(bound) => format!("≥ {bound}"),
            Bound::AtMost(bound) => format!("≤ {bound}"),
        };
        let measured = asked.measured.as_ref().map_or_else(|why| (*why).to_owned(), |ratio| short(*ratio));
        let met = if asked.is_met() { "met" } else { "**not met**" };
        vec![asked.what, bound, measured, met.to_owned()]
    });
    render(&["ratio of medians", "asked", "measured", ""], 1, rows.collect())
}

/// Tuples per second in one case, with and without acks.
pub(crate) fn flows(record: &Record, case: &str) -> String {
    let mut rows = Vec::new();
    for is_tracked in [false, true] {
        let tracking = if is_tracked { Tracking::Tuple } else { Tracking::None };
        let storm = record.flow(case, is_tracked, Runner::StormTuned, tracking);
        let mut series: Vec<&FlowSeries> = record.case(case, is_tracked).collect();
        series.sort_by_key(|series| series.contestant.name());
        rows.extend(series.into_iter().map(|series| flow(series, is_tracked, storm)));
    }
    let headings =
        ["Storm's ackers", "contestant", "tuples/s", "least", "most", "× Storm, tuned", "CPU s/M", "failed"];
    render(&headings, 2, rows)
}

fn flow(series: &FlowSeries, is_tracked: bool, storm: Option<Spread>) -> Vec<String> {
    let spread = series.per_second();
    let number = |pick: fn(Spread) -> f64| spread.map_or_else(dash, |spread| thousands(pick(spread)));
    vec![
        u8::from(is_tracked).to_string(),
        series.contestant.name(),
        number(|spread| spread.median),
        number(|spread| spread.min),
        number(|spread| spread.max),
        spread.zip(storm).map_or_else(dash, |(own, storm)| short(own.median / storm.median)),
        series.cpu_s_per_million().map_or_else(dash, |spread| short(spread.median)),
        series.failed().to_string(),
    ]
}

/// Latencies at every rate.
pub(crate) fn rates(record: &Record) -> String {
    let rows = record.rates.iter().map(|series| {
        vec![
            thousands(series.per_second as f64),
            series.contestant.name(),
            micros(series.micros(|run| run.p50_us)),
            micros(series.micros(|run| run.p99_us)),
            micros(series.micros(|run| run.p999_us)),
            series.cores().map_or_else(dash, |spread| short(spread.median)),
            sustained(series),
        ]
    });
    let headings = ["tuples/s", "contestant", "p50 µs", "p99 µs", "p99.9 µs", "cores", "sustained"];
    render(&headings, 2, rows.collect())
}

fn sustained(series: &RateSeries) -> String {
    if series.is_sustained() { "yes" } else { "**no**" }.to_owned()
}

fn micros(spread: Option<Spread>) -> String {
    spread.map_or_else(dash, |spread| {
        format!("{} ({}–{})", thousands(spread.median), thousands(spread.min), thousands(spread.max))
    })
}

fn dash() -> String {
    "-".to_owned()
}

/// Three digits are all that such a measurement can tell.
pub(crate) fn short(number: f64) -> String {
    let decimals = match number.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{number:.decimals$}")
}

/// A whole number with its thousands apart.
pub(crate) fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut apart = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// A table whose columns are aligned; the first `left` to the left.
fn render(headings: &[&str], left: usize, rows: Vec<Vec<String>>) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(headings.get(column).map(|heading| heading.chars().count())).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells: Vec<String> = cells
            .zip(&widths)
            .enumerate()
            .map(
                |(column, (cell, &width))| {
                    if column < left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule: Vec<String> = widths
        .iter()
        .enumerate()
        .map(|(column, &width)| {
            let dashes = "-".repeat(width + 1);
            if column < left { format!("{dashes}-") } else { format!("{dashes}:") }
        })
        .collect();
    let mut table = line(&mut headings.iter().copied());
    table.push_str(&format!("|{}|\n", rule.join("|")));
    for row in &rows {
        table.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![vec!["a".to_owned(), "1,000".to_owned()], vec!["µµµ".to_owned(), "2".to_owned()]];

        let table = render(&["x", "n"], 1, rows);

        assert_eq!(table, "| x   |     n |\n|-----|------:|\n| a   | 1,000 |\n| µµµ |     2 |\n");
    }

    #[test]
    fn numbers_show_what_they_can_tell() {
        assert_eq!(thousands(1_234_567.4), "1,234,567");
        assert_eq!(thousands(999.0), "999");
        assert_eq!(
            [short(123.4), short(12.34), short(1.234), short(0.1234)],
            ["123", "12.3", "1.23", "0.123"]
        );
    }
}
