//! A file that appears when it is whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::output::OutputError;

/// Writes under a temporary name beside the file, and gives it its name at the end.
///
/// Readers see the old file or the new one, never half of it. What was not finished stays under its temporary
/// name, `NAME.partial`, and the next run begins it anew.
///
/// ```
/// use squall_connect::ndjson::FileOutput;
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("out.ndjson");
/// let mut output = FileOutput::create(&path)?;
///
/// output.write_line(b"{}\n")?;
/// assert!(!path.exists());
/// output.finish()?;
/// assert_eq!(std::fs::read(&path)?, b"{}\n");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileOutput {
    file: File,
    path: PathBuf,
    temporary: PathBuf,
    /// Bytes of whole lines.
    length: u64,
    is_finished: bool,
}

impl FileOutput {
    /// Begins the file. A link is followed, so that its target is replaced and not the link.
    ///
    /// # Errors
    ///
    /// The folder is not there or may not be written to, or the path is a folder.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let fails = |error| OutputError::new("write to", path.display(), error);
        if path.is_dir() {
            return Err(fails(std::io::ErrorKind::IsADirectory.into()));
        }
        let temporary = temporary(&path);
        let file =
            OpenOptions::new().write(true).create(true).truncate(true).open(&temporary).map_err(fails)?;
        Ok(Self { file, path, temporary, length: 0, is_finished: false })
    }

    /// Where it lies as long as it has not its name.
    pub fn unfinished(&self) -> Option<&Path> {
        (!self.is_finished).then_some(&self.temporary)
    }

    /// Hands a line to the operating system. `line` has its `\n`.
    ///
    /// # Errors
    ///
    /// The disk is full, for example; the half line is cut off again.
    pub fn write_line(&mut self, line: &[u8]) -> Result<(), OutputError> {
        match self.file.write_all(line) {
            Ok(()) => {
                self.length += line.len() as u64;
                Ok(())
            }
            Err(error) => {
                // If that fails too, the file keeps half a line at its end and its temporary name.
                self.file
                    .set_len(self.length)
                    .and_then(|()| self.file.seek(SeekFrom::Start(self.length)))
                    .ok();
                Err(OutputError::new("write to", self.temporary.display(), error))
            }
        }
    }

    /// Syncs the file and gives it its name; does nothing when it has it.
    ///
    /// # Errors
    ///
    /// The device or the folder refuses; what was written lies under the temporary name.
    pub fn finish(&mut self) -> Result<(), OutputError> {
        if self.is_finished {
            return Ok(());
        }
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.temporary, &self.path))
            .map_err(|error| OutputError::new("finish", self.path.display(), error))?;
        self.is_finished = true;
        Ok(())
    }
}

/// `NAME.partial`, in the same folder, so that a rename does not copy.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".partial");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_old_content_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, "old").unwrap();

        let mut output = FileOutput::create(&path).unwrap();
        output.write_line(b"new\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        output.finish().unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"new\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();

        let missing = FileOutput::create(&folder.path().join("none/out")).unwrap_err();
        let taken = FileOutput::create(folder.path()).unwrap_err();

        assert_eq!(missing.kind(), std::io::ErrorKind::NotFound);
        assert!(missing.to_string().contains("none/out"), "{missing}");
        assert_eq!(taken.kind(), std::io::ErrorKind::IsADirectory);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_gives_one_sentence() {
        let mut output = FileOutput {
            file: OpenOptions::new().write(true).open("/dev/full").unwrap(),
            path: "/dev/full".into(),
            temporary: "/dev/full".into(),
            length: 0,
            is_finished: false,
        };

        let error = output.write_line(b"{}\n").unwrap_err();

        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
        assert!(error.to_string().starts_with("cannot write to /dev/full: No space left"), "{error}");
    }
}
