//! [`Error`]: what user code returns, and whether trying again can help.

use std::fmt;

/// What a bolt or a spout returns.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// An error of user code with its verdict: can a replay help?
///
/// Any [`std::error::Error`] converts with `?` and counts as retryable.
///
/// ```
/// use squall_core::{Error, Result};
///
/// fn parse(text: &str) -> Result<u32> {
///     Ok(text.parse::<u32>()?)
/// }
///
/// let error = parse("four").unwrap_err();
/// assert!(!error.is_permanent());
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// assert!(Error::permanent("no such account").is_permanent());
/// ```
pub struct Error {
    permanent: bool,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Error {
    /// An error that a replay of the same tuple cannot mend: bad data, a refusal.
    pub fn permanent(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { permanent: true, source: source.into() }
    }

    /// An error that may be gone at the next attempt: a time-out, a busy server.
    pub fn retryable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { permanent: false, source: source.into() }
    }

    /// Whether a replay is useless.
    pub fn is_permanent(&self) -> bool {
        self.permanent
    }

    /// The error that was wrapped.
    pub fn source(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self.source.as_ref()
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(source: E) -> Self {
        Self::retryable(source)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        let mut cause = self.source.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("permanent", &self.permanent).field("source", &self.source).finish()
    }
}
