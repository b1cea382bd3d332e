//! The folder of a server, and whom it belongs to.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};
use tempfile::TempDir;

/// The user `nobody`, on every Linux: databases refuse to be run by root.
const NOBODY: u32 = 65_534;

/// A temporary folder that nobody but its server reads.
///
/// # Panics
///
/// If it cannot be made.
pub(crate) fn temporary(name: &str) -> TempDir {
    match tempfile::Builder::new().prefix(&format!("squall-{name}-")).tempdir() {
        Ok(folder) => folder,
        Err(error) => panic!("{name}: no temporary folder can be made: {error}"),
    }
}

/// Gives `path` to the user that servers run as, if that is another.
pub(crate) fn give_away(path: &Path) -> io::Result<()> {
    if rustix::process::geteuid().is_root() { chown(path, Some(NOBODY), Some(NOBODY)) } else { Ok(()) }
}

/// Lets `command` run as the user whom folders are given to.
pub(crate) fn as_its_owner(command: &mut Command) -> &mut Command {
    if rustix::process::geteuid().is_root() { command.uid(NOBODY).gid(NOBODY) } else { command }
}

/// Copies all files and folders of `from` into a new folder `to`, and gives each away if `given`.
pub(crate) fn copy(from: &Path, to: &Path, given: bool) -> io::Result<()> {
    fs::create_dir(to)?;
    fs::set_permissions(to, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copied = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &copied, given)?;
        } else {
            fs::copy(entry.path(), &copied)?;
            if given {
                give_away(&copied)?;
            }
        }
    }
    if given { give_away(to) } else { Ok(()) }
}
