//! Roots, and the source that waits for them.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// What everything that came of one emission (or of a span of them) shares; the last owner's drop reports it.
#[derive(Debug)]
pub(super) struct Root {
    id: u64,
    home: Arc<Home>,
}

impl Drop for Root {
    fn drop(&mut self) {
        self.home.report(self.id);
    }
}

/// Where the roots of one source report.
#[derive(Debug, Default)]
struct Home {
    reports: Mutex<Reports>,
    enough: Notify,
}

#[derive(Debug, Default)]
struct Reports {
    ids: Vec<u64>,
    /// How many reports the source waits for; zero when it does not.
    wanted: usize,
}

impl Home {
    fn report(&self, id: u64) {
        let mut reports = self.lock();
        reports.ids.push(id);
        let enough = reports.ids.len() == reports.wanted;
        drop(reports);
        if enough {
            self.enough.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Reports> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The roots that a source has in flight.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    home: Arc<Home>,
    next_id: u64,
    in_flight: usize,
    acked: u64,
    /// Swapped with the reports, so that neither side allocates.
    spare: Vec<u64>,
}

impl Ledger {
    /// Makes a root.
    pub(super) fn open(&mut self) -> Arc<Root> {
        let id = self.next_id;
        self.next_id += 1;
        self.in_flight += 1;
        Arc::new(Root { id, home: Arc::clone(&self.home) })
    }

    /// Waits until no more than `bound` roots are in flight.
    pub(super) async fn settle(&mut self, bound: usize) {
        while !self.take_reports(bound) {
            self.home.enough.notified().await;
        }
    }

    /// Takes what was reported; if more than `bound` roots remain, asks to be told when they no longer do.
    fn take_reports(&mut self, bound: usize) -> bool {
        let mut reports = self.home.lock();
        mem::swap(&mut reports.ids, &mut self.spare);
        self.in_flight -= self.spare.len();
        reports.wanted = self.in_flight.saturating_sub(bound);
        let settled = reports.wanted == 0;
        drop(reports);
        for id in self.spare.drain(..) {
            self.acked += u64::from(id < self.next_id);
        }
        settled
    }

    /// Roots that reported.
    pub(super) fn acked(&self) -> u64 {
        self.acked
    }
}
