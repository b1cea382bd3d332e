//! Where a database is, as it is shown.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Dialect;

/// Which database it is: what it speaks and where it is, without a secret; and how much it was asked.
#[derive(Clone)]
pub(super) struct Place {
    dialect: Dialect,
    name: Arc<str>,
    statements: Arc<AtomicU64>,
}

impl Place {
    pub(super) fn new(dialect: Dialect, name: impl Into<Arc<str>>) -> Self {
        Self { dialect, name: name.into(), statements: Arc::default() }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Counts a statement that is about to be run.
    pub(super) fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name)
    }
}
