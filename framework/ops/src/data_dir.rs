//! The folder that outlives the process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{self, Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tracing::info;

use crate::StartError;

/// Held by the one process that uses the folder.
const LOCK_FILE: &str = "squall.lock";

/// Held by the one process that waits for the folder.
const NEXT_FILE: &str = "squall.next";

/// How often is looked whether the folder is free.
const LOOK: Duration = Duration::from_millis(5);

/// The folder in which apps keep what must outlive the process; created and locked when it is first needed.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    /// The lock ends with the process, however that ends.
    lock: Option<File>,
    /// From the moment at which this process begins to wait for the folder until it [has taken over](Self::took_over).
    next: Option<File>,
    /// How long it waits while another process has the folder.
    patience: Duration,
}

impl DataDir {
    /// Names the folder, and touches nothing.
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), lock: None, next: None, patience: Duration::ZERO }
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

    /// From now on it waits for as long while another process has the folder.
    pub(crate) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// This process does what the one before did: that one can go.
    pub(crate) fn took_over(&mut self) {
        unlock(&mut self.next);
    }

    /// Whether another process waits for the folder, or has it from this one and has not taken over yet.
    pub(crate) fn is_awaited(&self) -> bool {
        let Ok(next) = File::open(self.path.join(NEXT_FILE)) else { return false };
        matches!(next.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Gives the folder to whoever waits for it. Nothing in it is open any more.
    pub(crate) fn release(&mut self) {
        unlock(&mut self.lock);
    }

    fn lock(&mut self) -> Result<File, StartError> {
        let file = self.lock_file(LOCK_FILE)?;
        if self.is_locked(&file)? {
            return Ok(file);
        }
        if self.patience.is_zero() {
            return Err(self.in_use(""));
        }
        let next = self.lock_file(NEXT_FILE)?;
        if !self.is_locked(&next)? {
            return Err(self.in_use(", and a third one waits for it already"));
        }
        self.next = Some(next);
        info!(data_dir = %self.path.display(), patience = ?self.patience, "Waiting for the process that has the data directory.");
        let until = Instant::now() + self.patience;
        while !self.is_locked(&file)? {
            if Instant::now() >= until {
                return Err(self.in_use(&format!(", still after {:?}", self.patience)));
            }
            thread::sleep(LOOK);
        }
        info!(data_dir = %self.path.display(), "The data directory is free.");
        Ok(file)
    }

    fn lock_file(&self, name: &str) -> Result<File, StartError> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(self.path.join(name));
        file.map_err(|error| self.unusable(&error))
    }

    fn is_locked(&self, file: &File) -> Result<bool, StartError> {
        match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(self.unusable(&error)),
        }
    }

    fn in_use(&self, further: &str) -> StartError {
        StartError::unavailable(format!(
            "the data directory {} is in use by another process{further}: end that one, or give this one its own with --data-dir",
            self.path.display(),
        ))
    }

    fn unusable(&self, error: &io::Error) -> StartError {
        StartError::unavailable(format!(
            "cannot use the data directory {}: {error}; make it writable, or name another with --data-dir",
            self.path.display(),
        ))
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        unlock(&mut self.next);
        unlock(&mut self.lock);
    }
}

/// Closing the file would not do: a child that was forked just now shares it until it has become another program.
fn unlock(file: &mut Option<File>) {
    if let Some(file) = file.take() {
        // Of a lock that cannot be given back nothing is left but to close its file.
        file.unlock().ok();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

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
    fn whoever_waits_for_a_folder_gets_it_and_can_be_seen() {
        let root = tempfile::tempdir().unwrap();
        let mut first = DataDir::new(root.path());
        first.open().unwrap();
        assert!(!first.is_awaited());
        let (sender, opened) = mpsc::channel();
        let (path, hour) = (root.path().to_owned(), Duration::from_secs(3600));

        let second = thread::spawn(move || {
            let mut second = DataDir::new(path);
            second.set_patience(hour);
            second.open().unwrap();
            sender.send(()).unwrap();
            second
        });
        while !first.is_awaited() {
            thread::yield_now();
        }
        let mut third = DataDir::new(root.path());
        third.set_patience(hour);
        let error = third.open().unwrap_err().to_string();
        assert!(error.contains("a third one waits for it already"), "{error}");
        opened.try_recv().unwrap_err();
        first.release();

        let mut second = second.join().unwrap();
        assert!(first.is_awaited(), "it has not taken over yet");
        second.took_over();
        assert!(!first.is_awaited());
        first.open().unwrap_err();
    }

    #[test]
    fn a_child_that_shares_the_locks_keeps_nobody_waiting() {
        let root = tempfile::tempdir().unwrap();
        let mut first = DataDir::new(root.path());
        first.open().unwrap();
        let next = first.lock_file(NEXT_FILE).unwrap();
        next.lock().unwrap();
        let shared = [&next, first.lock.as_ref().unwrap()].map(|file| file.try_clone().unwrap());
        first.next = Some(next);

        first.took_over();
        assert!(!first.is_awaited());
        drop(first);

        DataDir::new(root.path()).open().unwrap();
        drop(shared);
    }

    #[test]
    fn patience_has_an_end() {
        let root = tempfile::tempdir().unwrap();
        let mut first = DataDir::new(root.path());
        first.open().unwrap();
        let mut second = DataDir::new(root.path());
        second.set_patience(Duration::from_millis(1));

        let error = second.open().unwrap_err().to_string();

        assert!(error.contains("is in use by another process, still after 1ms"), "{error}");
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
