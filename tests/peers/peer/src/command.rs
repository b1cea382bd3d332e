//! What a peer is told.

use std::{error::Error, fmt, str::FromStr, time::Duration};

/// What a peer is told.
///
/// ```
/// use std::time::Duration;
///
/// use peer::Command;
///
/// let flow = Command::Flow { settle: Duration::from_millis(500), measured: Duration::from_secs(3) };
///
/// assert_eq!(flow.to_string(), "flow 0.5 3");
/// assert_eq!("flow 0.5 3".parse::<Command>(), Ok(flow));
/// assert!("flow 3".parse::<Command>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Emit as fast as possible; count after `settle`, for `measured`.
    Flow {
        /// How long it is not counted.
        settle: Duration,
        /// How long it is counted.
        measured: Duration,
    },
    /// Emit `per_second` tuples per second; record latencies after `settle`, for `measured`.
    Rate {
        /// Tuples per second.
        per_second: u64,
        /// How long latencies are not recorded.
        settle: Duration,
        /// How long they are.
        measured: Duration,
    },
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flow { settle, measured } => {
                write!(f, "flow {} {}", settle.as_secs_f64(), measured.as_secs_f64())
            }
            Self::Rate { per_second, settle, measured } => {
                write!(f, "rate {per_second} {} {}", settle.as_secs_f64(), measured.as_secs_f64())
            }
        }
    }
}

impl FromStr for Command {
    type Err = Unknown;

    fn from_str(line: &str) -> Result<Self, Unknown> {
        let words: Vec<&str> = line.split_whitespace().collect();
        parse(&words).ok_or_else(|| Unknown(line.to_owned()))
    }
}

fn parse(words: &[&str]) -> Option<Command> {
    match words {
        ["flow", settle, measured] => {
            Some(Command::Flow { settle: seconds(settle)?, measured: seconds(measured)? })
        }
        ["rate", per_second, settle, measured] => Some(Command::Rate {
            per_second: per_second.parse().ok()?,
            settle: seconds(settle)?,
            measured: seconds(measured)?,
        }),
        _ => None,
    }
}

fn seconds(word: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(word.parse().ok()?).ok()
}

/// A line that is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown(pub String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no command; expected `flow SETTLE SECONDS` or `rate PER_SECOND SETTLE SECONDS`",
            self.0
        )
    }
}

impl Error for Unknown {}
