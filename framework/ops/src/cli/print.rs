//! What a command answers goes to standard output, whole or not without a word.

use std::io::{self, ErrorKind, Write as _};

use crate::StartError;

/// Writes a text to standard output, up to its last byte.
///
/// Whoever closes the pipe early, as `| head` does, has seen enough: that is no failure. A disk that is full is.
pub(super) fn print(text: &str) -> Result<(), StartError> {
    let mut out = io::stdout().lock();
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
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
