//! What is checked of what there is to do.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use squall_ops::show::{Bytes, Count, Percent, Seconds};
use squall_ops::{Bound, Check, CheckView, Probe, Reading};

use crate::overload::{NEVER, words};
use crate::pipeline::NAME;
use crate::{Outlook, Overload};

/// The component that reads, and the one in which activities wait.
const READS: &str = "activities";
const PARKS: &str = "park";

/// How long it is told that something was lost.
const HOUR: Duration = Duration::from_secs(3_600);

pub(super) fn checks(overload: &Overload) -> Vec<Check> {
    vec![age(overload), drain(overload), park_full(overload), retention(overload), lost(overload)]
}

fn of(
    overload: &Overload,
    mut read: impl FnMut(&Overload, &Outlook) -> Option<Reading> + Send + 'static,
) -> impl Probe + 'static {
    let overload = overload.clone();
    move |_: CheckView<'_>| {
        overload.look();
        read(&overload, &overload.outlook()).into_iter().collect::<Vec<_>>()
    }
}

fn age(overload: &Overload) -> Check {
    Check::new("enrichment-backlog-age", Bound::Above(60.0), of(overload, |_, now| Some(old(now))))
        .unit("s")
        .lasting(Duration::from_secs(30))
        .what_to_do(
            "look when the backlog is drained; if it is not, raise the capacity or start another process",
        )
}

fn old(now: &Outlook) -> Reading {
    let sentence = format!(
        "{} records wait, the oldest for {}: {}",
        Count(now.backlog_records),
        Seconds(now.backlog_age_s),
        words::drain(now)
    );
    Reading::new(now.backlog_age_s).about(NAME, READS).sentence(sentence)
}

fn drain(overload: &Overload) -> Check {
    Check::new("enrichment-drain", Bound::Above(600.0), of(overload, |_, now| Some(draining(now))))
        .unit("s")
        .lasting(Duration::from_secs(60))
        .what_to_do(
            "raise the capacity, or start another process of the group, until more is done than arrives",
        )
}

/// What only waits for answers is not too much to do, and what is done within a second is none.
fn draining(now: &Outlook) -> Reading {
    let waiting = now.backlog_records.saturating_sub(now.parked);
    let is_some = waiting as f64 > now.out_per_s.max(100.0);
    let seconds = if is_some { now.predicted_drain_s.unwrap_or(NEVER) } else { 0.0 };
    let sentence = format!("the backlog of {} records: {}", Count(now.backlog_records), words::drain(now));
    Reading::new(seconds).about(NAME, READS).sentence(sentence)
}

fn park_full(overload: &Overload) -> Check {
    let read = |overload: &Overload, now: &Outlook| Some(parked(now, overload.is_full()));
    Check::new("enrichment-park-full", Bound::Above(0.9), of(overload, read))
        .unit("ratio")
        .lasting(Duration::from_secs(30))
        .what_to_do(
            "look which enricher is slow, on the card of the enrichment, and whether what it asks is well",
        )
}

fn parked(now: &Outlook, is_full: bool) -> Reading {
    let share = now.parked as f64 / now.parked_limit.max(1) as f64;
    // It may be full by its bytes, too.
    let share = if is_full { share.max(1.0) } else { share };
    let sentence = format!(
        "{} activities ({}) wait for answers, {} of what may",
        Count(now.parked),
        Bytes(now.parked_bytes as f64),
        Percent(share)
    );
    Reading::new(share).about(NAME, PARKS).sentence(sentence)
}

fn retention(overload: &Overload) -> Check {
    let read = |overload: &Overload, now: &Outlook| overload.has_logs().then(|| left(now));
    Check::new("enrichment-retention", Bound::Below(3_600.0), of(overload, read))
        .unit("s")
        .lasting(Duration::from_secs(30))
        .what_to_do("raise the capacity, or the retention of the topic, before records are lost")
        .pages()
}

fn left(now: &Outlook) -> Reading {
    let seconds = now.retention_left_s.unwrap_or(NEVER).min(NEVER);
    let sentence = if seconds >= NEVER {
        "records are read as fast as the topic forgets them, as far as is known".to_owned()
    } else if seconds > 0.0 {
        format!("records are lost in {}: the topic forgets faster than it is read", Seconds(seconds))
    } else {
        "the topic forgot records before they were read".to_owned()
    };
    Reading::new(seconds).about(NAME, READS).sentence(sentence)
}

fn lost(overload: &Overload) -> Check {
    let mut losses = Losses::default();
    let read = move |_: &Overload, now: &Outlook| {
        Some(gone(&now.stopped, losses.since(now.lost_records, Instant::now())))
    };
    Check::new("enrichment-lost", Bound::Above(0.0), of(overload, read))
        .unit("faults")
        .lasting(Duration::ZERO)
        .what_to_do(
            "decide whether what is gone can be had elsewhere, then have the source go on from what there is",
        )
        .pages()
}

/// A fault for each log that stands still, and one if records were lost though it goes on.
fn gone(stopped: &[String], lost: u64) -> Reading {
    let faults = stopped.len() + usize::from(stopped.is_empty() && lost > 0);
    let lost = format!("{} records were lost in the last hour", Count(lost));
    let sentence = match stopped {
        [] => lost,
        _ => format!("read no further: {}; {lost}", stopped.join("; ")),
    };
    Reading::new(faults as f64).about(NAME, READS).sentence(sentence)
}

/// What was lost in the last hour, and when that was seen.
#[derive(Debug, Default)]
struct Losses {
    counted: u64,
    seen: VecDeque<(Instant, u64)>,
}

impl Losses {
    /// What was lost in the last hour, where so much was lost in all.
    fn since(&mut self, lost: u64, now: Instant) -> u64 {
        let new = lost.saturating_sub(self.counted);
        self.counted = lost;
        if new > 0 {
            self.seen.push_back((now, new));
        }
        while self.seen.front().is_some_and(|(at, _)| now.duration_since(*at) >= HOUR) {
            self.seen.pop_front();
        }
        self.seen.iter().map(|(_, lost)| lost).sum()
    }
}

#[cfg(test)]
mod tests;
