//! What waits to be written.

use std::mem;

use tokio::sync::oneshot;

/// Rows that one transaction has at most.
const MOST: usize = 1024;

/// A row of the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The part of its source that it came from.
    pub(super) part: i32,
    pub(super) id: String,
    pub(super) json: String,
}

/// Who waits for a row, and is told what became of it.
pub(super) type Told = oneshot::Sender<Result<(), String>>;

/// What waits to be written, and whether somebody writes.
#[derive(Default)]
pub(super) struct Batch {
    rows: Vec<Row>,
    told: Vec<Told>,
    is_written: bool,
}

impl Batch {
    /// Adds a row. `true` if nobody writes: then the caller has to.
    pub(super) fn add(&mut self, row: Row, told: Told) -> bool {
        self.rows.push(row);
        self.told.push(told);
        !mem::replace(&mut self.is_written, true)
    }

    /// What is to be written next; nothing if nothing waits, and nobody writes from then on.
    pub(super) fn take(&mut self) -> Option<(Vec<Row>, Vec<Told>)> {
        let most = self.rows.len().min(MOST);
        self.is_written = most > 0;
        (most > 0).then(|| (self.rows.drain(..most).collect(), self.told.drain(..most).collect()))
    }
}
