//! The oracle: compares what happened with what had to happen.

use squall::{Failure, Reason, Report};
use tokio::time::Instant;

use crate::{
    case::{Case, End, MESSAGE_TIMEOUT},
    fault::RootId,
    ledger::Books,
    reference::Expected,
    run::check,
};

/// Judges a case that has ended.
pub(crate) fn judge(case: &Case, books: &Books, report: &Report) -> Result<(), String> {
    check(case, &report.status)?;
    ensure(report.roots().pending == 0, || format!("something is pending at the end: {:?}", report.roots()))?;
    for (root, emitted) in &books.emitted {
        judge_root(case, books, *root, *emitted).map_err(|fault| format!("{root:?}: {fault}"))?;
    }
    let strangers: Vec<_> = books.outcomes.keys().filter(|root| !books.emitted.contains_key(root)).collect();
    ensure(strangers.is_empty(), || format!("outcomes of roots that nobody emitted: {strangers:?}"))?;
    judge_counts(case, books, report)?;
    if case.end == End::ByItself {
        judge_completeness(case, books)?;
    }
    Ok(())
}

fn ensure(holds: bool, fault: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(fault()) }
}

/// One attempt: one outcome, the right one, and the right executes.
fn judge_root(case: &Case, books: &Books, root: RootId, emitted: Instant) -> Result<(), String> {
    let outcomes = books.outcomes.get(&root).map(Vec::as_slice).unwrap_or_default();
    let [(failure, at)] = outcomes else { return Err(format!("it has not one outcome but {outcomes:?}")) };
    let expected = Expected::of(case, root);
    match failure {
        None => ensure(expected.reasons.is_empty(), || format!("acked in spite of {:?}", expected.reasons))?,
        Some(failure) => judge_failure(case, &expected, failure)?,
    }
    if let Some(Failure { reason: Reason::Timeout, .. }) = failure {
        let after = at.duration_since(emitted);
        let is_in_time = after > MESSAGE_TIMEOUT && after <= MESSAGE_TIMEOUT * 9 / 8 + TIMER;
        ensure(is_in_time, || format!("timed out after {after:?}"))?;
    }
    for (bolt, of) in case.bolts.iter().enumerate() {
        let executed = books.executes.range((root, bolt, 0)..=(root, bolt, u64::MAX));
        for ((_, _, path), times) in executed {
            let most = expected.executes.get(&(bolt, *path)).copied().unwrap_or_default();
            ensure(*times <= most, || {
                format!("bolt {bolt} executed a tuple {times} times, not {most}: {of:?}")
            })?;
        }
    }
    if failure.is_none() {
        for ((bolt, path), times) in &expected.executes {
            let executed = books.executes.get(&(root, *bolt, *path)).copied().unwrap_or_default();
            ensure(executed == *times, || {
                format!("acked, but bolt {bolt} executed a tuple {executed} times, not {times}")
            })?;
        }
    }
    Ok(())
}

/// The timer's grain.
const TIMER: std::time::Duration = std::time::Duration::from_millis(2);

fn judge_failure(case: &Case, expected: &Expected, failure: &Failure) -> Result<(), String> {
    let may_be_stopped = matches!(case.end, End::DrainInAHurry(..) | End::Kill(_));
    if failure.reason == Reason::Shutdown && may_be_stopped {
        return Ok(());
    }
    let reasons = &expected.reasons;
    ensure(reasons.contains(&failure.reason), || {
        format!("failed by {:?}, but it met {reasons:?}", failure.reason)
    })?;
    let must_be = expected.all_for_good;
    let may_be = expected.some_for_good;
    ensure(failure.permanent == must_be || failure.permanent == may_be, || {
        format!("{failure:?}, but it met {expected:?}")
    })
}

/// The engine's counters tell the same story.
fn judge_counts(case: &Case, books: &Books, report: &Report) -> Result<(), String> {
    let roots = report.roots();
    let outcomes: Vec<_> = books.outcomes.values().flatten().map(|(failure, _)| failure).collect();
    let acked = outcomes.iter().filter(|failure| failure.is_none()).count() as u64;
    ensure(roots.emitted == books.emitted.len() as u64, || {
        format!("emitted: {roots:?}, {}", books.emitted.len())
    })?;
    ensure(roots.acked == acked, || format!("acked: {roots:?}, {acked}"))?;
    for reason in Reason::ALL {
        let told = outcomes
            .iter()
            .filter(|failure| failure.as_ref().is_some_and(|failure| failure.reason == reason));
        let (told, counted) =
            (told.count() as u64, roots.failed_by.get(reason.name()).copied().unwrap_or_default());
        ensure(told == counted, || format!("failed by {reason}: told {told}, counted {counted}"))?;
    }
    for bolt in 0..case.bolts.len() {
        let name = format!("bolt-{bolt}");
        let counted = report.component(&name).map_or(0, |component| component.executed);
        let answered = books.answered.get(&bolt).copied().unwrap_or_default();
        // A task that is stopped does not count what it has in hand.
        let holds = counted == answered
            || (counted < answered && matches!(case.end, End::Kill(_) | End::DrainInAHurry(..)));
        ensure(holds, || format!("{name}: {counted} executes counted, {answered} answered"))?;
    }
    Ok(())
}

/// Nothing was interrupted: every root was emitted, and acked in the end if its spout replays.
fn judge_completeness(case: &Case, books: &Books) -> Result<(), String> {
    for (spout, of) in case.spouts.iter().enumerate() {
        for number in 0..of.roots {
            let attempts = books.emitted.keys().filter(|root| (root.spout, root.number) == (spout, number));
            let Some(last) = attempts.max() else {
                return Err(format!("root {number} of spout {spout} was not emitted"));
            };
            let is_acked = matches!(books.outcomes[last][..], [(None, _)]);
            ensure(is_acked || !of.replays, || format!("{last:?} was not acked in the end"))?;
        }
    }
    Ok(())
}
