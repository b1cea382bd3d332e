//! [`GeneratorSettings`]: how many events are made, and how unruly they are.

use std::fmt;
use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use squall_topology::schema::JsonSchema;
use squall_topology::settings::{duration, number};

/// How a generator is set: how fast events come, and how unruly. What is left out is regular.
///
/// ```toml
/// rate = 500            # events a second
/// seed = 1              # the same seed gives the same events
/// events = 1_000_000    # then it ends; without it, it never does
/// bursts = { every = "1m", for = "5s", rate = 50_000 }  # the last five seconds of each minute are faster
/// duplicates = { share = 0.01, within = 1000 }          # one in a hundred comes twice
/// reversed = { share = 0.001, by = "1h" }               # one in a thousand is of an earlier time
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GeneratorSettings {
    /// Events a second: 1 to 1,000,000.
    #[schemars(range(min = 1, max = 1_000_000))]
    #[serde(deserialize_with = "number::between::<_, 1, 1_000_000>")]
    pub rate: usize,
    /// What the generator begins with; the same seed gives the same events.
    pub seed: u64,
    /// How many different events are made before it ends: 1 or more. It never ends if nothing is said.
    #[schemars(range(min = 1))]
    #[serde(deserialize_with = "number::optional::<_, 1, { usize::MAX }>")]
    pub events: Option<usize>,
    /// When events come faster.
    pub bursts: Option<Bursts>,
    /// Which events come twice.
    pub duplicates: Option<Duplicates>,
    /// Which events are of an earlier time than what came before them.
    pub reversed: Option<Reversed>,
}

impl Default for GeneratorSettings {
    fn default() -> Self {
        Self { rate: 500, seed: 1, events: None, bursts: None, duplicates: None, reversed: None }
    }
}

/// When events come faster: in the last `for` of each `every`, from the start on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Bursts {
    /// From the end of a burst to the end of the next one.
    #[schemars(with = "duration::Text")]
    pub every: Duration,
    /// How long a burst is: shorter than `every`.
    #[schemars(rename = "for", with = "duration::Text")]
    pub lasting: Duration,
    /// Events a second meanwhile: 1 to 1,000,000.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub rate: usize,
}

impl<'de> Deserialize<'de> for Bursts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The two durations before they are held against each other.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Said {
            #[serde(with = "duration")]
            every: Duration,
            #[serde(rename = "for", with = "duration")]
            lasting: Duration,
            #[serde(deserialize_with = "number::between::<_, 1, 1_000_000>")]
            rate: usize,
        }

        let Said { every, lasting, rate } = Said::deserialize(deserializer)?;
        if lasting >= every {
            return Err(D::Error::custom(format_args!(
                "expected bursts that are shorter than the time from one to the next, found `for` of {lasting:?} in \
                 `every` of {every:?}; set `rate` if all the time is a burst",
            )));
        }
        Ok(Self { every, lasting, rate })
    }
}

/// Which events come twice, with the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duplicates {
    /// The share of the events: 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    #[serde(deserialize_with = "share")]
    pub share: f64,
    /// How many other events come in between, at most, unless several are due at once: 1 to 100,000.
    #[schemars(range(min = 1, max = 100_000))]
    #[serde(default = "within", deserialize_with = "number::between::<_, 1, 100_000>")]
    pub within: usize,
}

fn within() -> usize {
    1000
}

/// Which events are of an earlier time than what came before them, as if the clock of their server was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reversed {
    /// The share of the events: 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    #[serde(deserialize_with = "share")]
    pub share: f64,
    /// How much earlier, at most.
    #[serde(default = "by", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub by: Duration,
}

fn by() -> Duration {
    Duration::from_secs(3600)
}

/// Reads a number from 0 to 1.
fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    struct Share;

    impl Visitor<'_> for Share {
        type Value = f64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a share: a number from 0 to 1")
        }

        fn visit_f64<E: Error>(self, share: f64) -> Result<f64, E> {
            // Not a number is in no range.
            if (0.0..=1.0).contains(&share) {
                return Ok(share);
            }
            Err(E::custom(format_args!("expected a share from 0 to 1, found {share}")))
        }

        fn visit_i64<E: Error>(self, share: i64) -> Result<f64, E> {
            self.visit_f64(share as f64)
        }

        fn visit_u64<E: Error>(self, share: u64) -> Result<f64, E> {
            self.visit_f64(share as f64)
        }
    }

    deserializer.deserialize_any(Share)
}

#[cfg(test)]
mod tests {
    use squall_topology::Config;

    use super::*;

    #[test]
    fn what_is_not_said_is_regular() {
        let mut config = Config::parse("squall.toml", "[generator]\nrate = 7").unwrap();

        let settings: GeneratorSettings = config.section_or_default("generator");

        config.finish().unwrap();
        assert_eq!(settings, GeneratorSettings { rate: 7, ..GeneratorSettings::default() });
    }

    #[test]
    fn every_number_has_its_bounds_and_is_shown_where_it_stands() {
        let text = "[generator]
rate = 1_000_001
events = 0
bursts = { every = '5s', for = '1s', rate = 0 }
duplicates = { share = 1.5, within = 100_001 }
reversed = { share = nan }
[other]
bursts = { every = '5s', for = '5s', rate = 9 }
duplicates = { share = -1 }
reversed = { share = 1, by = '0s', to = 3 }";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let mut lines = Vec::new();
        for table in ["generator", "other"] {
            let error = config.section::<GeneratorSettings>(table).unwrap_err();
            lines.extend(error.errors.iter().filter_map(|fault| fault.line()));
        }

        assert_eq!(lines, [2, 3, 4, 5, 5, 6, 8, 9, 10, 10]);
    }

    #[test]
    fn all_of_it_can_be_said() {
        let text = "[generator]
            events = 10
            bursts = { every = '1m', for = '5s', rate = 50_000 }
            duplicates = { share = 0.5 }
            reversed = { share = 1 }";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let settings: GeneratorSettings = config.section("generator").unwrap().unwrap();

        let seconds = Duration::from_secs;
        assert_eq!(settings.events, Some(10));
        assert_eq!(settings.bursts, Some(Bursts { every: seconds(60), lasting: seconds(5), rate: 50_000 }));
        assert_eq!(settings.duplicates, Some(Duplicates { share: 0.5, within: 1000 }));
        assert_eq!(settings.reversed, Some(Reversed { share: 1.0, by: seconds(3600) }));
    }
}
