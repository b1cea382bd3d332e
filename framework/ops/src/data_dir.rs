//! The folder that outlives the process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{self, Path, PathBuf};

use crate::StartError;

/// Held by the one process that uses the folder.
const LOCK_FILE: &str = "squall.lock";

/// The folder in which apps keep what must outlive the process; created and locked when it is first needed.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    /// The lock ends with the file, and the file with the process, however that ends.
    lock: Option<File>,
}

impl DataDir {
    /// Names the folder, and touches nothing.
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), lock: None }
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where it lies, for somebody in another working directory.
    pub(crate) fn absolute(&self) -> PathBuf {
        path::absolute(&self.path).unwrap_or_else(|_| self.path.clone())
    }

    /// Whether somebody needed it.
    pub(crate) fn is_open(&self) -> bool {
        self.lock.is_some()
    }

    /// Creates the folder if it is not there, and locks it against other processes.
    ///
    /// # Errors
    ///
    /// It cannot be created or written to, or another process has it.
    pub(crate) fn open(&mut self) -> Result<&Path, StartError> {
        if self.lock.is_none() {
            self.create().map_err(|error| self.unusable(&error))?;
            self.lock = Some(self.lock()?);
        }
        Ok(&self.path)
    }

    fn create(&self) -> io::Result<()> {
        if self.path.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(&self.path)?;
        // The default lies in the working directory, which is often a repository.
        fs::write(self.path.join(".gitignore"), "*\n")
    }

    fn lock(&self) -> Result<File, StartError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.path.join(LOCK_FILE))
            .map_err(|error| self.unusable(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StartError::unavailable(format!(
                "the data directory {} is in use by another process: end that one, or give this one its own with --data-dir",
                self.path.display(),
            ))),
            Err(TryLockError::Error(error)) => Err(self.unusable(&error)),
        }
    }

    fn unusable(&self, error: &io::Error) -> StartError {
        StartError::unavailable(format!(
            "cannot use the data directory {}: {error}; make it writable, or name another with --data-dir",
            self.path.display(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_on_first_use_and_kept_out_of_git() {
        let root = tempfile::tempdir().unwrap();
        let mut dir = DataDir::new(root.path().join("a/b"));

        assert!(!dir.path().exists());
        dir.open().unwrap();

        assert_eq!(fs::read_to_string(root.path().join("a/b/.gitignore")).unwrap(), "*\n");
    }

    #[test]
    fn a_folder_in_use_is_refused_with_a_sentence_and_69() {
        let root = tempfile::tempdir().unwrap();
        let mut first = DataDir::new(root.path());
        first.open().unwrap();

        let error = DataDir::new(root.path()).open().unwrap_err();

        assert_eq!(error.code(), crate::exit::UNAVAILABLE);
        assert!(error.to_string().contains("in use by another process"), "{error}");
        drop(first);
        DataDir::new(root.path()).open().unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();

        let error = DataDir::new(file.join("data")).open().unwrap_err();

        assert_eq!(error.code(), crate::exit::UNAVAILABLE);
        assert!(error.to_string().contains("file/data"), "{error}");
    }
}
