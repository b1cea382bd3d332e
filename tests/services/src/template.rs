//! [`Template`]: an empty database, made once a machine and copied for each server.

use crate::{cache, folder, secret::Secret};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// A folder in the cache with the data of a new server, and the password of its users.
#[derive(Debug)]
pub(crate) struct Template {
    folder: PathBuf,
    /// Drawn when the template was made: loopback is open to every user of this machine.
    pub(crate) password: Secret,
}

impl Template {
    /// The template `name`. If there is none, `make` fills the folder that it is given with the files of a new
    /// server whose users have the given password.
    ///
    /// # Panics
    ///
    /// If `make` does, or the cache cannot be read or written.
    pub(crate) fn named(name: &str, make: impl FnOnce(&Path, &str)) -> Self {
        let folder = cache::folder().join(name);
        let password = || fs::read_to_string(folder.join("password"));
        let read = password().or_else(|_| {
            Self::make(&folder, make)?;
            password()
        });
        match read {
            Ok(password) => Self { folder, password: Secret(password) },
            Err(error) => panic!("{}: cannot be made: {error}", folder.display()),
        }
    }

    fn make(finished: &Path, make: impl FnOnce(&Path, &str)) -> io::Result<()> {
        // Elsewhere, as the user whom servers run as need not see the cache.
        let work = folder::temporary("template");
        folder::give_away(work.path())?;
        let mut drawn = [0; 16];
        File::open("/dev/urandom")?.read_exact(&mut drawn)?;
        let password: String = drawn.iter().map(|byte| format!("{byte:02x}")).collect();
        let data = work.path().join("data");
        make(&data, &password);

        let parent = finished.parent().unwrap_or(finished);
        let near = tempfile::Builder::new().prefix("new-").tempdir_in(parent)?;
        folder::copy(&data, &near.path().join("data"), false)?;
        fs::write(near.path().join("password"), password)?;
        let near = near.keep();
        // Whoever comes second uses the template of the first.
        match fs::rename(&near, finished) {
            Err(_) if finished.join("password").exists() => fs::remove_dir_all(near),
            renamed => renamed,
        }
    }

    /// Copies it to `data`, for the user whom servers run as.
    ///
    /// # Panics
    ///
    /// If that cannot be done.
    pub(crate) fn copy_to(&self, data: &Path) {
        if let Err(error) = folder::copy(&self.folder.join("data"), data, true) {
            panic!("{}: cannot be copied to {}: {error}", self.folder.display(), data.display());
        }
    }
}
