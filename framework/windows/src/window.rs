//! [`Window`]: how long a window is and how often one is due.

use std::{fmt, time::Duration};

use crate::invalid::InvalidWindow;

/// A number of tuples, or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// So many tuples.
    Tuples(usize),
    /// So long, in whole milliseconds.
    Time(Duration),
}

impl Span {
    fn check(self, what: &'static str) -> Result<(), InvalidWindow> {
        match self {
            Self::Tuples(0) | Self::Time(Duration::ZERO) => Err(InvalidWindow::Empty { what }),
            Self::Time(given) if !given.subsec_nanos().is_multiple_of(1_000_000) => {
                Err(InvalidWindow::TooFine { what, given })
            }
            Self::Tuples(_) | Self::Time(_) => Ok(()),
        }
    }

    /// The time of it; tuples take none.
    pub(crate) fn time(self) -> Duration {
        match self {
            Self::Tuples(_) => Duration::ZERO,
            Self::Time(time) => time,
        }
    }
}

impl From<Duration> for Span {
    fn from(time: Duration) -> Self {
        Self::Time(time)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tuples(1) => f.write_str("1 tuple"),
            Self::Tuples(count) => write!(f, "{count} tuples"),
            Self::Time(time) => write!(f, "{time:?}"),
        }
    }
}

/// Milliseconds, the unit of all times in here.
pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// How long a window is, and how often one is due: both in tuples or in time.
///
/// A window in time that slides in time is `(start, end]`, and its ends are the multiples of the slide. It is due when
/// its time is over, one that slides in tuples when so many have come. One without tuples is never due.
///
/// ```
/// use std::time::Duration;
/// use squall_windows::{InvalidWindow, Span, Window};
///
/// // Every ten seconds, the last minute.
/// let window = Window::sliding(Duration::from_secs(60), Duration::from_secs(10))?;
/// assert_eq!(window.length(), Span::Time(Duration::from_secs(60)));
///
/// // Three by three; what is left of them when nothing has come for five seconds.
/// Window::tumbling(Span::Tuples(3))?.flush_after(Duration::from_secs(5))?;
///
/// // What would fall between two windows would be lost.
/// assert!(matches!(Window::sliding(Span::Tuples(2), Span::Tuples(3)), Err(InvalidWindow::Gap { .. })));
/// # Ok::<(), InvalidWindow>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    length: Span,
    slide: Span,
    flush_after: Option<Duration>,
}

impl Window {
    /// A window that begins where the one before ended.
    ///
    /// # Errors
    ///
    /// The length is zero, or no whole number of milliseconds.
    pub fn tumbling(length: impl Into<Span>) -> Result<Self, InvalidWindow> {
        let length = length.into();
        Self::sliding(length, length)
    }

    /// A window over the last `length`, due every `slide`.
    ///
    /// Length and slide may be of different kinds: the last hundred tuples every second. Such a window is due only if
    /// a tuple came since the one before.
    ///
    /// # Errors
    ///
    /// One of them is zero or no whole number of milliseconds, or the slide is greater than the length.
    pub fn sliding(length: impl Into<Span>, slide: impl Into<Span>) -> Result<Self, InvalidWindow> {
        let (length, slide) = (length.into(), slide.into());
        length.check("length")?;
        slide.check("slide")?;
        let leaves_gaps = match (length, slide) {
            (Span::Tuples(length), Span::Tuples(slide)) => slide > length,
            (Span::Time(length), Span::Time(slide)) => slide > length,
            _ => false,
        };
        if leaves_gaps {
            return Err(InvalidWindow::Gap { length, slide });
        }
        Ok(Self { length, slide, flush_after: None })
    }

    /// When no tuple has come for so long, the window in progress is due although it is not whole, and every tuple is
    /// let go. For windows that nothing ends but further tuples: in tuples, or in event time.
    ///
    /// A source that ends waits for its roots before anything downstream drains. If a window holds some of them, only
    /// this lets go of them.
    ///
    /// # Errors
    ///
    /// It is zero or no whole number of milliseconds.
    pub fn flush_after(mut self, idle: Duration) -> Result<Self, InvalidWindow> {
        Span::Time(idle).check("flush_after")?;
        self.flush_after = Some(idle);
        Ok(self)
    }

    /// How long it is.
    pub fn length(&self) -> Span {
        self.length
    }

    /// How often one is due.
    pub fn slide(&self) -> Span {
        self.slide
    }

    pub(crate) fn idle_limit(&self) -> Option<Duration> {
        self.flush_after
    }

    /// A tuple is held for its windows' length and, at worst, one slide. `lag` comes on top.
    pub(crate) fn check_timeout(&self, timeout: Duration, lag: Duration) -> Result<(), InvalidWindow> {
        let held = self.length.time().saturating_add(self.slide.time()).saturating_add(lag);
        if timeout > held { Ok(()) } else { Err(InvalidWindow::TimeoutTooShort { timeout, held }) }
    }
}
