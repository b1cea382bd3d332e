//! The two threads of the lookout: one looks, the other asks the checks.
//!
//! A check may be anybody's code. One that hangs stops the checks, and must not stop the numbers: so they have a thread of
//! their own, and the one that looks notices.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use std::{io, thread};

use squall_runtime::{Happening, HappeningKind};
use tokio::sync::watch;
use tracing::{error, warn};

use super::{Own, Sight, Sights};
use crate::alert::Alerts;
use crate::check::{self, Board, Check, Reading, Rules, View};
use crate::event::{Journal, NewEvent};
use crate::history::History;
use crate::seen::{Seen, Span, TopologySeen};
use crate::systemd::Watchdog;

/// How often is looked.
const PERIOD: Duration = Duration::from_secs(1);

/// Starts both threads. What is sent has them look at once; they end when the sender is dropped.
pub(super) fn start(
    sights: &Sights,
    (rules, own): (&Arc<Mutex<Rules>>, &Own),
    journal: &Journal,
    history: &History,
    (board, alerts): (&Board, &Alerts),
    (publish, watchdog): (watch::Sender<Arc<Seen>>, Option<Watchdog>),
) -> io::Result<Sender<()>> {
    let (rounds, stop) = channel();
    // One look may wait while the checks are at work; what comes behind it is left out.
    let (looks, to_check) = sync_channel(1);
    let mut eye = Eye {
        sights: sights.clone(),
        journal: journal.clone(),
        history: history.clone(),
        spans: BTreeMap::new(),
        publish,
        looks,
        watchdog,
    };
    let judge = Judge {
        sights: sights.clone(),
        rules: Arc::clone(rules),
        own: Arc::clone(own),
        journal: journal.clone(),
        history: history.clone(),
        board: board.clone(),
        alerts: alerts.clone(),
    };
    thread::Builder::new().name("squall-lookout".to_owned()).spawn(move || eye.run(&stop))?;
    thread::Builder::new().name("squall-checks".to_owned()).spawn(move || judge.run(&to_check))?;
    Ok(rounds)
}

/// Looks at the counters, once a second.
struct Eye {
    sights: Sights,
    journal: Journal,
    history: History,
    spans: BTreeMap<&'static str, Followed>,
    publish: watch::Sender<Arc<Seen>>,
    looks: SyncSender<Arc<Seen>>,
    /// Hears of every round: one that hangs is no sign of life.
    watchdog: Option<Watchdog>,
}

/// A topology that is followed.
struct Followed {
    span: Span,
    life: u64,
    /// The number of the last thing that happened to it.
    told: u64,
}

