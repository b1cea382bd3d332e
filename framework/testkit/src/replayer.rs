//! [`Replayer`]: a spout that emits a recording again.

use std::{
    fmt,
    fs::File,
    io::BufReader,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use squall_core::{Emit, Error, Next, Result, Spout, SpoutOutput, Tuple};
use tokio::time::{Instant, sleep_until};

use crate::record::{BadRecording, Lines, Record};

/// The handle of a source that emits again what a [`Recorder`](crate::Recorder) kept, each tuple as a root of
/// its own, at the pace of the recording. It is shared by all tasks of its spout and outlives their restarts.
///
/// A tuple that is due while the source is paused or has no room comes late; those behind it keep their own
/// times. What fails is counted by the topology and not emitted again.
///
/// ```
/// use std::time::Duration;
/// use squall_testkit::{Capture, Record, Replayer, complete_topology, virtual_time};
/// use squall_topology::TopologyBuilder;
///
/// let minute = Duration::from_secs(60);
/// let records = || (0..3).map(move |n| Record { offset: n * minute, tuple: n });
///
/// for (replayer, takes) in [
///     (Replayer::of(records()), Duration::from_secs(120)),
///     (Replayer::of(records()).faster(60.0), Duration::from_secs(2)),
///     (Replayer::of(records()).as_fast_as_possible(), Duration::ZERO),
/// ] {
///     virtual_time(async || {
///         let mut t = TopologyBuilder::new("replay");
///         let numbers = t.spout("numbers", replayer.spouts()).output();
///         let captured = Capture::of(&mut t, numbers);
///
///         let report = complete_topology(&t.build().unwrap()).await.unwrap();
///
///         assert_eq!(captured.tuples(), [0, 1, 2]);
///         assert_eq!(report.duration.as_secs(), takes.as_secs());
///     });
/// }
/// ```
pub struct Replayer<T>(Arc<Shared<T>>);

struct Shared<T> {
    reel: Mutex<Reel<T>>,
    /// How much faster than the recording; `None`: as fast as possible.
    speed: Option<f64>,
}

struct Reel<T> {
    records: Box<dyn Iterator<Item = Result<Record<T>, BadRecording>> + Send>,
    /// Read, and not yet emitted.
    first: Option<Record<T>>,
    /// When it was first asked for a tuple.
    began: Option<Instant>,
    emitted: u64,
}

/// What is to be done for the next tuple.
enum Step<T> {
    Emit(u64, T),
    Wait(Instant),
    End,
}

impl<T: Tuple> Replayer<T> {
    /// A recording in a file. It is read twice: once to find bad lines now and not in the middle of a test,
    /// and once while it is emitted, line by line. Neither keeps more than a line in memory.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or a line is no record of this type: see [`BadRecording`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, BadRecording> {
        let path = path.as_ref();
        for record in lines::<T>(path)? {
            record?;
        }
        Ok(Self::new(Box::new(lines(path)?)))
    }

    /// A recording in memory, as of [`Recorder::records`](crate::Recorder::records).
    pub fn of(records: impl IntoIterator<Item = Record<T>, IntoIter: Send + 'static>) -> Self {
        Self::new(Box::new(records.into_iter().map(Ok)))
    }

    fn new(records: Box<dyn Iterator<Item = Result<Record<T>, BadRecording>> + Send>) -> Self {
        let reel = Mutex::new(Reel { records, first: None, began: None, emitted: 0 });
        Self(Arc::new(Shared { reel, speed: Some(1.0) }))
    }

    /// Emits this many times faster than it was recorded; less than 1 is slower.
    ///
    /// # Panics
    ///
    /// `speed` is not a positive number, or the replayer has other handles already.
    #[must_use]
    pub fn faster(mut self, speed: f64) -> Self {
        assert!(speed.is_finite() && speed > 0.0, "{speed} is not a speed: expected a positive number");
        self.configure().speed = Some(speed);
        self
    }

    /// Emits as fast as there is room.
    ///
    /// # Panics
    ///
    /// It has other handles already.
    #[must_use]
    pub fn as_fast_as_possible(mut self) -> Self {
        self.configure().speed = None;
        self
    }

    #[expect(clippy::expect_used, reason = "documented")]
    fn configure(&mut self) -> &mut Shared<T> {
        Arc::get_mut(&mut self.0).expect("a replayer is configured before its handles are given away")
    }

    /// The factory for `TopologyBuilder::spout`.
    pub fn spouts(&self) -> impl Fn() -> ReplayerSpout<T> + Send + Sync + use<T> {
        let replayer = self.clone();
        move || ReplayerSpout(replayer.clone())
    }

    /// Tuples that were emitted.
    pub fn emitted(&self) -> u64 {
        self.reel().emitted
    }

    fn reel(&self) -> MutexGuard<'_, Reel<T>> {
        self.0.reel.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self) -> Result<Step<T>, BadRecording> {
        let mut reel = self.reel();
        let now = Instant::now();
        let began = *reel.began.get_or_insert(now);
        let record = match reel.first.take() {
            Some(record) => record,
            None => match reel.records.next() {
                Some(record) => record?,
                None => return Ok(Step::End),
            },
        };
        let due = began + self.0.speed.map_or(Duration::ZERO, |speed| sped_up(record.offset, speed));
        if due > now {
            reel.first = Some(record);
            return Ok(Step::Wait(due));
        }
        reel.emitted += 1;
        Ok(Step::Emit(reel.emitted, record.tuple))
    }
}

/// Decades from now at most: so far a clock can count.
fn sped_up(offset: Duration, speed: f64) -> Duration {
    const DECADES: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
    if speed == 1.0 {
        return offset.min(DECADES);
    }
    Duration::try_from_secs_f64(offset.as_secs_f64() / speed).unwrap_or(DECADES).min(DECADES)
}

fn lines<T: Tuple>(path: &Path) -> Result<Lines<BufReader<File>, T>, BadRecording> {
    let file = File::open(path).map_err(|error| BadRecording::unreadable(path, &error))?;
    Ok(Lines::new(BufReader::new(file), path))
}

/// A task of a [`Replayer`]'s spout.
pub struct ReplayerSpout<T>(Replayer<T>);

impl<T: Tuple> Spout for ReplayerSpout<T> {
    /// The number of the tuple among those emitted, from 1.
    type Id = u64;
    type Out = Emit<T>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<T>, u64>) -> Result<Next> {
        loop {
            // The file was good when it was opened: another one lies there now.
            match self.0.step().map_err(|bad| Error::permanent(bad.to_string()))? {
                Step::Emit(number, tuple) => {
                    out.track(number).emit(tuple);
                    return Ok(Next::Emitted);
                }
                Step::Wait(due) => sleep_until(due).await,
                Step::End => return Ok(Next::End),
            }
        }
    }
}

impl<T> Clone for Replayer<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Replayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replayer")
    }
}

impl<T> fmt::Debug for ReplayerSpout<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplayerSpout")
    }
}
