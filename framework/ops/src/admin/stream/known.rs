//! [`Known`]: up to where a reader knows the events.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use crate::Journal;

/// Up to where a reader knows the events: a number, and the process that it is a number of.
///
/// The numbers begin anew with each process, and browsers bring the one of the process before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// A bare number is taken for one of this process: programs read it in the list of events.
    life: Option<u64>,
    seq: u64,
}

impl Known {
    /// An event of this process.
    pub(super) fn new(journal: &Journal, seq: u64) -> Self {
        Self { life: Some(journal.life()), seq }
    }

    /// The number, if it is one of this process.
    pub(super) fn seq_in(self, journal: &Journal) -> Option<u64> {
        let is_own = self.life.is_none_or(|life| life == journal.life());
        // A bare number that does not exist yet is of another process, too.
        (is_own && self.seq <= *journal.follow().borrow()).then_some(self.seq)
    }
}

/// As it stands in `id:` of an event.
impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.life {
            Some(life) => write!(f, "{life:x}-{}", self.seq),
            None => write!(f, "{}", self.seq),
        }
    }
}

impl FromStr for Known {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let Some((life, seq)) = text.split_once('-') else {
            return Ok(Self { life: None, seq: text.parse()? });
        };
        Ok(Self { life: Some(u64::from_str_radix(life, 16)?), seq: seq.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read_again() {
        let known = Known { life: Some(0xab12), seq: 17 };

        assert_eq!(known.to_string(), "ab12-17");
        assert_eq!("ab12-17".parse(), Ok(known));
        assert_eq!("17".parse(), Ok(Known { life: None, seq: 17 }));
        for wrong in ["", "-", "17-", "-17", "ab12", "xy-1", "1-2-3", "1--2"] {
            assert!(wrong.parse::<Known>().is_err(), "{wrong:?}");
        }
    }
}
