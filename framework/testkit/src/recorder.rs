//! [`Recorder`]: taps a stream and keeps what it carried, with the times.

use std::{
    fmt,
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use squall_core::{Error, Output, Result, Stream, Subscribe, SyncBolt, Tuple};
use squall_topology::TopologyBuilder;
use tokio::time::Instant;

use crate::record::{Record, write_line};

/// Taps a stream: a bolt beside the others that read it writes down each tuple and when it came. A
/// [`Replayer`](crate::Replayer) emits them again, to another topology or another version of this one. Clones
/// are handles of one recording.
///
/// The tap takes part in the delivery: a root is acked when its tuples are recorded too, and fails where one
/// cannot be. What is replayed is recorded again.
///
/// ```
/// use std::time::Duration;
/// use squall_testkit::{Capture, Feeder, Recorder, Replayer, advance, complete_topology, virtual_time};
/// use squall_runtime::{Options, Running};
/// use squall_topology::TopologyBuilder;
///
/// let file = tempfile::NamedTempFile::new().unwrap();
/// virtual_time(async || {
///     let feeder = Feeder::new();
///     let mut t = TopologyBuilder::new("live");
///     let words = t.spout("words", feeder.spouts()).output();
///     let recorder = Recorder::to_file(&mut t, words, file.path()).unwrap();
///     let running = Running::start_here(&t.build().unwrap(), &Options::default());
///
///     feeder.feed("now".to_owned());
///     advance(Duration::from_secs(60)).await;
///     feeder.feed("then".to_owned());
///     feeder.end();
///     running.wait().await.unwrap();
///     assert_eq!(recorder.count(), 2);
/// });
/// let lines = std::fs::read_to_string(file.path()).unwrap();
/// assert_eq!(lines.lines().next(), Some(r#"{"offset_ns":0,"tuple":"now"}"#));
///
/// virtual_time(async || {
///     let replayer = Replayer::<String>::open(file.path()).unwrap();
///     let mut t = TopologyBuilder::new("again");
///     let words = t.spout("words", replayer.spouts()).output();
///     let captured = Capture::of(&mut t, words);
///
///     let report = complete_topology(&t.build().unwrap()).await.unwrap();
///
///     assert_eq!(captured.tuples(), ["now", "then"]);
///     assert!(report.duration >= Duration::from_secs(60)); // at the same pace
/// });
/// ```
pub struct Recorder<T>(Arc<Shared<T>>);

struct Shared<T> {
    tape: Mutex<Tape<T>>,
    began: Instant,
}

struct Tape<T> {
    medium: Medium<T>,
    count: u64,
    left_out: u64,
}

enum Medium<T> {
    File(BufWriter<File>),
    Memory { records: Vec<Record<T>>, most: usize },
}

impl<T: Tuple> Recorder<T> {
    /// Records a stream to a file, which is made or made empty: a line of JSON for each tuple. Memory is
    /// bounded whatever passes. The file is complete when the topology has drained, or after
    /// [`flush`](Self::flush).
    ///
    /// Declares a sync bolt `record-COMPONENT-STREAM` (both numbers).
    ///
    /// # Errors
    ///
    /// The file cannot be made.
    pub fn to_file(t: &mut TopologyBuilder, stream: Stream<T>, path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self::tap(t, stream, Medium::File(BufWriter::new(File::create(path)?))))
    }

    /// Records a stream to memory, the first `most` tuples of it: the rest is counted only.
    ///
    /// Declares a sync bolt `record-COMPONENT-STREAM` (both numbers).
    ///
    /// ```
    /// use squall_testkit::{Feeder, Recorder, complete_topology, virtual_time};
    /// use squall_topology::TopologyBuilder;
    ///
    /// virtual_time(async || {
    ///     let mut t = TopologyBuilder::new("numbers");
    ///     let numbers = t.spout("numbers", Feeder::of(0..10_u64).spouts()).output();
    ///     let recorder = Recorder::in_memory(&mut t, numbers, 4);
    ///
    ///     complete_topology(&t.build().unwrap()).await.unwrap();
    ///
    ///     let tuples: Vec<_> = recorder.records().iter().map(|record| record.tuple).collect();
    ///     assert_eq!(tuples, [0, 1, 2, 3]);
    ///     assert_eq!((recorder.count(), recorder.left_out()), (4, 6));
    /// });
    /// ```
    pub fn in_memory(t: &mut TopologyBuilder, stream: Stream<T>, most: usize) -> Self {
        Self::tap(t, stream, Medium::Memory { records: Vec::new(), most })
    }

    fn tap(t: &mut TopologyBuilder, stream: Stream<T>, medium: Medium<T>) -> Self {
        let tape = Mutex::new(Tape { medium, count: 0, left_out: 0 });
        let recorder = Self(Arc::new(Shared { tape, began: Instant::now() }));
        let origin = Subscribe::<T>::origin(&stream);
        let name = format!("record-{}-{}", origin.component, origin.stream);
        let made = recorder.clone();
        // One task, so that the order is that of arrival; a thread of its own, because files block.
        t.sync_bolt(name, move || RecorderBolt(made.clone())).global(stream);
        recorder
    }

    /// Tuples that were recorded.
    pub fn count(&self) -> u64 {
        self.tape().count
    }

    /// Tuples that found no place in memory.
    pub fn left_out(&self) -> u64 {
        self.tape().left_out
    }

    /// What is in memory, in order of arrival; nothing if it goes to a file.
    pub fn records(&self) -> Vec<Record<T>> {
        match &self.tape().medium {
            Medium::Memory { records, .. } => records.clone(),
            Medium::File(_) => Vec::new(),
        }
    }

    /// Writes everything that was recorded so far to the file.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn flush(&self) -> io::Result<()> {
        match &mut self.tape().medium {
            Medium::File(file) => file.flush(),
            Medium::Memory { .. } => Ok(()),
        }
    }

    fn tape(&self) -> MutexGuard<'_, Tape<T>> {
        self.0.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, tuple: T) -> io::Result<()> {
        let offset = self.0.began.elapsed();
        let mut tape = self.tape();
        match &mut tape.medium {
            Medium::File(file) => write_line(file, offset, &tuple)?,
            Medium::Memory { records, most } if records.len() == *most => {
                tape.left_out += 1;
                return Ok(());
            }
            Medium::Memory { records, .. } => records.push(Record { offset, tuple }),
        }
        tape.count += 1;
        Ok(())
    }
}

struct RecorderBolt<T>(Recorder<T>);

impl<T: Tuple> SyncBolt for RecorderBolt<T> {
    type In = T;
    type Out = ();

    fn execute(&mut self, tuple: T, _: &mut Output<()>) -> Result<()> {
        self.0
            .record(tuple)
            .map_err(|error| Error::permanent(format!("the tuple cannot be recorded: {error}")))
    }

    fn drain(&mut self, _: &mut Output<()>) -> Result<()> {
        Ok(self.0.flush()?)
    }
}

impl<T> Clone for Recorder<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Recorder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}
