//! Which database to open.

use std::fmt;
use std::path::PathBuf;

/// Which database to open.
///
/// ```
/// use squall_connect::sql::Options;
///
/// let options = Options::file("data/messages.sqlite3");
/// assert_eq!(options.to_string(), "data/messages.sqlite3");
/// ```
#[derive(Clone)]
pub struct Options(pub(super) Target);

#[derive(Clone)]
pub(super) enum Target {
    #[cfg(feature = "sqlite")]
    File(PathBuf),
}

impl Options {
    /// A SQLite file, which is made if it is not there.
    #[cfg(feature = "sqlite")]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Target::File(path.into()))
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Target::File(path) => path.display().fmt(f),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Options({self})")
    }
}
