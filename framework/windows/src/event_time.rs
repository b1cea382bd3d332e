//! [`EventTime`]: whose time a window goes by, when not by the clock.

use std::{fmt, sync::Arc, time::Duration};

use squall_core::{Error, Result};

use crate::{invalid::InvalidWindow, join::JoinIn, watermark::Watermark};

type Of<T, R> = Arc<dyn Fn(&T) -> R + Send + Sync>;

/// Windows go by timestamps of the tuples, in milliseconds since whenever they count.
///
/// The *watermark* says how far time has come: the latest timestamp less the lag, of several sources the least. It
/// never goes back. A window is due when the watermark has passed its end, and a tuple with a timestamp before the
/// watermark is late: it goes to the stream `late` and into no window.
///
/// ```
/// use squall_windows::{EventTime, InvalidWindow};
///
/// struct Click { at: i64 }
///
/// let time = EventTime::of(|click: &Click| click.at).lag(5_000)?;
///
/// let refused = EventTime::of(|click: &Click| click.at).lag(-1).unwrap_err();
/// assert_eq!(refused, InvalidWindow::NegativeLag { lag: -1 });
/// # Ok::<(), InvalidWindow>(())
/// ```
pub struct EventTime<T> {
    timestamp: Of<T, Result<i64>>,
    source: Of<T, usize>,
    sources: usize,
    lag: i64,
    shown: Option<Watermark>,
}

impl<T: 'static> EventTime<T> {
    /// The timestamp of each tuple, in milliseconds.
    pub fn of(timestamp: impl Fn(&T) -> i64 + Send + Sync + 'static) -> Self {
        Self::try_of(move |tuple| Ok(timestamp(tuple)))
    }

    /// [`of`](Self::of) for tuples that may lack one: an error fails the tuple.
    pub fn try_of(timestamp: impl Fn(&T) -> Result<i64> + Send + Sync + 'static) -> Self {
        Self { timestamp: Arc::new(timestamp), source: Arc::new(|_| 0), sources: 1, lag: 0, shown: None }
    }

    /// How late a tuple may come, in milliseconds behind the latest of its source; 0 unless said.
    ///
    /// # Errors
    ///
    /// It is negative.
    pub fn lag(mut self, millis: i64) -> Result<Self, InvalidWindow> {
        if millis < 0 {
            return Err(InvalidWindow::NegativeLag { lag: millis });
        }
        self.lag = millis;
        Ok(self)
    }

    /// The tuples come from so many sources, each in an order of its own: `source` tells which, from 0. Time goes on
    /// when every source has gone on.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn sources(
        mut self,
        sources: usize,
        source: impl Fn(&T) -> usize + Send + Sync + 'static,
    ) -> Result<Self, InvalidWindow> {
        if sources == 0 {
            return Err(InvalidWindow::NoSources);
        }
        (self.sources, self.source) = (sources, Arc::new(source));
        Ok(self)
    }

    /// Shows how far time has come: a check may find that it stands still.
    pub fn show(mut self, mark: &Watermark) -> Self {
        self.shown = Some(mark.clone());
        self
    }

    pub(crate) fn shown(&self) -> Option<&Watermark> {
        self.shown.as_ref()
    }

    /// Timestamp and source of a tuple.
    pub(crate) fn read(&self, tuple: &T) -> Result<(i64, usize)> {
        let (at, source) = ((self.timestamp)(tuple)?, (self.source)(tuple));
        if source >= self.sources {
            let sources = self.sources;
            return Err(Error::permanent(format!(
                "the source of a tuple is {source}, and the window has {sources}, counted from 0"
            )));
        }
        Ok((at, source))
    }

    pub(crate) fn count(&self) -> usize {
        self.sources
    }

    pub(crate) fn lag_millis(&self) -> i64 {
        self.lag
    }

    pub(crate) fn lag_time(&self) -> Duration {
        Duration::from_millis(self.lag.unsigned_abs())
    }
}

impl<L: 'static, R: 'static> EventTime<JoinIn<L, R>> {
    /// The timestamps of both sides of a join; each side is a source.
    pub fn of_join(
        left: impl Fn(&L) -> i64 + Send + Sync + 'static,
        right: impl Fn(&R) -> i64 + Send + Sync + 'static,
    ) -> Self {
        let mut time = Self::of(move |side| match side {
            JoinIn::Left(tuple) => left(tuple),
            JoinIn::Right(tuple) => right(tuple),
        });
        time.source = Arc::new(|side| usize::from(matches!(side, JoinIn::Right(_))));
        time.sources = 2;
        time
    }
}

impl<T> Clone for EventTime<T> {
    fn clone(&self) -> Self {
        let Self { timestamp, source, sources, lag, shown } = self;
        let (timestamp, source) = (Arc::clone(timestamp), Arc::clone(source));
        Self { timestamp, source, sources: *sources, lag: *lag, shown: shown.clone() }
    }
}

impl<T> fmt::Debug for EventTime<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventTime")
            .field("sources", &self.sources)
            .field("lag", &self.lag)
            .finish_non_exhaustive()
    }
}
