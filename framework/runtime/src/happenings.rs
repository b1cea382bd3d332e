//! [`Happenings`]: the last things that happened to a topology.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use crate::happening::{Happening, HappeningKind, cut};

/// So many are kept.
const KEPT: usize = 1024;
/// Of one component and one kind of what tasks do by themselves there is one within this.
const WINDOW: Duration = Duration::from_secs(1);

/// The last things that happened to a topology, written by whoever does them.
#[derive(Default)]
pub(crate) struct Happenings(Mutex<Ring>);

#[derive(Default)]
struct Ring {
    entries: VecDeque<Happening>,
    /// The number of the last one.
    last: u64,
    bursts: HashMap<(Arc<str>, Often), Burst>,
}

/// What tasks do by themselves, perhaps very often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Often {
    Failed,
    Restarted,
    Stuck,
}

/// One of those happened less than a [`WINDOW`] ago.
struct Burst {
    since: Instant,
    /// What has happened again since then and is not told yet.
    held: Option<Held>,
}

struct Held {
    times: u64,
    at: SystemTime,
    task: usize,
    message: String,
}

impl Happenings {
    /// Notes what happened once.
    pub(crate) fn note(&self, what: HappeningKind) {
        let mut ring = self.lock();
        ring.tell_bursts(Instant::now());
        ring.push(SystemTime::now(), what);
    }

    /// Notes what a task did by itself.
    pub(crate) fn note_often(&self, often: Often, component: &Arc<str>, task: usize, message: &str) {
        let now = Instant::now();
        let mut held = Held { times: 1, at: SystemTime::now(), task, message: cut(message) };
        let mut ring = self.lock();
        ring.tell_bursts(now);
        if let Some(burst) = ring.bursts.get_mut(&(Arc::clone(component), often)) {
            held.times += burst.held.as_ref().map_or(0, |before| before.times);
            burst.held = Some(held);
            return;
        }
        ring.bursts.insert((Arc::clone(component), often), Burst { since: now, held: None });
        ring.push(held.at, often.kind(component, &held));
    }

    /// Those with a greater number than `after` that are still kept, in their order.
    pub(crate) fn after(&self, after: u64) -> Vec<Happening> {
        let mut ring = self.lock();
        ring.tell_bursts(Instant::now());
        let first = ring.entries.partition_point(|entry| entry.seq <= after);
        ring.entries.range(first..).cloned().collect()
    }

    /// Notes the end; what was held back comes before it.
    pub(crate) fn note_end(&self, what: HappeningKind) {
        let mut ring = self.lock();
        ring.tell_bursts(Instant::now() + WINDOW);
        ring.push(SystemTime::now(), what);
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn push(&mut self, at: SystemTime, what: HappeningKind) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.last += 1;
        self.entries.push_back(Happening { seq: self.last, at, what });
    }

    /// Tells what is held back and may be told now: there is no timer, whoever reads or writes does it.
    fn tell_bursts(&mut self, now: Instant) {
        let mut told = Vec::new();
        self.bursts.retain(|(component, often), burst| {
            if now.saturating_duration_since(burst.since) < WINDOW {
                return true;
            }
            let Some(held) = burst.held.take() else { return false };
            burst.since = now;
            told.push((held.at, often.kind(component, &held)));
            true
        });
        told.sort_by_key(|(at, _)| *at);
        told.into_iter().for_each(|(at, what)| self.push(at, what));
    }
}

impl Often {
    fn kind(self, component: &Arc<str>, held: &Held) -> HappeningKind {
        let Held { times, task, message, .. } = held;
        let (component, message, times, task) = (component.to_string(), message.clone(), *times, *task);
        match self {
            Self::Failed => HappeningKind::TaskFailed { component, task, message, times },
            Self::Restarted => HappeningKind::Restarted { component, task, times },
            Self::Stuck => HappeningKind::Stuck { component, task, message, times },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_is_bounded_and_numbers_go_on() {
        let happenings = Happenings::default();
        for _ in 0..KEPT + 10 {
            happenings.note(HappeningKind::Paused);
        }

        let all = happenings.after(0);

        assert_eq!(all.len(), KEPT);
        assert_eq!((all[0].seq, all[KEPT - 1].seq), (11, KEPT as u64 + 10));
        assert_eq!(happenings.after(KEPT as u64 + 9).len(), 1);
        assert_eq!(happenings.after(u64::MAX).len(), 0);
    }

    #[test]
    fn a_burst_becomes_one_entry_a_second_and_none_is_forgotten() {
        let happenings = Happenings::default();
        let component: Arc<str> = "split".into();
        let begin = Instant::now();
        for _ in 0..1000 {
            happenings.note_often(Often::Failed, &component, 3, "it panics");
        }
        happenings.note_often(Often::Failed, &"other".into(), 0, "it panics too");
        happenings.note_end(HappeningKind::Ended);

        let all = happenings.after(0);
        let seconds = 1 + begin.elapsed().as_secs() as usize;
        let failures: Vec<_> = all.iter().filter(|entry| entry.what.component() == Some("split")).collect();
        let times = failures.iter().map(|entry| match entry.what {
            HappeningKind::TaskFailed { times, .. } => times,
            _ => 0,
        });

        assert_eq!(times.sum::<u64>(), 1000);
        assert!(failures.len() <= 1 + seconds, "{failures:#?}");
        assert_eq!(all[all.len() - 1].what, HappeningKind::Ended);
    }
}
