//! Why a process did not start.

use squall_topology::{ConfigError, Invalid};

use crate::exit;

/// Why a process did not start: a sentence for the person who started it, and the exit code.
///
/// ```
/// use squall_ops::{StartError, exit};
///
/// let error = StartError::unavailable("cannot open ./queue.sqlite3: it is locked by another process");
///
/// assert_eq!(error.code(), exit::UNAVAILABLE);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The command line asks for something that does not exist or does not go together: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The configuration is wrong, or names something that cannot be used: exit code 78.
    #[error("{0}")]
    Config(String),
    /// The configuration has faults, each with its place: exit code 78.
    #[error("{0}")]
    Faults(ConfigError),
    /// A port, a folder, a file or a database that is needed is not to be had now: exit code 69.
    #[error("{0}")]
    Unavailable(String),
    /// Anything else: exit code 1.
    #[error("{0}")]
    Failed(String),
}

impl StartError {
    /// The command line is wrong.
    pub fn usage(sentence: impl ToString) -> Self {
        Self::Usage(sentence.to_string())
    }

    /// The configuration is wrong.
    pub fn config(sentence: impl ToString) -> Self {
        Self::Config(sentence.to_string())
    }

    /// Something outside of the process is not to be had.
    pub fn unavailable(sentence: impl ToString) -> Self {
        Self::Unavailable(sentence.to_string())
    }

    /// Anything else went wrong.
    pub fn failed(sentence: impl ToString) -> Self {
        Self::Failed(sentence.to_string())
    }

    /// The exit code that belongs to it.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => exit::USAGE,
            Self::Config(_) | Self::Faults(_) => exit::CONFIG,
            Self::Unavailable(_) => exit::UNAVAILABLE,
            Self::Failed(_) => exit::FAILURE,
        }
    }
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Faults(error)
    }
}

impl From<Invalid> for StartError {
    fn from(error: Invalid) -> Self {
        Self::Config(error.to_string())
    }
}
