//! [`CursorFile`]: where a feed goes on after a restart.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing::warn;

/// The pause between two writes: a cursor that is older than that costs some events that come twice, and no more.
const PAUSE: Duration = Duration::from_millis(250);

/// A file with the cursor of a feed, which is whole at every moment.
///
/// A thread writes it, since that blocks: the newest cursor that it was told, into a file beside it that then takes its
/// place. A write that fails is said in the log and tried again with the next cursor; until then the older one holds.
///
/// ```
/// use squall_connect::feed::CursorFile;
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("feed.cursor");
/// let file = CursorFile::open(&path)?;
/// assert_eq!(file.found(), None);
///
/// file.keep("1783175888094841");
/// drop(file); // all that it was told is on the disk
/// assert_eq!(CursorFile::open(&path)?.found(), Some("1783175888094841"));
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct CursorFile {
    found: Option<String>,
    slot: Arc<Slot>,
    writer: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Slot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// What is to be written.
    next: Option<String>,
    is_over: bool,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CursorFile {
    /// Reads the file, if there is one, and starts the thread that writes it.
    ///
    /// # Errors
    ///
    /// The folder is not there, the file cannot be read, or no thread can be started.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let found = match fs::read_to_string(&path) {
            Ok(text) => Some(text.trim_end_matches('\n').to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        // What would be noticed with the first write is noticed now.
        fs::metadata(folder(&path))?;
        let slot = Arc::new(Slot::default());
        let shared = Arc::clone(&slot);
        let writer =
            thread::Builder::new().name("feed-cursor".to_owned()).spawn(move || write_all(&path, &shared))?;
        Ok(Self { found, slot, writer: Some(writer) })
    }

    /// What stood in the file when it was opened.
    pub fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }

    /// Writes this cursor soon.
    pub fn keep(&self, cursor: impl Into<String>) {
        self.slot.lock().next = Some(cursor.into());
        self.slot.changed.notify_one();
    }
}

impl Drop for CursorFile {
    fn drop(&mut self) {
        self.slot.lock().is_over = true;
        self.slot.changed.notify_one();
        if let Some(writer) = self.writer.take() {
            // Nothing in it panics.
            writer.join().ok();
        }
    }
}

fn write_all(path: &Path, slot: &Slot) {
    loop {
        let state = slot.lock();
        let mut state = slot
            .changed
            .wait_while(state, |state| state.next.is_none() && !state.is_over)
            .unwrap_or_else(PoisonError::into_inner);
        let Some(cursor) = state.next.take() else { return };
        drop(state);
        if let Err(error) = replace(path, &cursor) {
            warn!(file = %path.display(), %error, "The cursor of a feed cannot be kept; an older one holds.");
        }
        let state = slot.lock();
        drop(slot.changed.wait_timeout_while(state, PAUSE, |state| !state.is_over));
    }
}

/// A crash leaves the old cursor or the new one.
fn replace(path: &Path, cursor: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = File::create(&beside)?;
    file.write_all(cursor.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    // The name, too, has to reach the disk.
    File::open(folder(path))?.sync_all()
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_cursor_is_the_one_that_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.cursor");

        let file = CursorFile::open(&path).unwrap();
        (0..1_000).for_each(|number| file.keep(number.to_string()));
        drop(file);

        assert_eq!(CursorFile::open(&path).unwrap().found(), Some("999"));
        let names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["a.cursor"], "nothing is left beside it");
    }

    #[test]
    fn a_write_that_fails_leaves_the_older_cursor() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.cursor");
        let file = CursorFile::open(&path).unwrap();
        file.keep("1");
        drop(file);

        let file = CursorFile::open(&path).unwrap();
        fs::create_dir(folder.path().join("a.cursor.new")).unwrap();
        file.keep("2");
        drop(file);

        assert_eq!(CursorFile::open(&path).unwrap().found(), Some("1"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_noticed_at_once() {
        let folder = tempfile::tempdir().unwrap();

        let error = CursorFile::open(folder.path().join("nowhere/a.cursor")).unwrap_err();

        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
