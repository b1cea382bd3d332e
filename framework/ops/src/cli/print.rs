//! What a command answers goes to standard output, whole or not without a word.

use std::io::{self, ErrorKind, Write as _};
use std::ops::ControlFlow;

use crate::StartError;

/// Writes a text to standard output, up to its last byte; without colours where they are not wanted.
///
/// Whoever closes the pipe early, as `| head` does, has seen enough: that is no failure. A disk that is full is.
///
/// # Errors
///
/// It cannot be written: exit code 69.
pub fn print(text: &str) -> Result<(), StartError> {
    written(write(text))
}

/// Writes one text of many; the rest need not be written once nobody reads any more.
///
/// # Errors
///
/// As [`print()`].
pub fn print_next(text: &str) -> Result<ControlFlow<()>, StartError> {
    match write(text) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        result => written(result).map(ControlFlow::Continue),
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Says what became of a write to standard output.
pub(super) fn written(result: io::Result<()>) -> Result<(), StartError> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(StartError::unavailable(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_went_away_is_no_failure_and_a_full_disk_is() {
        assert_eq!(written(Err(ErrorKind::BrokenPipe.into())), Ok(()));
        let error = written(Err(ErrorKind::StorageFull.into())).unwrap_err();
        assert_eq!(error.code(), crate::exit::UNAVAILABLE);
        assert!(error.to_string().starts_with("cannot write to standard output: "), "{error}");
    }
}
