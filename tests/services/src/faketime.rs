//! [`Faketime`]: a wall clock that is set while a process runs.

use crate::{folder, missing};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A wall clock for [processes](crate::Process::clock) that can be set forward and back; the clock that never steps,
/// which timeouts use, goes on as it does.
///
/// ```
/// use squall_services::{Faketime, Process};
/// use std::time::Duration;
///
/// let Some(clock) = Faketime::start() else { return };
/// clock.set_ahead(3600);
/// let date = Process::of("/bin/date").args(["+%s"]).clock(&clock);
/// date.start();
/// date.wait_for_end(Duration::from_secs(10));
/// let ahead: u64 = date.log().trim().parse().unwrap();
/// let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
/// assert!((3500..=3600).contains(&(ahead - now)));
/// ```
#[derive(Debug)]
pub struct Faketime {
    library: PathBuf,
    file: PathBuf,
    _folder: TempDir,
}

impl Faketime {
    /// One that is right at first; `None` if libfaketime is not installed here, after a skip that can be seen.
    ///
    /// # Panics
    ///
    /// In CI, if it is not installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        let [library] = missing::need("Faketime", [("libfaketime", library())])?;
        let folder = folder::temporary("clock");
        let clock = Self { library, file: folder.path().join("offset"), _folder: folder };
        clock.set_ahead(0);
        Some(clock)
    }

    /// Sets it this many seconds before the clock of the machine, or behind it if they are negative; processes that
    /// run see it at their next look.
    ///
    /// # Panics
    ///
    /// If its file cannot be written.
    pub fn set_ahead(&self, seconds: i64) {
        // Whoever reads it meanwhile reads one or the other.
        let new = self.file.with_extension("new");
        let written = fs::write(&new, format!("{seconds:+}\n")).and_then(|()| fs::rename(&new, &self.file));
        if let Err(error) = written {
            panic!("{}: cannot be written: {error}", self.file.display());
        }
    }

    /// The variables that give a process this clock.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let text = |path: &Path| path.display().to_string();
        let variables = [
            ("LD_PRELOAD", text(&self.library)),
            ("FAKETIME_TIMESTAMP_FILE", text(&self.file)),
            // It would look every ten seconds only.
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ];
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Where Debian keeps it; the variant for programs with threads.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let paths = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    paths.chain([PathBuf::from("/usr/lib/faketime/libfaketimeMT.so.1")]).find(|path| path.is_file())
}
