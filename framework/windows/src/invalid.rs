//! [`InvalidWindow`]: why a window is refused.

use std::{error::Error, fmt, time::Duration};

use crate::window::Span;

/// Why a window is refused. Its `Display` says what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidWindow {
    /// The length or the slide is nothing.
    Empty {
        /// `length`, `slide` or `flush_after`.
        what: &'static str,
    },
    /// A time is no whole number of milliseconds.
    TooFine {
        /// `length`, `slide` or `flush_after`.
        what: &'static str,
        /// What was given.
        given: Duration,
    },
    /// Tuples between two windows would be in none.
    Gap {
        /// The length.
        length: Span,
        /// The slide.
        slide: Span,
    },
    /// A watermark cannot be ahead of the latest timestamp.
    NegativeLag {
        /// What was given, in milliseconds.
        lag: i64,
    },
    /// Event time without a source of timestamps.
    NoSources,
    /// Roots would time out while their tuples wait in a window.
    TimeoutTooShort {
        /// The least message timeout of the spouts above.
        timeout: Duration,
        /// How long a tuple may be held.
        held: Duration,
    },
}

impl fmt::Display for InvalidWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { what } => write!(f, "the {what} of a window is zero: at least one tuple or 1 ms"),
            Self::TooFine { what, given } => {
                write!(f, "the {what} of a window is {given:?}: windows count in whole milliseconds")
            }
            Self::Gap { length, slide } => write!(
                f,
                "a window of {length} that slides by {slide} leaves gaps: let it slide by no more than its length"
            ),
            Self::NegativeLag { lag } => {
                write!(f, "a lag of {lag} ms is negative: the lag says how late a tuple may come, 0 if never")
            }
            Self::NoSources => f.write_str("event time needs at least one source of timestamps"),
            Self::TimeoutTooShort { timeout, held } => write!(
                f,
                "a tuple may be held in the window for {held:?}, and its root times out after {timeout:?}: raise \
                 `message_timeout` of the spouts above it, or make the window shorter"
            ),
        }
    }
}

impl Error for InvalidWindow {}
