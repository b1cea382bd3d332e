//! The section `[enrichment]` of the configuration.

use serde::Deserialize;
use squall_connect::ndjson::{ATTEMPTS, LINE_LIMIT, TOTAL_BYTES};
use squall_topology::schema::{self, JsonSchema};
use squall_topology::settings::{Size, number, size};

use crate::enricher::KINDS;
use crate::{Enrichers, Room};

/// A segment is an eighth of the cap, and should hold some hundred events.
const OUTPUT_CAP_LEAST: u64 = 1024 * 1024;

/// A line of the longest has a place.
const PARK_LEAST: u64 = 1024 * 1024;

/// The section `[enrichment]`. How many tasks a component has stands in `[topology.enrichment.component.NAME]`.
///
/// ```toml
/// [enrichment]
/// rate = 500            # events a second that the generator makes
/// seed = 1              # the same seed gives the same events
/// output_cap = "64MiB"  # of all rotated segments
/// line_limit = "1MiB"   # a longer line of the input is named and skipped
/// attempts = 3          # deliveries of a line before it counts as failed
///
/// [enrichment.park]
/// activities = 100000   # that may wait for answers; then nothing further is read
/// bytes = "256MiB"      # of these activities
///
/// [enrichment.enricher.language]    # if no enricher is named, there is this one
/// type = "language"
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Events a second that the generator makes: 1 to 1,000,000.
    #[schemars(range(min = 1, max = 1_000_000))]
    #[serde(deserialize_with = "number::between::<_, 1, 1_000_000>")]
    pub rate: usize,
    /// What the generator begins with; the same seed gives the same events.
    pub seed: u64,
    /// Bytes of all rotated segments of the output: 1 MiB or more.
    #[serde(deserialize_with = "size::at_least::<_, OUTPUT_CAP_LEAST>")]
    pub output_cap: Size,
    /// Bytes that a line of the input may have.
    pub line_limit: Size,
    /// How often a line is delivered before it counts as failed.
    #[schemars(range(min = 1, max = 100))]
    #[serde(deserialize_with = "number::between::<_, 1, 100>")]
    pub attempts: usize,
    /// How much may wait for answers.
    pub park: ParkSettings,
    /// What is asked about activities, each under the name of the member that it adds; `language` alone if none is
    /// named.
    #[schemars(schema_with = "enrichers")]
    pub enricher: Enrichers,
}

/// The table `[enrichment.park]`: how much may wait for answers. When it is full, nothing further is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ParkSettings {
    /// Activities that may wait: 1 to 10,000,000.
    #[schemars(range(min = 1, max = 10_000_000))]
    #[serde(deserialize_with = "number::between::<_, 1, 10_000_000>")]
    pub activities: usize,
    /// Bytes of these activities and of the answers that they have: 1 MiB or more.
    #[serde(deserialize_with = "size::at_least::<_, PARK_LEAST>")]
    pub bytes: Size,
}

impl ParkSettings {
    /// The room of this size.
    pub fn room(&self) -> Room {
        Room::new(self.activities, self.bytes.bytes())
    }
}

impl Default for ParkSettings {
    fn default() -> Self {
        Self { activities: 100_000, bytes: Size(256 * 1024 * 1024) }
    }
}

