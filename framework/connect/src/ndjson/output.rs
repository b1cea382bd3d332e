//! Where lines go.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use super::file::FileOutput;
use super::rotating::RotatingOutput;

/// An output of lines: a file that appears when it is whole, standard output, or rotated segments.
///
/// Every line is handed to the operating system before [`write_line`](Self::write_line) returns, in one write: a
/// bolt may then ack its tuple, and a process that is killed loses no acked line. (A write of a short line costs
/// about a microsecond; no buffer has to be flushed by a tick or at the end.)
pub enum LineOutput {
    /// One file, whole or not there.
    File(FileOutput),
    /// Segments of a bounded total.
    Rotating(RotatingOutput),
    /// Anything that bytes can be written to.
    Stream(StreamOutput),
}

/// Anything that bytes can be written to, with its name.
pub struct StreamOutput {
    name: String,
    stream: Box<dyn io::Write + Send>,
}

/// A line could not be written: a sentence that names the output.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {output}: {source}")]
pub struct OutputError {
    pub(super) action: &'static str,
    pub(super) output: String,
    pub(super) source: io::Error,
}

impl OutputError {
    pub(super) fn new(action: &'static str, output: impl fmt::Display, source: io::Error) -> Self {
        Self { action, output: output.to_string(), source }
    }

    /// What the operating system said.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

impl LineOutput {
    /// Opens a file, or standard output for `-`.
    ///
    /// A path that is there and is no regular file, such as a named pipe or `/dev/null`, is written to as it is.
    ///
    /// # Errors
    ///
    /// The path is a folder, lies in a folder that is not there, or may not be written to.
    pub fn open(path: &str) -> Result<Self, OutputError> {
        if path == "-" {
            return Ok(Self::stdout());
        }
        let special = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        if !special {
            return FileOutput::create(Path::new(path)).map(Self::File);
        }
        match OpenOptions::new().write(true).open(path) {
            Ok(stream) => Ok(Self::stream(path, stream)),
            Err(error) => Err(OutputError::new("write to", path, error)),
        }
    }

    /// Standard output.
    pub fn stdout() -> Self {
        Self::stream("standard output", unbuffered_stdout())
    }

    /// Writes lines to `stream`; `name` is what errors call it.
    pub fn stream(name: impl Into<String>, stream: impl io::Write + Send + 'static) -> Self {
        Self::Stream(StreamOutput { name: name.into(), stream: Box::new(stream) })
    }

    /// Hands a line to the operating system. `line` has its `\n`.
    ///
    /// # Errors
    ///
    /// The disk is full, the reader of a pipe is gone. A file then has no half line: its next line comes
    /// after the last whole one.
    pub fn write_line(&mut self, line: &[u8]) -> Result<(), OutputError> {
        match self {
            Self::File(file) => file.write_line(line),
            Self::Rotating(segments) => segments.write_line(line),
            Self::Stream(StreamOutput { name, stream }) => {
                let written = stream.write_all(line).and_then(|()| stream.flush());
                written.map_err(|error| OutputError::new("write to", name, error))
            }
        }
    }

    /// Where a file lies that has not its name yet.
    pub fn unfinished(&self) -> Option<&Path> {
        match self {
            Self::File(file) => file.unfinished(),
            Self::Rotating(_) | Self::Stream(_) => None,
        }
    }

    /// Makes what was written final: a file gets its name.
    ///
    /// # Errors
    ///
    /// The file could not be synced or renamed; what was written lies under its temporary name then.
    pub fn finish(&mut self) -> Result<(), OutputError> {
        match self {
            Self::File(file) => file.finish(),
            Self::Rotating(_) | Self::Stream(_) => Ok(()),
        }
    }
}

impl fmt::Debug for LineOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.fmt(f),
            Self::Rotating(segments) => segments.fmt(f),
            Self::Stream(stream) => stream.fmt(f),
        }
    }
}

impl fmt::Debug for StreamOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamOutput").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Standard output without the line buffer of std, which would cut a long line into many writes.
#[cfg(unix)]
fn unbuffered_stdout() -> Box<dyn io::Write + Send> {
    use std::os::fd::AsFd;
    match io::stdout().as_fd().try_clone_to_owned() {
        Ok(fd) => Box::new(std::fs::File::from(fd)),
        Err(_) => Box::new(io::stdout()),
    }
}

/// Standard output.
#[cfg(not(unix))]
fn unbuffered_stdout() -> Box<dyn io::Write + Send> {
    Box::new(io::stdout())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let mut output = LineOutput::open("/dev/null").unwrap();

        output.write_line(b"{}\n").unwrap();
        output.finish().unwrap();

        assert!(matches!(output, LineOutput::Stream(_)));
        assert!(!Path::new("/dev/null.partial").exists());
    }

    #[test]
    fn a_pipe_whose_reader_is_gone_gives_one_sentence() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut output = LineOutput::stream("standard output", writer);

        let error = output.write_line(b"{}\n").unwrap_err();

        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert!(error.to_string().starts_with("cannot write to standard output: "), "{error}");
    }
}
