//! [`Watermark`]: how far event time has come, for whoever wants to see it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::Relaxed},
};

/// How far event time has come, for whoever wants to see it. A clone shows the same.
///
/// ```
/// use squall_windows::{EventTime, Watermark};
///
/// struct Click { at: i64 }
///
/// let mark = Watermark::default();
/// let time = EventTime::of(|click: &Click| click.at).show(&mark);
/// // No tuple has come yet.
/// assert_eq!(mark.get(), None);
/// # drop(time);
/// ```
#[derive(Clone, Debug)]
pub struct Watermark(Arc<AtomicI64>);

/// No watermark yet: no timestamp less a lag is so small.
const NONE: i64 = i64::MIN;

impl Watermark {
    /// The watermark of the task that is ahead of the others, in milliseconds; `None` before there is one.
    pub fn get(&self) -> Option<i64> {
        Some(self.0.load(Relaxed)).filter(|mark| *mark != NONE)
    }

    /// A task has come so far.
    pub(crate) fn pass(&self, millis: i64) {
        self.0.fetch_max(millis, Relaxed);
    }
}

impl Default for Watermark {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(NONE)))
    }
}