fn enrichers(generator: &mut schema::SchemaGenerator) -> schema::Schema {
    schema::parts(generator, KINDS)
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: 500,
            seed: 1,
            output_cap: Size(TOTAL_BYTES),
            line_limit: Size(LINE_LIMIT as u64),
            attempts: ATTEMPTS as usize,
            park: ParkSettings::default(),
            enricher: Enrichers::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use squall_topology::Config;

    use super::*;
    use crate::OnFailure;

    #[test]
    fn what_is_not_said_has_its_default() {
        let mut config =
            Config::parse("squall.toml", "[enrichment]\nrate = 7\noutput_cap = \"1MiB\"").unwrap();

        let settings: Settings = config.section_or_default("enrichment");

        config.finish().unwrap();
        assert_eq!((settings.rate, settings.output_cap), (7, Size(1024 * 1024)));
        assert_eq!((settings.seed, settings.attempts), (1, ATTEMPTS as usize));
        assert_eq!(names(&settings), ["language"]);
    }

    fn names(settings: &Settings) -> Vec<&str> {
        settings.enricher.iter().map(|named| named.name().as_str()).collect()
    }

    #[test]
    fn enrichers_are_chosen_by_their_type_and_keep_what_they_declare_where_nothing_is_said() {
        let text = "
            [enrichment.enricher.language]
            type = 'language'
            calls = { concurrency = 3, on_failure = 'publish_incomplete' }
            [enrichment.enricher.where]
            type = 'links'
            ports = 'any'
            allow = ['10.1.0.0/16', '::1']
            cache = { ttl = '1h' }
            [enrichment.enricher.fame]
            type = 'influence-service'
            url = 'http://scores.internal/{key}?v=1'
            [enrichment.enricher.known]
            type = 'influence'
            table = 'people.ndjson'";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let settings: Settings = config.section_or_default("enrichment");

        config.finish().unwrap();
        assert_eq!(names(&settings), ["fame", "known", "language", "where"]);
        let language = settings.enricher.get("language").unwrap().declared();
        assert_eq!((language.concurrency, language.cache), (3, None));
        assert_eq!(language.on_failure, OnFailure::PublishIncomplete);
        assert_eq!(settings.enricher.get("fame").unwrap().declared().on_failure, OnFailure::Hold);
        let cache = settings.enricher.get("where").unwrap().declared().cache.unwrap();
        assert_eq!((cache.ttl.as_secs(), cache.missing_ttl.as_secs()), (3600, 300));
    }

    #[test]
    fn what_is_wrong_with_an_enricher_is_shown_at_its_very_value() {
        let text = "[enrichment.enricher.a]
type = 'langauge'
[enrichment.enricher.b]
type = 'links'
hops = 0
hop_time = 4
ports = 'all'
allow = ['10.1.2.3/16']
nothing = 1
calls = { concurrency = 0, retry = { attempts = 0 } }
cache = { size = '1KiB' }
[enrichment.enricher.c]
type = 'influence-service'
url = 'http://{key}.internal/'
[enrichment.enricher.d]
type = 'influence'";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let error = config.section::<Settings>("enrichment").unwrap_err();

        let lines: Vec<_> = error.errors.iter().filter_map(|fault| fault.line()).collect();
        assert_eq!(lines, [2, 5, 6, 7, 8, 9, 10, 10, 11, 14, 15], "{error}");
        let said = error.to_string();
        for what in [
            "did you mean `language`?",
            "\"10.1.0.0/16\"",
            "64.0 KiB",
            "behind the host",
            "`table` is needed",
        ] {
            assert!(said.contains(what), "{what}: {said}");
        }
    }

    #[test]
    fn an_enricher_cannot_be_called_as_the_reasons_are() {
        let text = "[enrichment.enricher.missing]\ntype = 'language'";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let error = config.section::<Settings>("enrichment").unwrap_err().to_string();

        assert!(error.contains("give this enricher another name"), "{error}");
    }

    #[test]
    fn editors_are_told_of_every_kind_of_enricher() {
        let mut config = Config::parse("squall.toml", "[enricher.x]\ntype = 'none of them'").unwrap();

        let error = config.parts::<Box<dyn crate::Enricher>>("enricher").unwrap_err();

        let told = error.errors.first().map(|fault| fault.expected().matches('`').count() / 2);
        assert_eq!(told, Some(KINDS.len()), "{error}");
        assert!(KINDS.iter().all(|kind| error.to_string().contains(kind.name())), "{error}");
    }

    #[test]
    fn numbers_without_sense_and_unknown_keys_are_refused_together() {
        let text = "[enrichment]\nrate = 0\nattempts = 0\nseeds = 3\noutput_cap = '1MB'\n\
                    [enrichment.park]\nactivities = 0\nbytes = '1kB'";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let error = config.section::<Settings>("enrichment").unwrap_err();

        let lines: Vec<_> = error.errors.iter().filter_map(|fault| fault.line()).collect();
        assert_eq!(lines, [2, 3, 4, 5, 7, 8], "{error}");
    }
}
