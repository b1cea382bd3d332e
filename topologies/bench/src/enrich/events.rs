//! Lines, as fast as they are read or at a steady rate.

use std::{
    io::{self, Read},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::wrong;
use crate::Error;

/// The member with the instant of an event, and how many digits it has.
const INSTANT: &[u8] = b"\"time_us\":";
const DIGITS: usize = 16;

/// The time between two bursts of a steady rate.
const BURST: Duration = Duration::from_millis(5);

/// Lines that are made ready at once, at most: a topology that falls behind shall not be charged for all that is due.
const AT_ONCE: usize = 1024;

/// How fast events come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    /// As fast as they are read.
    AtOnce,
    /// So many a second, each with the instant at which it came.
    PerSecond(f64),
}

/// Generated events as lines. Cheap to clone.
#[derive(Clone)]
pub(super) struct Events(Arc<[Event]>);

struct Event {
    /// With its line end.
    line: Box<[u8]>,
    /// Where its instant stands.
    at: usize,
}

impl Events {
    pub(super) fn new(lines: &[String]) -> Result<Self, Error> {
        let event = |line: &String| {
            let at = position(line.as_bytes()).ok_or_else(|| wrong("an event without an instant"))?;
            Ok(Event { line: format!("{line}\n").into_bytes().into(), at })
        };
        Ok(Self(lines.iter().map(event).collect::<Result<_, Error>>()?))
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// All of them, so many times. Instants count from `began`.
    pub(super) fn read(&self, rounds: usize, pace: Pace, began: Instant) -> Reader {
        let total = self.count() * rounds;
        Reader { events: self.clone(), next: 0, total, pace, began, ready: Vec::new(), given: 0 }
    }
}

/// Where the instant of an event stands, behind which sixteen digits are.
fn position(line: &[u8]) -> Option<usize> {
    let at = line.windows(INSTANT.len()).position(|window| window == INSTANT)? + INSTANT.len();
    line.get(at..at + DIGITS)?.iter().all(u8::is_ascii_digit).then_some(at)
}

/// The instant that stands in a line.
pub(super) fn instant(line: &[u8]) -> Option<u64> {
    let at = position(line)?;
    std::str::from_utf8(line.get(at..at + DIGITS)?).ok()?.parse().ok()
}

/// What an instant of a steady rate is: a number of sixteen digits, microseconds behind it.
pub(super) const ZERO: u64 = 1_000_000_000_000_000;

/// Reads events as lines.
pub(super) struct Reader {
    events: Events,
    next: usize,
    total: usize,
    pace: Pace,
    began: Instant,
    ready: Vec<u8>,
    given: usize,
}

impl Reader {
    /// Makes the lines ready that are due, one at least.
    fn fill(&mut self) {
        self.ready.clear();
        self.given = 0;
        let until = match self.pace {
            Pace::AtOnce => self.next + 64,
            Pace::PerSecond(per_s) => loop {
                let due = (self.began.elapsed().as_secs_f64() * per_s) as usize;
                if due > self.next {
                    break due;
                }
                thread::sleep(BURST);
            },
        };
        let until = until.min(self.next + AT_ONCE).min(self.total);
        let micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let stamp = format!("{:0DIGITS$}", ZERO + micros);
        for nth in self.next..until {
            let Some(event) = self.events.0.get(nth % self.events.count()) else { break };
            let from = self.ready.len();
            self.ready.extend_from_slice(&event.line);
            let digits = self.ready.get_mut(from + event.at..from + event.at + DIGITS);
            if let (Pace::PerSecond(_), Some(digits)) = (self.pace, digits) {
                digits.copy_from_slice(stamp.as_bytes());
            }
        }
        self.next = until;
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() && self.next < self.total {
            self.fill();
        }
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let bytes = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..bytes), rest.get(..bytes)) {
            to.copy_from_slice(from);
        }
        self.given += bytes;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufRead as _;

    use super::*;

    fn events() -> Events {
        let line = |nth| format!(r#"{{"did":"a","time_us":178317588800000{nth},"kind":"x"}}"#);
        Events::new(&[line(1), line(2), line(3)]).ok().unwrap_or_else(|| panic!("they have instants"))
    }

    #[test]
    fn every_line_is_read_as_often_as_it_should_be() {
        let reader = io::BufReader::new(events().read(50, Pace::AtOnce, Instant::now()));

        let instants: Vec<_> = reader.lines().map_while(Result::ok).collect();

        assert_eq!(instants.len(), 150);
        let first = instants.first().and_then(|line| instant(line.as_bytes()));
        assert_eq!(first, Some(1_783_175_888_000_001));
    }

    #[test]
    fn lines_at_a_steady_rate_say_when_they_came() {
        let reader = io::BufReader::new(events().read(2, Pace::PerSecond(1000.0), Instant::now()));

        let instants: Vec<_> = reader.lines().map_while(Result::ok).collect();

        assert_eq!(instants.len(), 6);
        assert!(instants.iter().filter_map(|line| instant(line.as_bytes())).is_sorted());
        assert!(instants.iter().filter_map(|line| instant(line.as_bytes())).all(|at| at >= ZERO));
    }
}
