//! [`Watch`]: notices that the file of the configuration says something else.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use squall_topology::config::MAX_FILE_LEN;
use tokio::sync::mpsc;

use super::Order;

/// The time between two looks. What is new counts once two looks in a row have seen it: an editor may be half through.
/// This crate's own tests reload when they want to.
const PERIOD: Duration = Duration::from_millis(if cfg!(test) { 3_600_000 } else { 500 });

/// Looks at the content of a file, again and again.
///
/// Notifications of the system would name files, not contents: they miss a folder further up that a link was turned to,
/// as Kubernetes does it, and file systems of other machines. A small file read twice a second costs less than either.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    path: PathBuf,
    known: Arc<Mutex<Content>>,
}

/// What a file says; nothing if it is not there.
type Content = Option<Vec<u8>>;

/// What is seen over the looks.
#[derive(Debug, Default)]
struct Gaze {
    /// New at the last look.
    fresh: Content,
}

impl Watch {
    /// Takes what the file says now for known.
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), known: Arc::new(Mutex::new(read(path))) }
    }

    /// Takes what the file says now for known: it is about to be read for another reason.
    pub(crate) fn note(&self) {
        *self.lock() = read(&self.path);
    }

    /// Looks from now on, until nobody takes the orders any more.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread.
    pub(crate) fn start(self, orders: mpsc::Sender<Order>) -> io::Result<()> {
        let look_on = move || {
            let mut gaze = Gaze::default();
            while !orders.is_closed() {
                thread::sleep(PERIOD);
                let changed = gaze.look(&mut self.lock(), read(&self.path));
                if changed && orders.blocking_send(Order::FileChanged).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("squall-config".to_owned()).spawn(look_on).map(drop)
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gaze {
    /// Whether the file has come to say something else. A file that is gone says nothing new: it is being replaced, or
    /// will be missed when somebody asks for a reload.
    fn look(&mut self, known: &mut Content, now: Content) -> bool {
        if now.is_none() || now == *known {
            self.fresh = None;
            return false;
        }
        if self.fresh != now {
            self.fresh = now;
            return false;
        }
        *known = self.fresh.take();
        true
    }
}

/// A larger file is refused by whoever reads it for good; to see that it changed, its beginning is enough.
fn read(path: &Path) -> Content {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_FILE_LEN + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn says(text: &str) -> Content {
        Some(text.as_bytes().to_vec())
    }

    #[test]
    fn what_is_new_counts_once_it_stays() {
        let mut gaze = Gaze::default();
        let mut known = says("a");
        let looks =
            [("a", false), ("ab", false), ("abc", false), ("abc", true), ("abc", false), ("a", false)];

        for (now, changed) in looks {
            assert_eq!(gaze.look(&mut known, says(now)), changed, "{now}");
        }
        assert!(gaze.look(&mut known, says("a")));
    }

    #[test]
    fn a_file_that_is_gone_for_a_moment_is_not_new() {
        let mut gaze = Gaze::default();
        let mut known = says("a");

        for now in [None, None, says("a"), says("a"), None] {
            assert!(!gaze.look(&mut known, now));
        }
    }

    #[test]
    fn a_file_that_appears_is_new() {
        let mut gaze = Gaze::default();
        let mut known = None;

        assert!(!gaze.look(&mut known, says("a")));
        assert!(gaze.look(&mut known, says("a")));
    }

    #[test]
    fn a_link_turned_to_another_folder_is_seen() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        for (folder, text) in [("one", "first"), ("two", "second")] {
            fs::create_dir(path(folder)).unwrap();
            fs::write(path(folder).join("squall.toml"), text).unwrap();
        }
        symlink(path("one"), path("current")).unwrap();
        let file = path("current").join("squall.toml");
        let before = read(&file);

        symlink(path("two"), path("next")).unwrap();
        fs::rename(path("next"), path("current")).unwrap();

        assert_eq!((before, read(&file)), (says("first"), says("second")));
    }
}
