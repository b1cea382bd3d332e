//! [`ErrorLog`]: what went wrong in a component, counted by what was said.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

/// One kind of error of a component, however often it occurred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorEntry {
    /// What was said, cut at [`ErrorLog::MESSAGE`] bytes.
    pub message: String,
    /// How often.
    pub count: u64,
    /// When first.
    pub first: SystemTime,
    /// When last.
    pub last: SystemTime,
    /// The task of the last occurrence.
    pub task: usize,
}

/// The errors of one component, grouped by message; bounded.
#[derive(Debug, Default)]
pub struct ErrorLog(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    entries: Vec<ErrorEntry>,
    /// What each task said last, and when.
    last: BTreeMap<usize, (String, SystemTime)>,
}

impl ErrorLog {
    /// Different messages that are kept. The one seen longest ago makes room.
    pub const ENTRIES: usize = 32;
    /// Bytes that are kept of a message.
    pub const MESSAGE: usize = 1024;

    /// The errors so far, in the order of their first occurrence.
    pub fn entries(&self) -> Vec<ErrorEntry> {
        self.lock().entries.clone()
    }

    /// The error that a task met last, with the time at which it did; `None` if it met none, or one that has made
    /// room for others.
    pub fn last_of(&self, task: usize) -> Option<ErrorEntry> {
        let log = self.lock();
        let (message, last) = log.last.get(&task)?;
        let entry = log.entries.iter().find(|entry| entry.message == *message)?;
        Some(ErrorEntry { last: *last, task, ..entry.clone() })
    }

    /// Counts one error of `task`.
    pub fn report(&self, task: usize, message: &str) {
        let message = cut(message, Self::MESSAGE);
        let now = SystemTime::now();
        let mut log = self.lock();
        let (said, at) = log.last.entry(task).or_insert_with(|| (String::new(), now));
        if said != message {
            message.clone_into(said);
        }
        *at = now;
        let entries = &mut log.entries;
        if let Some(entry) = entries.iter_mut().find(|entry| entry.message == message) {
            entry.count += 1;
            entry.last = now;
            entry.task = task;
            return;
        }
        if entries.len() == Self::ENTRIES {
            let oldest = entries.iter().enumerate().min_by_key(|(_, entry)| entry.last).map(|(at, _)| at);
            oldest.map(|at| entries.remove(at));
        }
        entries.push(ErrorEntry { message: message.to_owned(), count: 1, first: now, last: now, task });
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The longest prefix of at most `most` bytes that ends between characters.
fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_grouped_and_bounded() {
        let log = ErrorLog::default();
        for round in 0..3 {
            for kind in 0..40 {
                log.report(round, &format!("kind {kind}"));
            }
            log.report(7, "the same");
        }

        let entries = log.entries();

        assert_eq!(entries.len(), ErrorLog::ENTRIES);
        assert!(entries.iter().any(|entry| entry.message == "the same" && entry.task == 7));
    }

    #[test]
    fn each_task_has_its_last_error_although_all_say_the_same() {
        let log = ErrorLog::default();
        log.report(0, "early");
        (0..3).for_each(|task| log.report(task, "the same"));
        log.report(2, "late");

        let last = |task| log.last_of(task).map(|entry| (entry.message, entry.count, entry.task));
        assert_eq!(last(0), Some(("the same".to_owned(), 3, 0)));
        assert_eq!(last(2), Some(("late".to_owned(), 1, 2)));
        assert_eq!(last(3), None);
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let log = ErrorLog::default();
        log.report(0, &"é".repeat(ErrorLog::MESSAGE));
        assert_eq!(log.entries()[0].message.len(), ErrorLog::MESSAGE);
    }
}
