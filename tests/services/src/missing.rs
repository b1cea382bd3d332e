//! What is not installed here, and how that is seen.

use std::{
    env,
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

/// The programs that a rig needs, or `None` after a skip that can be seen.
///
/// # Panics
///
/// In CI, where a missing program is a failure.
pub(crate) fn need<const N: usize>(rig: &str, found: [(&str, Option<PathBuf>); N]) -> Option<[PathBuf; N]> {
    let missing: Vec<&str> = found.iter().filter(|(_, path)| path.is_none()).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return Some(found.map(|(_, path)| path.unwrap_or_default()));
    }
    skip(rig, &format!("there is no {}; try: make services", missing.join(", no ")));
    None
}

/// Notes that `rig` cannot run here.
///
/// # Panics
///
/// In CI, and if the file named by `SQUALL_SKIPPED` cannot be written.
pub(crate) fn skip(rig: &str, why: &str) {
    let line = format!("{rig}: {why}");
    assert!(env::var("CI").as_deref() != Ok("true"), "{line}");
    eprintln!("SKIPPED: {line}");
    if let Some(path) = env::var_os("SQUALL_SKIPPED") {
        let noted = File::options().create(true).append(true).open(&path);
        let noted = noted.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        if let Err(error) = noted {
            panic!("{}: cannot note that {line}: {error}", path.display());
        }
    }
}

/// The program `name`, as a shell of the administrator would find it: servers lie in folders that others do not
/// search.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The program `name` in `folder`.
pub(crate) fn program_in(folder: &Path, name: &str) -> Option<PathBuf> {
    Some(folder.join(name)).filter(|path| path.is_file())
}
