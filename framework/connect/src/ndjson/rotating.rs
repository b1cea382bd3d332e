//! Segments of a bounded total, for runs without an end.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::output::OutputError;

/// Bytes of all segments when nothing else is said: 64 MiB.
pub const TOTAL_BYTES: u64 = 64 * 1024 * 1024;

/// Segments that a full output has: the oldest eighth goes when there is no more room.
const SEGMENTS: u64 = 8;

/// What segments end with.
const EXTENSION: &str = "ndjson";

/// Writes lines into numbered segments, `NAME-000001.ndjson`, whose total stays below a bound.
///
/// The newest segment is begun when the last has its eighth of the bound, and the oldest ones are removed before
/// a line that would exceed it. Segments of an earlier run count, and are gone on with.
///
/// ```
/// use squall_connect::ndjson::RotatingOutput;
///
/// # let folder = tempfile::tempdir()?;
/// let mut output = RotatingOutput::open(folder.path(), "events", 1024)?;
///
/// for _ in 0..1000 {
///     output.write_line(b"{\"text\":\"hello\"}\n")?;
/// }
///
/// assert!(output.bytes() <= 1024);
/// assert!(output.newest().exists());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RotatingOutput {
    folder: PathBuf,
    name: String,
    limit: u64,
    /// The oldest first; the last one is being written.
    segments: VecDeque<Segment>,
    file: File,
}

#[derive(Debug)]
struct Segment {
    number: u64,
    bytes: u64,
}

impl RotatingOutput {
    /// Goes on with the segments of `name` in `folder`, or begins the first. `limit` is the bytes of all.
    ///
    /// # Errors
    ///
    /// The folder cannot be made, read or written to.
    pub fn open(folder: &Path, name: &str, limit: u64) -> Result<Self, OutputError> {
        let fails = |error| OutputError::new("write to", folder.display(), error);
        fs::create_dir_all(folder).map_err(fails)?;
        let mut segments = existing(folder, name).map_err(fails)?;
        let number = segments.back().map_or(1, |segment| segment.number + 1);
        // A new one at every start: the last one may end in the middle of a line.
        let file = begin(&segment_path(folder, name, number)).map_err(fails)?;
        segments.push_back(Segment { number, bytes: 0 });
        let mut output = Self { folder: folder.to_owned(), name: name.to_owned(), limit, segments, file };
        output.make_room(0)?;
        Ok(output)
    }

    /// Bytes of all segments.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// The segment that is being written.
    pub fn newest(&self) -> PathBuf {
        segment_path(&self.folder, &self.name, self.segments.back().map_or(1, |segment| segment.number))
    }

    /// Hands a line to the operating system. `line` has its `\n`.
    ///
    /// # Errors
    ///
    /// The disk is full, for example, or the line alone is longer than all segments may be. No half line stays.
    pub fn write_line(&mut self, line: &[u8]) -> Result<(), OutputError> {
        let bytes = line.len() as u64;
        if bytes > self.limit {
            let why = format!("a line of {bytes} bytes does not fit into {} bytes", self.limit);
            return Err(self.fails(io::Error::new(io::ErrorKind::FileTooLarge, why)));
        }
        if self.newest_bytes() > 0 && self.newest_bytes() + bytes > self.limit / SEGMENTS {
            self.rotate()?;
        }
        self.make_room(bytes)?;
        let before = self.newest_bytes();
        if let Err(error) = self.file.write_all(line) {
            // If that fails too, the segment keeps half a line at its end.
            self.file.set_len(before).and_then(|()| self.file.seek(SeekFrom::Start(before))).ok();
            return Err(self.fails(error));
        }
        if let Some(newest) = self.segments.back_mut() {
            newest.bytes += bytes;
        }
        Ok(())
    }

    fn rotate(&mut self) -> Result<(), OutputError> {
        let number = self.segments.back().map_or(1, |segment| segment.number + 1);
        self.file =
            begin(&segment_path(&self.folder, &self.name, number)).map_err(|error| self.fails(error))?;
        self.segments.push_back(Segment { number, bytes: 0 });
        Ok(())
    }

    /// Removes the oldest segments until `bytes` more fit.
    fn make_room(&mut self, bytes: u64) -> Result<(), OutputError> {
        while self.segments.len() > 1 && self.bytes() + bytes > self.limit {
            let Some(oldest) = self.segments.front() else { break };
            match fs::remove_file(segment_path(&self.folder, &self.name, oldest.number)) {
                Ok(()) => {}
                // Somebody else made the room.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(self.fails(error)),
            }
            self.segments.pop_front();
        }
        Ok(())
    }

    fn newest_bytes(&self) -> u64 {
        self.segments.back().map_or(0, |segment| segment.bytes)
    }

    fn fails(&self, error: io::Error) -> OutputError {
        OutputError::new("write to", self.newest().display(), error)
    }
}

fn segment_path(folder: &Path, name: &str, number: u64) -> PathBuf {
    folder.join(format!("{name}-{number:06}.{EXTENSION}"))
}

fn begin(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

/// The segments that are there, the oldest first.
fn existing(folder: &Path, name: &str) -> io::Result<VecDeque<Segment>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file_name = entry.file_name();
        let number = file_name
            .to_str()
            .and_then(|file| {
                file.strip_prefix(name)?.strip_prefix('-')?.strip_suffix(EXTENSION)?.strip_suffix('.')
            })
            .and_then(|number| number.parse().ok());
        if let Some(number) = number {
            found.push(Segment { number, bytes: entry.metadata()?.len() });
        }
    }
    found.sort_by_key(|segment| segment.number);
    Ok(found.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_disk(folder: &Path) -> u64 {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
    }

    #[test]
    fn the_total_never_exceeds_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = RotatingOutput::open(folder.path(), "events", 1000).unwrap();

        for number in 0..500 {
            output.write_line(format!("{number:019}\n").as_bytes()).unwrap();
            assert!(on_disk(folder.path()) <= 1000);
            assert_eq!(output.bytes(), on_disk(folder.path()));
        }

        assert!(on_disk(folder.path()) > 800);
        assert!(fs::read_to_string(output.newest()).unwrap().ends_with("0000000000000000499\n"));
    }

    #[test]
    fn segments_of_an_earlier_run_count_and_are_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = RotatingOutput::open(folder.path(), "events", 1000).unwrap();
        first.write_line(b"first\n").unwrap();
        let kept = first.newest();
        drop(first);

        let mut second = RotatingOutput::open(folder.path(), "events", 1000).unwrap();
        second.write_line(b"second\n").unwrap();

        assert_eq!(fs::read(kept).unwrap(), b"first\n");
        assert_eq!(second.bytes(), 13);
        assert!(second.newest().ends_with("events-000002.ndjson"));
    }

    #[test]
    fn a_smaller_bound_makes_room_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let mut large = RotatingOutput::open(folder.path(), "events", 10_000).unwrap();
        for _ in 0..900 {
            large.write_line(b"123456789\n").unwrap();
        }
        drop(large);

        let small = RotatingOutput::open(folder.path(), "events", 2000).unwrap();

        assert!(on_disk(folder.path()) <= 2000);
        assert_eq!(small.bytes(), on_disk(folder.path()));
    }

    #[test]
    fn a_line_longer_than_all_segments_is_refused_and_the_next_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = RotatingOutput::open(folder.path(), "events", 100).unwrap();

        let error = output.write_line(&[b'x'; 101]).unwrap_err();
        output.write_line(&[b'x'; 100]).unwrap();

        assert!(error.to_string().contains("a line of 101 bytes does not fit into 100 bytes"), "{error}");
    }
}
