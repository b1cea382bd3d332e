//! What a finished run says on standard error.

use std::fmt::{Result, Write as _};
use std::time::{Duration, Instant};

use squall_connect::ndjson::LineSource;

use crate::{Missing, NAMED, Sink, Tally};

/// What a finished run says on standard error.
///
/// The counts of lines are exact. `out` and what follows from it count a line again for every delivery that got so
/// far; how many deliveries followed a first one is told.
pub(crate) fn summary(
    started: Instant,
    output: &str,
    sink: &Sink,
    source: &LineSource,
    tally: &Tally,
) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    totals(&mut text, started.elapsed(), &to(output, sink), source, tally).ok();
    details(&mut text, sink, source, tally).ok();
    text.truncate(text.trim_end().len());
    text
}

/// Where activities went, and how many were there already: those were not written a second time.
fn to(output: &str, sink: &Sink) -> String {
    match sink.repeated() {
        Some(repeated @ 1..) => format!("{output} ({repeated} of them were there already)"),
        _ => output.to_owned(),
    }
}

fn totals(out: &mut String, took: Duration, output: &str, source: &LineSource, tally: &Tally) -> Result {
    let progress = source.progress();
    let without: u64 = Missing::OF_LANGUAGE.iter().map(|why| tally.missing(why)).sum();
    writeln!(
        out,
        "enrichment: {} events in from {}, {} out to {output}, {} could not be read, {} failed, in {:.2} s",
        progress.lines(),
        source.name(),
        tally.written(),
        tally.rejected(),
        progress.lines().saturating_sub(progress.done()),
        took.as_secs_f64(),
    )?;
    writeln!(
        out,
        "  out: {} with a language, {without} whose language could not be told, {} without a text",
        tally.enriched(),
        tally.written().saturating_sub(tally.enriched() + without),
    )
}

fn details(out: &mut String, sink: &Sink, source: &LineSource, tally: &Tally) -> Result {
    let progress = source.progress();
    for (name, why, count) in tally.all_missing() {
        writeln!(out, "  {name} not told: {count} ({why})")?;
    }
    if tally.rejected() > 0 {
        writeln!(out, "  could not be read: {}", rejected(tally.rejected()))?;
    }
    passed_over(out, source)?;
    if progress.blank() > 0 {
        writeln!(out, "  blank lines passed over: {}", progress.blank())?;
    }
    if progress.replays() > 0 {
        writeln!(out, "  delivered again: {}", progress.replays())?;
    }
    if let Some(why) = progress.halted() {
        return writeln!(out, "  stopped: {why}").and_then(|()| unfinished(out, sink));
    }
    for (number, why) in progress.failed_lines() {
        writeln!(out, "  failed: line {number} ({why})")?;
    }
    if !progress.ended() {
        writeln!(out, "  stopped before the end of {}", source.name())?;
    }
    unfinished(out, sink)
}

/// What a table has of an earlier run.
fn passed_over(out: &mut String, source: &LineSource) -> Result {
    let progress = source.progress();
    let (done, last) = (progress.skipped(), progress.last());
    if done > 0 {
        writeln!(out, "  {done} lines were done in an earlier run and are passed over")?;
    }
    if progress.ended() && last < done {
        let name = source.name();
        writeln!(
            out,
            "  warning: {name} has only {last} lines: it was cut off or written anew, and what comes into it up to line \
             {done} is not read; give it another name, or choose another database"
        )?;
    }
    Ok(())
}

fn rejected(count: u64) -> String {
    match count {
        1 => "1 (named above)".to_owned(),
        _ if count <= NAMED as u64 => format!("{count} (all are named above)"),
        _ => format!("{count} (the first {NAMED} are named above)"),
    }
}

fn unfinished(out: &mut String, sink: &Sink) -> Result {
    match sink.unfinished() {
        Some(path) => writeln!(out, "  what was written lies in {}", path.display()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_says_how_many_of_the_unread_lines_were_named() {
        assert_eq!(rejected(1), "1 (named above)");
        assert_eq!(rejected(20), "20 (all are named above)");
        assert_eq!(rejected(21), "21 (the first 20 are named above)");
    }
}
