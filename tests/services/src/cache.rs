//! Where what is made or installed once for all runs on this machine lies. `.ci/install-services.sh` knows it too.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// `$SQUALL_SERVICES`, or `squall-services` in the user's cache, or `target/services` of one who has no home.
pub(crate) fn folder() -> PathBuf {
    let chosen = || env::var_os("SQUALL_SERVICES").map(PathBuf::from);
    let of_the_user = || {
        let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
        cache.filter(|path| path.is_absolute()).map(|path| path.join("squall-services"))
    };
    let folder = chosen().or_else(of_the_user).unwrap_or_else(|| workspace().join("target/services"));
    if let Err(error) = fs::create_dir_all(&folder) {
        panic!("{}: cannot be made: {error}; name another folder in SQUALL_SERVICES", folder.display());
    }
    folder
}

/// The folder that `name` was installed into by the lock file whose name and content these are; those by others lie
/// beside it.
pub(crate) fn installed(name: &str, lock: &str, content: &str) -> Option<PathBuf> {
    let folders = fs::read_dir(folder()).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders = folders.filter(|path| {
        let its_name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        its_name.starts_with(name)
    });
    folders.find(|folder| fs::read_to_string(folder.join(lock)).is_ok_and(|installed| installed == content))
}

/// The root of this repository.
pub(crate) fn workspace() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest)
}
