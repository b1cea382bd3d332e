//! The section `[enrichment]` of the configuration.

use std::num::NonZeroU32;

use serde::Deserialize;
use squall_topology::Part;
use squall_topology::schema::{self, JsonSchema};
use squall_topology::settings::{Size, number, size};

use crate::{Capacity, Enrichers, LettersSettings, Room, SinkSettings, SourceSettings};
use crate::{enricher, letters, sink, source};

/// The name of the section.
pub(crate) const SECTION: &str = "enrichment";

/// A line of the longest has a place.
const PARK_LEAST: u64 = 1024 * 1024;

/// The section `[enrichment]`. How many tasks a component has stands in `[topology.enrichment.component.NAME]`.
///
/// ```toml
/// [enrichment]
/// capacity = 20000      # activities a second that are taken in at most; without it, as many as can be done
///
/// [enrichment.source]   # where activities come from
/// type = "generator"    # or "lines", "jetstream", "wikimedia", "kafka"
/// rate = 500
///
/// [enrichment.sink]     # where they go
/// type = "files"        # or "sqlite", "postgres", "kafka"
/// cap = "64MiB"
///
/// [enrichment.dead_letters]   # where that goes which could not be done
/// type = "files"              # or "kafka"
///
/// [enrichment.park]
/// activities = 100000   # that may wait for answers; then nothing further is read
/// bytes = "256MiB"      # of these activities
///
/// [enrichment.enricher.language]    # if no enricher is named, there is this one
/// type = "language"
/// ```
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Activities a second that this process takes in at most: 1 to 1,000,000. Without it, as many as it can.
    #[schemars(range(min = 1, max = 1_000_000))]
    #[serde(deserialize_with = "number::optional::<_, 1, 1_000_000>")]
    pub capacity: Option<usize>,
    /// Where activities come from: what the generator makes, if nothing is said.
    #[schemars(schema_with = "sources")]
    pub source: Part<SourceSettings>,
    /// Where activities go: to rotated files in the data directory, if nothing is said.
    #[schemars(schema_with = "sinks")]
    pub sink: Option<Part<SinkSettings>>,
    /// Where that goes which is no activity, or could not be done: to rotated files in the data directory, if nothing is
    /// said and the source is neither generated nor lines, whose dead letters are counted and named.
    #[schemars(schema_with = "places_of_letters")]
    pub dead_letters: Option<Part<LettersSettings>>,
    /// How much may wait for answers.
    pub park: ParkSettings,
    /// What is asked about activities, each under the name of the member that it adds; `language` alone if none is
    /// named.
    #[schemars(schema_with = "enrichers")]
    pub enricher: Enrichers,
}

impl Settings {
    /// How many activities a second are taken in.
    pub fn capacity(&self) -> Capacity {
        let limit = self.capacity.and_then(|limit| u32::try_from(limit).ok()).and_then(NonZeroU32::new);
        limit.map_or_else(Capacity::default, Capacity::per_s)
    }

    /// Where activities go.
    pub(crate) fn sink(&self) -> SinkSettings {
        self.sink.as_ref().map_or_else(SinkSettings::default, |part| part.0.clone())
    }
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
    schema::parts(generator, enricher::KINDS)
}

fn sources(generator: &mut schema::SchemaGenerator) -> schema::Schema {
    schema::part(generator, source::KINDS)
}

fn sinks(generator: &mut schema::SchemaGenerator) -> schema::Schema {
    schema::part(generator, sink::KINDS)
}

fn places_of_letters(generator: &mut schema::SchemaGenerator) -> schema::Schema {
    schema::part(generator, letters::KINDS)
}

#[cfg(test)]
mod tests {
    use squall_topology::Config;

    use squall_connect::ndjson::ATTEMPTS;

    use super::*;
    use crate::enricher::KINDS;
    use crate::{FilesSettings, GeneratorSettings, LinesSettings, OnFailure};

    #[test]
    fn what_is_not_said_has_its_default() {
        let text = "[enrichment.source]\ntype = 'generator'\nrate = 7\n\
                    [enrichment.sink]\ntype = 'files'\n[enrichment.dead_letters]\ntype = 'files'";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let settings: Settings = config.section_or_default("enrichment");

        config.finish().unwrap();
        let SourceSettings::Generator(generator) = settings.source.0.clone() else { panic!("{settings:?}") };
        assert_eq!(generator, GeneratorSettings { rate: 7, ..GeneratorSettings::default() });
        let Some(Part(SinkSettings::Files(files))) = settings.sink.clone() else { panic!("{settings:?}") };
        assert_eq!(files, FilesSettings { cap: Size(64 * 1024 * 1024) });
        assert_eq!(settings.capacity().limit(), None);
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
        let text = "[enrichment]\ncapacity = 0\nseeds = 3\n\
                    [enrichment.source]\ntype = 'generator'\nrate = 0\nseeds = 3\n\
                    [enrichment.sink]\ntype = 'files'\ncap = '1MB'\n\
                    [enrichment.park]\nactivities = 0\nbytes = '1kB'";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let error = config.section::<Settings>("enrichment").unwrap_err();

        let lines: Vec<_> = error.errors.iter().filter_map(|fault| fault.line()).collect();
        assert_eq!(lines, [2, 3, 6, 7, 10, 12, 13], "{error}");
    }

    #[test]
    fn what_is_wrong_with_a_source_or_a_sink_is_shown_at_its_very_value() {
        let text = "[enrichment.source]
type = 'lines'
path = 7
line_limit = 'long'
attempts = 101
[enrichment.sink]
type = 'fils'
[enrichment.dead_letters]
cap = '1MiB'";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let error = config.section::<Settings>("enrichment").unwrap_err();

        let lines: Vec<_> = error.errors.iter().filter_map(|fault| fault.line()).collect();
        assert_eq!(lines, [3, 4, 5, 7, 8], "{error}");
        assert!(error.to_string().contains("did you mean `files`?"), "{error}");
    }

    #[cfg(feature = "kafka")]
    #[test]
    fn what_is_wrong_with_a_topic_is_shown_at_its_very_value() {
        let text = "[enrichment.source]
type = 'kafka'
brokers = 'one:9092'
topic = 'a'
group = 'b'
tasks = 0
strat = 'latest'
session_timeout = 3
options = { 'group.id' = 'c' }
[enrichment.sink]
type = 'kafka'
brokers = 'one:9092'
topic = 'c'
password = 'hunter2'
[enrichment.dead_letters]
type = 'kafka'
topic = 7";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let error = config.section::<Settings>("enrichment").unwrap_err();

        let lines: Vec<_> = error.errors.iter().filter_map(|fault| fault.line()).collect();
        assert_eq!(lines, [6, 7, 8, 9, 14, 17], "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_run_over_a_file_keeps_what_is_said_of_lines() {
        let lines = LinesSettings { attempts: 7, ..LinesSettings::new("a.ndjson") };

        let SourceSettings::Lines(read) = SourceSettings::Lines(lines).reading("b.ndjson") else { panic!() };
        let SourceSettings::Lines(other) = SourceSettings::default().reading("-") else { panic!() };

        assert_eq!((read.path.as_str(), read.attempts), ("b.ndjson", 7));
        assert_eq!((other.path.as_str(), other.attempts), ("-", ATTEMPTS as usize));
    }
}
