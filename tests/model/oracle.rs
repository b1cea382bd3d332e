//! The oracle: compares what happened with what had to happen.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use squall::{Failure, Reason, Report};
use tokio::time::Instant;

use crate::{
    case::{Case, End, MESSAGE_TIMEOUT, STUCK_AFTER},
    fault::RootId,
    ledger::Books,
    reference::Expected,
    run::check,
};

/// Judges a case that has ended.
pub(crate) fn judge(case: &Case, books: &Books, report: &Report) -> Result<(), String> {
    check(case, &report.status)?;
    ensure(report.roots().pending == 0, || format!("something is pending at the end: {:?}", report.roots()))?;
    ensure(books.faults.is_empty(), || books.faults.join("; "))?;
    let restarts = report.status.components.iter().any(|component| component.restarts > 0);
    let groups = Groups::of(books);
    for (root, emitted) in &books.emitted {
        let expected = Expected::of(case, *root);
        let allowed = Allowed::of(case, books, (*root, &expected), groups.of_root(*root), restarts);
        judge_root(case, books, *root, *emitted, &expected, &allowed)
            .map_err(|fault| format!("{root:?}: {fault}"))?;
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

/// Roots that may have failed with each other, because tuples were tied to several of them.
struct Groups(BTreeMap<RootId, BTreeSet<RootId>>);

impl Groups {
    fn of(books: &Books) -> Self {
        let mut groups: BTreeMap<RootId, BTreeSet<RootId>> = BTreeMap::new();
        for (one, other) in &books.tied {
            let mut all = BTreeSet::from([*one, *other]);
            all.extend([one, other].iter().filter_map(|root| groups.get(root)).flatten());
            all.iter().for_each(|root| drop(groups.insert(*root, all.clone())));
        }
        Self(groups)
    }

    /// The others.
    fn of_root(&self, root: RootId) -> impl Iterator<Item = RootId> {
        self.0.get(&root).into_iter().flatten().copied().filter(move |other| *other != root)
    }
}

/// For what a root may fail besides what it met itself.
struct Allowed {
    reasons: Vec<Reason>,
    for_good: bool,
    /// When calls began to hang that take it with them.
    hung: Vec<Instant>,
}

impl Allowed {
    fn of(
        case: &Case,
        books: &Books,
        (root, own): (RootId, &Expected),
        others: impl Iterator<Item = RootId>,
        restarts: bool,
    ) -> Self {
        let hung = |root| books.hung.get(&root).into_iter().flatten().copied();
        let mut allowed = Self { reasons: Vec::new(), for_good: false, hung: hung(root).collect() };
        let mut parks = own.parks;
        for other in others {
            let met = Expected::of(case, other);
            allowed.for_good |= met.some_for_good;
            allowed.hung.extend(hung(other));
            parks |= met.parks;
            // What was kept of it is dropped when the other one has timed out.
            allowed.reasons.extend(met.reasons.contains(&Reason::Timeout).then_some(Reason::Dropped));
            allowed.reasons.extend(met.reasons);
        }
        // What waits behind a task that hangs has met nothing.
        allowed.reasons.extend(books.has_waited_long().then_some(Reason::Timeout));
        // A bolt that is rebuilt or dropped lets go of what it held.
        let lets_go = parks && (restarts || case.may_be_stopped());
        allowed.reasons.extend(lets_go.then_some(Reason::Dropped));
        allowed.reasons.extend(case.may_be_stopped().then_some(Reason::Shutdown));
        allowed
    }
}

/// One attempt: one outcome, the right one, and the right executes.
fn judge_root(
    case: &Case,
    books: &Books,
    root: RootId,
    emitted: Instant,
    expected: &Expected,
    allowed: &Allowed,
) -> Result<(), String> {
    let outcomes = books.outcomes.get(&root).map(Vec::as_slice).unwrap_or_default();
    let [(failure, at)] = outcomes else { return Err(format!("it has not one outcome but {outcomes:?}")) };
    match failure {
        None => ensure(expected.reasons.is_empty(), || format!("acked in spite of {:?}", expected.reasons))?,
        Some(failure) => judge_failure(expected, allowed, failure)?,
    }
    if let Some(Failure { reason: Reason::Timeout, .. }) = failure {
        judge_timeout(books, allowed, root, emitted, *at)?;
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

/// It comes when the message timeout is over, or a call that hangs is given up.
fn judge_timeout(
    books: &Books,
    allowed: &Allowed,
    root: RootId,
    emitted: Instant,
    at: Instant,
) -> Result<(), String> {
    let hung: Vec<_> = allowed.hung.iter().map(|since| at.saturating_duration_since(*since)).collect();
    if hung.iter().any(|time| (STUCK_AFTER..=STUCK_AFTER + TIMER).contains(time)) {
        return Ok(());
    }
    // What comes at the very instant of the timeout comes too late.
    let put_off = books.put_off.get(&root).into_iter().flatten().filter(|reset| **reset < at).max();
    let after = at.duration_since(*put_off.unwrap_or(&emitted));
    // What is put off at the very instant of a sweep counts from that sweep.
    let least = if put_off.is_some() { MESSAGE_TIMEOUT } else { MESSAGE_TIMEOUT + Duration::from_nanos(1) };
    let is_in_time = after >= least && after <= MESSAGE_TIMEOUT * 9 / 8 + TIMER;
    ensure(is_in_time, || format!("timed out after {after:?}, put off: {put_off:?}, hung for {hung:?}"))
}

/// The timer's grain.
const TIMER: Duration = Duration::from_millis(2);

fn judge_failure(expected: &Expected, allowed: &Allowed, failure: &Failure) -> Result<(), String> {
    let (reason, permanent) = (failure.reason, failure.permanent);
    let own = &expected.reasons;
    ensure(own.contains(&reason) || allowed.reasons.contains(&reason), || {
        format!("failed by {reason:?}, but it met {own:?}, and may have met {:?}", allowed.reasons)
    })?;
    let may_be_for_good = reason == Reason::Explicit && (expected.some_for_good || allowed.for_good);
    let is_own = !allowed.reasons.contains(&reason);
    let must_be_for_good = is_own && expected.all_for_good;
    ensure(permanent || !must_be_for_good, || format!("{failure:?}, but it met {expected:?}"))?;
    ensure(may_be_for_good || !permanent, || format!("{failure:?}, but it met {expected:?}"))
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
        let holds = counted == answered || (counted < answered && case.may_be_stopped());
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
