//! Where a database is, as it is shown.

use std::fmt;
use std::sync::Arc;

use super::Dialect;

/// Which database it is: what it speaks and where it is, without a secret.
#[derive(Clone)]
pub(super) struct Place {
    dialect: Dialect,
    name: Arc<str>,
}

impl Place {
    pub(super) fn new(dialect: Dialect, name: impl Into<Arc<str>>) -> Self {
        Self { dialect, name: name.into() }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
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
