//! How far an input has been read, and what became of its lines.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock, PoisonError};

use squall_core::Reason;

/// Failed lines that are named; the others are counted.
const NAMED: usize = 20;

/// How far an input has been read, and what became of its lines; exact when its spout has ended.
#[derive(Debug, Default)]
pub struct Progress {
    lines: AtomicU64,
    unreadable: AtomicU64,
    blank: AtomicU64,
    done: AtomicU64,
    done_to: AtomicU64,
    skipped: AtomicU64,
    last: AtomicU64,
    replays: AtomicU64,
    failed: AtomicU64,
    failed_lines: Mutex<Vec<(u64, Reason)>>,
    ended: AtomicBool,
    halted: OnceLock<String>,
}

impl Progress {
    /// Lines read that have something in them, readable or not.
    pub fn lines(&self) -> u64 {
        self.lines.load(Relaxed)
    }

    /// Those of the lines that were too long or not UTF-8.
    pub fn unreadable(&self) -> u64 {
        self.unreadable.load(Relaxed)
    }

    /// Lines with nothing in them; known at the end of the input.
    pub fn blank(&self) -> u64 {
        self.blank.load(Relaxed)
    }

    /// Lines of which everything was done.
    pub fn done(&self) -> u64 {
        self.done.load(Relaxed)
    }

    /// The number of the last line of which, and before which, everything is done: where another run may
    /// [go on](super::LineSource::skip). What failed for good, or was under way at the end, lies behind it.
    pub fn done_to(&self) -> u64 {
        self.done_to.load(Relaxed)
    }

    /// Lines at the beginning that were done in an earlier run, as [`skip`](super::LineSource::skip) was told: they are
    /// passed over.
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Relaxed)
    }

    /// The number of the last line of all, with those that were passed over or have nothing in them; known at the end of
    /// the input.
    pub fn last(&self) -> u64 {
        self.last.load(Relaxed)
    }

    /// Deliveries after the first.
    pub fn replays(&self) -> u64 {
        self.replays.load(Relaxed)
    }

    /// Lines that failed in every attempt, or were under way when the topology stopped.
    pub fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// The numbers of the first lines that failed, and why.
    pub fn failed_lines(&self) -> Vec<(u64, Reason)> {
        self.failed_lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the input was read to its end.
    pub fn ended(&self) -> bool {
        self.ended.load(Relaxed)
    }

    /// Why reading stopped before the end, if something stopped it.
    pub fn halted(&self) -> Option<&str> {
        self.halted.get().map(String::as_str)
    }

    /// The lines that failed, as a sentence.
    pub(super) fn failure(&self) -> String {
        let named: Vec<String> =
            self.failed_lines().iter().map(|(number, why)| format!("{number} ({why})")).collect();
        let more = if self.failed() > named.len() as u64 { ", …" } else { "" };
        format!("{} of {} lines failed: line {}{more}", self.failed(), self.lines(), named.join(", "))
    }

    pub(super) fn read(&self, readable: bool) {
        self.lines.fetch_add(1, Relaxed);
        self.unreadable.fetch_add(u64::from(!readable), Relaxed);
    }

    pub(super) fn acked(&self, done_to: u64) {
        self.done.fetch_add(1, Relaxed);
        self.done_to.fetch_max(done_to, Relaxed);
    }

    pub(super) fn skip(&self, lines: u64) {
        self.done_to.fetch_max(lines, Relaxed);
        self.skipped.store(lines, Relaxed);
    }

    pub(super) fn replayed(&self) {
        self.replays.fetch_add(1, Relaxed);
    }

    pub(super) fn gave_up(&self, number: u64, why: Reason) {
        self.failed.fetch_add(1, Relaxed);
        let mut named = self.failed_lines.lock().unwrap_or_else(PoisonError::into_inner);
        if named.len() < NAMED {
            named.push((number, why));
        }
    }

    pub(super) fn end(&self, blank: u64, last: u64) {
        self.last.store(last, Relaxed);
        self.blank.store(blank, Relaxed);
        self.ended.store(true, Relaxed);
    }

    pub(super) fn halt(&self, why: String) {
        // Only the first reason is kept: later ones follow from it.
        self.halted.set(why).ok();
    }
}
