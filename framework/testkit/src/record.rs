//! [`Record`]: a tuple and its time, as a line of JSON; and [`BadRecording`], where that cannot be read.

use std::{
    fmt,
    io::{self, BufRead, Read, Write},
    marker::PhantomData,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A tuple that a [`Recorder`](crate::Recorder) saw. In a file it is one line,
/// `{"offset_ns":1500000,"tuple":…}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<T> {
    /// When it came, since the recorder was made.
    pub offset: Duration,
    /// The tuple.
    pub tuple: T,
}

/// The line. `T` is a reference where it is written.
#[derive(Serialize, Deserialize)]
struct Line<T> {
    offset_ns: u64,
    tuple: T,
}

/// Bytes that a line may have: a file that is no recording shall not fill the memory.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Writes one line. The tuple is put into words before anything is written, so that no half line remains.
pub(crate) fn write_line<T: Serialize>(to: &mut dyn Write, offset: Duration, tuple: &T) -> io::Result<()> {
    let offset_ns = u64::try_from(offset.as_nanos()).unwrap_or(u64::MAX);
    let mut line = serde_json::to_vec(&Line { offset_ns, tuple })?;
    line.push(b'\n');
    to.write_all(&line)
}

/// Why a recording cannot be read.
///
/// ```
/// use squall_testkit::Replayer;
///
/// let file = tempfile::NamedTempFile::new().unwrap();
/// std::fs::write(file.path(), "{\"offset_ns\":0,\"tuple\":1}\n{\"offset_ns\":0,\"tuple\":\"two\"}\n").unwrap();
///
/// let refused = Replayer::<u64>::open(file.path()).unwrap_err();
///
/// assert_eq!(refused.line(), Some(2));
/// assert!(refused.to_string().contains("line 2, column 28: invalid type: string \"two\", expected u64"));
/// ```
#[derive(Debug)]
pub struct BadRecording {
    path: PathBuf,
    line: Option<u64>,
    what: String,
}

impl BadRecording {
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self { path: path.to_owned(), line: None, what: error.to_string() }
    }

    /// The number of the line, counted from 1; `None`: the file cannot be read at all.
    pub fn line(&self) -> Option<u64> {
        self.line
    }
}

impl fmt::Display for BadRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "recording {}", self.path.display())?;
        match self.line {
            None => write!(f, ": {}", self.what),
            Some(line) => write!(
                f,
                ", line {line}{}; expected a line {{\"offset_ns\": nanoseconds, \"tuple\": …}}",
                self.what
            ),
        }
    }
}

impl std::error::Error for BadRecording {}

/// Reads a recording line by line; no more than one is in memory.
pub(crate) struct Lines<R, T> {
    from: R,
    path: PathBuf,
    line: u64,
    buffer: Vec<u8>,
    tuple: PhantomData<fn() -> T>,
}

impl<R: BufRead, T: DeserializeOwned> Lines<R, T> {
    pub(crate) fn new(from: R, path: &Path) -> Self {
        Self { from, path: path.to_owned(), line: 0, buffer: Vec::new(), tuple: PhantomData }
    }

    fn bad(&self, what: impl Into<String>) -> BadRecording {
        BadRecording { path: self.path.clone(), line: Some(self.line), what: what.into() }
    }

    /// Reads a line; `false`: there are no more.
    fn read(&mut self) -> Result<bool, BadRecording> {
        self.buffer.clear();
        self.line += 1;
        let mut limited = (&mut self.from).take(MOST_BYTES);
        let read = limited.read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|error| self.bad(format!(": {error}")))?;
        if read as u64 == MOST_BYTES {
            return Err(self.bad(format!(": it is longer than {MOST_BYTES} bytes")));
        }
        Ok(read > 0)
    }

    fn parse(&self) -> Result<Record<T>, BadRecording> {
        let parsed = serde_json::from_slice::<Line<T>>(&self.buffer);
        parsed.map(|line| Record { offset: Duration::from_nanos(line.offset_ns), tuple: line.tuple }).map_err(
            |error| {
                let said = error.to_string();
                // Its own place says `line 1` for every line.
                let what = said.split(" at line ").next().unwrap_or_default();
                self.bad(format!(", column {}: {what}", error.column()))
            },
        )
    }
}

impl<R: BufRead, T: DeserializeOwned> Iterator for Lines<R, T> {
    type Item = Result<Record<T>, BadRecording>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.read() {
            Ok(true) => Some(self.parse()),
            Ok(false) => None,
            Err(bad) => Some(Err(bad)),
        }
    }
}
