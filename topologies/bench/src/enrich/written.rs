//! A file, and when its lines were written.

use std::{
    fs::File,
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use hdrhistogram::Histogram;

use super::events::{ZERO, instant};
use crate::latency::histogram;

/// Writes lines to a file, and notes how long those stayed that say when they came.
pub(super) struct Written {
    file: File,
    began: Instant,
    residence: Arc<Mutex<Histogram<u64>>>,
}

impl Written {
    /// Instants count from `began`. The histogram is of nanoseconds.
    pub(super) fn new(file: File, began: Instant) -> (Self, Arc<Mutex<Histogram<u64>>>) {
        let residence = Arc::new(Mutex::new(histogram()));
        (Self { file, began, residence: Arc::clone(&residence) }, residence)
    }
}

impl Write for Written {
    /// A write is a line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.file.write_all(line)?;
        if let Some(came) = instant(line).and_then(|at| at.checked_sub(ZERO)) {
            let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
            let mut residence = self.residence.lock().unwrap_or_else(PoisonError::into_inner);
            residence.saturating_record(now.saturating_sub(came.saturating_mul(1000)).max(1));
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
