//! [`Keeper`]: the cursor of a feed, which outlives spouts and processes.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use squall::prelude::*;
use squall_connect::feed::CursorFile;

use crate::SqlOutput;

/// The cursor of a feed, and who reads it.
#[derive(Debug)]
pub(super) struct Keeper {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    cursor: Option<String>,
    file: Option<CursorFile>,
    /// Number of the spout that was made last. What an older one says is void.
    spout: u64,
}

impl Keeper {
    /// Takes up what stands in the file.
    pub(super) fn open(path: Option<&Path>) -> Result<Arc<Self>> {
        let file = match path {
            None => None,
            Some(path) => Some(CursorFile::open(path).map_err(|error| {
                Error::permanent(format!("cannot use {} for the cursor: {error}", path.display()))
            })?),
        };
        let cursor = file.as_ref().and_then(CursorFile::found).map(str::to_owned);
        Ok(Arc::new(Self { state: Mutex::new(State { cursor, file, spout: 0 }) }))
    }

    /// Takes up what stands in a table, if anything does, and has the table keep it from then on instead of the file.
    pub(super) fn keep_in(self: &Arc<Self>, output: &SqlOutput) {
        let mut state = self.lock();
        state.file = None;
        if let Some(cursor) = output.cursor() {
            state.cursor = Some(cursor);
        }
        drop(state);
        let keeper = Arc::clone(self);
        output.follow_cursor(move || keeper.cursor());
    }

    /// A spout begins. Returns its number, and where it goes on.
    pub(super) fn begin(&self) -> (u64, Option<String>) {
        let mut state = self.lock();
        state.spout += 1;
        (state.spout, state.cursor.clone())
    }

    /// Everything before the cursor is done, says the spout with this number.
    pub(super) fn keep(&self, spout: u64, cursor: String) {
        let mut state = self.lock();
        if state.spout != spout || state.cursor.as_deref() == Some(cursor.as_str()) {
            return;
        }
        if let Some(file) = &state.file {
            file.keep(cursor.as_str());
        }
        state.cursor = Some(cursor);
    }

    pub(super) fn cursor(&self) -> Option<String> {
        self.lock().cursor.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
