//! [`Progress`]: how far something is, for whoever waits at a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error, if that is a terminal; nothing at all if not. It is gone when it is dropped.
///
/// It is drawn when it is told something, and has no thread of its own: what is measured beside it stays as it is.
///
/// ```
/// use squall_ops::cli::Progress;
///
/// let progress = Progress::new("counting", "words", 3);
/// progress.is_at(2);
/// assert_eq!(progress.total(), 3);
/// ```
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Nothing is done of `total`, which is a number of `unit`.
    pub fn new(what: impl Into<String>, unit: &str, total: u64) -> Self {
        let bar = ProgressBar::new(total);
        let template = format!("{{msg}} [{{bar:30}}] {{pos}}/{{len}} {unit}, {{elapsed}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        bar.set_message(what.into());
        Self(bar)
    }

    /// How much is to be done.
    pub fn total(&self) -> u64 {
        self.0.length().unwrap_or_default()
    }

    /// More is to be done than was known, or less.
    pub fn set_total(&self, total: u64) {
        self.0.set_length(total);
    }

    /// So much is done.
    pub fn is_at(&self, done: u64) {
        self.0.set_position(done);
    }

    /// What is being done now.
    pub fn now(&self, what: impl Into<String>) {
        self.0.set_message(what.into());
        self.0.tick();
    }

    /// Runs what writes to the terminal, with the bar out of its way.
    pub fn beside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
