//! What a finished run says on standard error.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use squall_connect::ndjson::Progress;

use crate::{Missing, NAMED, Tally};

/// What a finished run says on standard error.
///
/// The counts of the input are exact. `written` and what follows from it count a line again for every delivery that
/// got so far; deliveries after the first are told.
pub(crate) fn summary(started: Instant, output: &str, progress: &Progress, tally: &Tally) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    tell(&mut text, started.elapsed(), output, progress, tally).ok();
    text
}

fn tell(
    out: &mut String,
    took: Duration,
    output: &str,
    progress: &Progress,
    tally: &Tally,
) -> std::fmt::Result {
    let missing: u64 = Missing::ALL.iter().map(|why| tally.missing(*why)).sum();
    writeln!(
        out,
        "enrichment: {} events in, {} out to {output} ({} with a language, {missing} without one, {} have no text), {} that could not be read, {} failed, in {:.2} s",
        progress.lines(),
        tally.written(),
        tally.enriched(),
        tally.written().saturating_sub(tally.enriched() + missing),
        tally.rejected(),
        progress.failed(),
        took.as_secs_f64(),
    )?;
    for why in Missing::ALL.into_iter().filter(|why| tally.missing(*why) > 0) {
        writeln!(out, "  no language: {} {why}", tally.missing(why))?;
    }
    if tally.rejected() > 0 {
        writeln!(out, "  could not be read: {} (the first {NAMED} are named above)", tally.rejected())?;
    }
    for (number, why) in progress.failed_lines() {
        writeln!(out, "  failed: line {number} ({why})")?;
    }
    if progress.blank() > 0 {
        writeln!(out, "  blank lines passed over: {}", progress.blank())?;
    }
    if progress.replays() > 0 {
        writeln!(out, "  delivered again: {}", progress.replays())?;
    }
    if !progress.ended() {
        writeln!(out, "  stopped before the end of the input: {output} is not finished")?;
    }
    out.truncate(out.trim_end().len());
    Ok(())
}