impl Eye {
    fn run(&mut self, stop: &Receiver<()>) {
        let mut next = Instant::now();
        let mut is_a_second_over = true;
        loop {
            self.look(is_a_second_over);
            if let Some(watchdog) = &mut self.watchdog {
                watchdog.alive(Instant::now(), PERIOD);
            }
            if is_a_second_over {
                // After a pause of the whole machine nothing is made up for.
                next = (next + PERIOD).max(Instant::now());
            }
            match stop.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Err(RecvTimeoutError::Timeout) => is_a_second_over = true,
                Ok(()) => is_a_second_over = false,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// What was seen between two seconds is shown, and is no second of the history.
    fn look(&mut self, is_a_second_over: bool) {
        let sights = self.sights.now();
        self.spans.retain(|name, _| sights.iter().any(|sight| sight.name == *name));
        // What is done from now on may not be in it.
        let at = SystemTime::now();
        let mut events = Vec::new();
        let topologies = sights.iter().map(|sight| self.follow(sight, &mut events)).collect();
        let seen = Arc::new(Seen { at, topologies });
        if is_a_second_over {
            self.history.add(&seen);
        }
        self.publish.send_replace(Arc::clone(&seen));
        // Whoever is told what happened, and looks then, sees what became of it.
        for event in events {
            self.journal.write(event);
        }
        // The checks are still at work: they get the next one.
        drop(self.looks.try_send(seen));
    }

    fn follow(&mut self, sight: &Sight, events: &mut Vec<NewEvent>) -> TopologySeen {
        let (now, status) = (Instant::now(), sight.running.status());
        let followed = match self.spans.get_mut(sight.name) {
            Some(followed) => {
                followed.span.look(sight.life, now, status);
                followed
            }
            None => {
                let span = Span::new(sight.life, now, status);
                self.spans.entry(sight.name).or_insert(Followed { span, life: sight.life, told: 0 })
            }
        };
        if followed.life != sight.life {
            (followed.life, followed.told) = (sight.life, 0);
        }
        for happening in sight.running.happenings(followed.told) {
            followed.told = happening.seq;
            events.push(in_words(sight.name, &happening));
        }
        TopologySeen::between(sight.name, sight.about, &followed.span)
    }
}

/// What the engine tells, as an event.
fn in_words(topology: &str, happening: &Happening) -> NewEvent {
    let (kind, is_well) = kind(&happening.what);
    let sentence = happening.to_string();
    let event = NewEvent::new(kind, sentence.trim_end_matches('.')).at(happening.at);
    let event = match happening.what.component() {
        Some(component) => event.about(topology, component),
        None => event.of(topology),
    };
    if is_well { event } else { event.failed() }
}

/// What it is, and whether it is nothing to worry about.
fn kind(what: &HappeningKind) -> (&'static str, bool) {
    match what {
        HappeningKind::Started => ("started", true),
        HappeningKind::Paused => ("paused", true),
        HappeningKind::Resumed => ("resumed", true),
        HappeningKind::Draining { .. } => ("draining", true),
        HappeningKind::Killed => ("killed", true),
        HappeningKind::TaskFailed { .. } => ("task_failed", false),
        HappeningKind::Restarted { .. } => ("restarted", false),
        HappeningKind::RestartedAsAsked { .. } => ("restarted_as_asked", true),
        HappeningKind::Stuck { .. } => ("stuck", false),
        HappeningKind::Rebalanced { .. } => ("rebalanced", true),
        HappeningKind::RebalanceRefused { .. } => ("rebalance_refused", false),
        HappeningKind::SpoutPaused { .. } => ("spout_paused", true),
        HappeningKind::SpoutResumed { .. } => ("spout_resumed", true),
        HappeningKind::Ended => ("ended", true),
        HappeningKind::Failed { .. } => ("failed", false),
        _ => ("other", true),
    }
}

/// Asks the checks what they say of each look.
struct Judge {
    sights: Sights,
    rules: Arc<Mutex<Rules>>,
    own: Own,
    journal: Journal,
    history: History,
    board: Board,
    alerts: Alerts,
}

impl Judge {
    fn run(&self, looks: &Receiver<Arc<Seen>>) {
        let built_in = check::built_in();
        while let Ok(seen) = looks.recv() {
            let view = View { seen: &seen, history: &self.history };
            let sights = self.sights.now();
            let own = self.own.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let there = built_in.iter().chain(&own).chain(sights.iter().flat_map(|sight| &sight.checks));
            let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let all = rules.apply(seen.at, there);
            let measured = all.iter().map(|check| (check, ask(check, view))).collect();
            self.board.judge(Instant::now(), measured, &self.journal);
            self.alerts.follow(&self.board.findings());
        }
    }
}

/// What a check measures; nothing if it panics.
fn ask(check: &Check, view: View<'_>) -> Vec<Reading> {
    let mut probe = check.probe.lock().unwrap_or_else(PoisonError::into_inner);
    let begun = Instant::now();
    let readings = catch_unwind(AssertUnwindSafe(|| probe.probe(view)));
    let took = begun.elapsed();
    if took > PERIOD {
        warn!(check = check.name(), ?took, "A check held up all others; it should answer at once.");
    }
    let mut readings = readings.unwrap_or_else(|_| {
        error!(check = check.name(), "A check panicked: it measures nothing.");
        Vec::new()
    });
    readings.retain(|reading| check.only.as_ref().is_none_or(|only| only.is(reading)));
    readings
}
