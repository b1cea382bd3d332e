//! [`Feed`]: generated events as they come, in whatever order and however often.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use squall_connect::ndjson::Line;

use super::schedule::Schedule;
use super::{Duplicates, Generated, Generator, GeneratorSettings, Reversed};

/// So that what is unruly changes nothing in the events of a seed.
const UNRULY: u64 = 0x5bd1_e995;

/// A feed of generated events that all tasks of a spout share, and that goes on when one of them is built again.
#[derive(Clone, Debug)]
pub struct Feed {
    state: Arc<Mutex<State>>,
    pub(super) schedule: Schedule,
}

#[derive(Debug)]
struct State {
    generator: Generator,
    /// Decides what is unruly.
    rng: Rng,
    /// Different events that are still to be made.
    left: usize,
    /// Lines that were given out.
    given: u64,
    /// What comes a second time, by the line after which it does and the one that it was.
    again: BTreeMap<(u64, u64), String>,
    duplicates: Option<Duplicates>,
    reversed: Option<Reversed>,
}

impl Feed {
    /// A regular feed of `rate` events a second, out of `seed`.
    pub fn new(seed: u64, rate: NonZeroU32) -> Self {
        let rate = usize::try_from(rate.get()).unwrap_or(usize::MAX);
        Self::of(&GeneratorSettings { seed, rate, ..GeneratorSettings::default() })
    }

    /// A feed that is set so.
    pub fn of(settings: &GeneratorSettings) -> Self {
        let state = State {
            generator: Generator::new(settings.seed),
            rng: Rng::with_seed(settings.seed ^ UNRULY),
            left: settings.events.unwrap_or(usize::MAX),
            given: 0,
            again: BTreeMap::new(),
            duplicates: settings.duplicates,
            reversed: settings.reversed,
        };
        Self { state: Arc::new(Mutex::new(state)), schedule: Schedule::of(settings) }
    }

    /// The spout of one of `tasks` tasks, each of which emits its share of the rate.
    pub fn spout(&self, tasks: usize) -> Generated {
        Generated::new(self.clone(), tasks)
    }

    /// How many lines were given out.
    pub(crate) fn given(&self) -> u64 {
        self.lock().given
    }

    /// Whether everything was given out that there is.
    pub(super) fn is_over(&self) -> bool {
        self.lock().is_over()
    }

    /// The next line, none if there is no more.
    pub(super) fn line(&self) -> Option<Line> {
        self.lock().line(now_us())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_over(&self) -> bool {
        self.left == 0 && self.again.is_empty()
    }

    fn line(&mut self, now: u64) -> Option<Line> {
        let event = self.due_again().or_else(|| self.event(now))?;
        self.given += 1;
        Some(Line::new(self.given, event))
    }

    /// What comes a second time now: also before its turn, when there is nothing else.
    fn due_again(&mut self) -> Option<String> {
        let first = self.again.first_entry()?;
        (first.key().0 <= self.given || self.left == 0).then(|| first.remove())
    }

    fn event(&mut self, now: u64) -> Option<String> {
        self.left = self.left.checked_sub(1)?;
        let time = self.time(now);
        let event = self.generator.event(time);
        let Some(Duplicates { share, within }) = self.duplicates else { return Some(event) };
        if self.rng.f64() < share {
            let between = self.rng.usize(1..=within.max(1));
            self.again.insert((self.given.saturating_add(between as u64), self.given), event.clone());
        }
        Some(event)
    }

    /// The time that an event has, if it is made at `now`: microseconds since 1970.
    fn time(&mut self, now: u64) -> u64 {
        let Some(Reversed { share, by }) = self.reversed else { return now };
        if self.rng.f64() >= share {
            return now;
        }
        let most = u64::try_from(by.as_micros()).unwrap_or(u64::MAX).max(1);
        now.saturating_sub(self.rng.u64(1..=most))
    }
}

/// Microseconds since 1970.
fn now_us() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::EventId;

    const NOW: u64 = 1_783_175_888_000_000;

    fn lines(settings: &GeneratorSettings) -> Vec<String> {
        let feed = Feed::of(settings);
        let lines = std::iter::from_fn(|| feed.lock().line(NOW)).map(|line| line.text().to_owned()).collect();
        assert!(feed.is_over());
        lines
    }

    #[test]
    fn it_ends_with_its_last_event_and_is_the_same_for_a_seed() {
        let settings = GeneratorSettings { events: Some(100), seed: 9, ..GeneratorSettings::default() };
        let mut generator = Generator::new(9);
        let expected: Vec<_> = (0..100).map(|_| generator.event(NOW)).collect();

        assert_eq!(lines(&settings), expected);
    }

    #[test]
    fn a_share_of_the_events_comes_twice_a_little_later() {
        let settings = GeneratorSettings {
            events: Some(20_000),
            duplicates: Some(Duplicates { share: 0.1, within: 50 }),
            ..GeneratorSettings::default()
        };

        let lines = lines(&settings);

        let mut places: HashMap<EventId, Vec<usize>> = HashMap::new();
        for (place, line) in lines.iter().enumerate() {
            places.entry(EventId::of(line).unwrap()).or_default().push(place);
        }
        assert_eq!(places.len(), 20_000);
        let twice: Vec<_> = places.values().filter(|places| places.len() > 1).collect();
        assert!((1_800..2_200).contains(&twice.len()), "{}", twice.len());
        for places in twice {
            // Those that come twice themselves come in between, too.
            assert!(places.len() == 2 && places[1] - places[0] <= 2 * 51, "{places:?}");
            assert_eq!(lines[places[0]], lines[places[1]]);
        }
    }

    #[test]
    fn a_share_of_the_clocks_is_behind_and_nothing_else_changes() {
        let by = Duration::from_secs(3600);
        let settings = GeneratorSettings { events: Some(10_000), ..GeneratorSettings::default() };
        let regular = lines(&settings);
        let lines = lines(&GeneratorSettings { reversed: Some(Reversed { share: 0.05, by }), ..settings });
        let time = |line: &String| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            event["time_us"].as_u64().unwrap()
        };

        let behind: Vec<_> = lines.iter().zip(&regular).filter(|(line, other)| line != other).collect();
        assert!((400..600).contains(&behind.len()), "{}", behind.len());
        for (line, other) in behind {
            assert!((1..=3_600_000_000).contains(&(time(other) - time(line))), "{line}");
            assert_eq!(EventId::of(line), EventId::of(other));
        }
    }
}
