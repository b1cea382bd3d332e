//! [`SmallDisk`]: a file system that is soon full.

use crate::{client, folder, guardian::Guardian, missing};
use rustix::process::Signal;
use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::Path,
    process::Command,
};
use tempfile::TempDir;

/// A file system of its own, in memory, that holds a few bytes only.
///
/// ```
/// use squall_services::SmallDisk;
/// use std::{fs, io::ErrorKind};
///
/// let Some(disk) = SmallDisk::mount(1 << 20) else { return };
/// fs::write(disk.path().join("kept"), "kept").unwrap();
/// disk.fill();
/// let full = fs::write(disk.path().join("more"), [0; 8192]).unwrap_err();
/// assert_eq!(full.kind(), ErrorKind::StorageFull);
/// disk.make_room();
/// fs::write(disk.path().join("more"), [0; 8192]).unwrap();
/// ```
#[derive(Debug)]
pub struct SmallDisk {
    // The guardian unmounts it before the folder goes.
    _guardian: Guardian,
    folder: TempDir,
}

impl SmallDisk {
    /// Mounts one of `bytes`; `None` if this user may not mount, after a skip that can be seen.
    ///
    /// # Panics
    ///
    /// If it cannot be mounted, and in CI if this user may not.
    #[must_use]
    pub fn mount(bytes: u64) -> Option<Self> {
        let [mount] = missing::need("a small disk", [("mount", missing::program("mount"))])?;
        if !rustix::process::geteuid().is_root() {
            missing::skip("a small disk", "only root may mount; run the tests as root");
            return None;
        }
        let folder = folder::temporary("disk");
        let guardian = Guardian::of(folder.path(), Signal::KILL);
        let mut command = Command::new(mount);
        command.args(["-t", "tmpfs", "-o", &format!("size={bytes},mode=0777"), "squall"]).arg(folder.path());
        client::rows(&mut command, "mount");
        Some(Self { _guardian: guardian, folder })
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file until nothing more can be written.
    ///
    /// # Panics
    ///
    /// If that fails for another reason than that the disk is full.
    pub fn fill(&self) {
        let path = self.filler();
        let filled = File::options().create(true).append(true).open(&path).and_then(|mut file| {
            let mut size = 64 << 10;
            while size > 0 {
                match file.write(&vec![0; size]) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => size /= 2,
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        if let Err(error) = filled {
            panic!("{}: cannot be filled: {error}", path.display());
        }
    }

    /// Removes what [filled](SmallDisk::fill) it.
    ///
    /// # Panics
    ///
    /// If it cannot be removed.
    pub fn make_room(&self) {
        let path = self.filler();
        if let Err(error) = fs::remove_file(&path) {
            panic!("{}: cannot be removed: {error}", path.display());
        }
    }

    fn filler(&self) -> std::path::PathBuf {
        self.path().join("filler")
    }
}
