//! [`LinesFile`]: by which a file is known again.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

/// What an input without a name is called; whatever file is called so is none.
const STANDARD_INPUT: &str = "standard input";

/// Bytes of its first line that count: no longer one is read.
const MOST: u64 = 1024 * 1024;

/// A file with lines, by which it is known again: where it lies, and how it begins.
#[derive(Debug)]
pub(super) struct LinesFile {
    path: PathBuf,
}

impl LinesFile {
    /// The file of this name. A pipe is none: what comes over it is something else each time, and reading it here would take
    /// away from it.
    pub(super) fn find(name: &str) -> Option<Self> {
        let path = fs::canonicalize(name).ok()?;
        (name != STANDARD_INPUT && path.is_file()).then_some(Self { path })
    }

    /// Where it lies, from whichever folder it was named.
    pub(super) fn path(&self) -> String {
        self.path.display().to_string()
    }

    /// What tells its first line from others: the first 128 bits of its SHA-256. None if it has no line.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub(super) fn fingerprint(&self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        BufReader::new(File::open(&self.path)?.take(MOST)).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        // The last line of a file may get its end later.
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let mut fingerprint = "sha256:".to_owned();
        for byte in Sha256::digest(line).iter().take(16) {
            fingerprint.push_str(&format!("{byte:02x}"));
        }
        Ok(Some(fingerprint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grows_is_the_same_and_one_that_begins_otherwise_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("posts.ndjson");
        let fingerprint = |text: &str| {
            fs::write(&path, text).unwrap();
            LinesFile::find(path.to_str().unwrap()).unwrap().fingerprint().unwrap()
        };

        let first = fingerprint("{\"a\":1}");

        assert!(first.is_some());
        assert_eq!(fingerprint("{\"a\":1}\n"), first);
        assert_eq!(fingerprint("{\"a\":1}\n{\"a\":2}\n"), first);
        assert_ne!(fingerprint("{\"a\":2}\n{\"a\":2}\n"), first);
        assert_eq!(fingerprint(""), None);
    }

    #[test]
    fn what_is_no_file_has_no_place_to_go_on_from() {
        assert!(LinesFile::find("standard input").is_none());
        assert!(LinesFile::find(".").is_none());
        #[cfg(unix)]
        assert!(LinesFile::find("/dev/null").is_none());
    }
}
