//! [`SinkSettings`]: where activities go.

use std::sync::Arc;

use serde::Deserialize;
#[cfg(feature = "kafka")]
use squall_connect::kafka;
use squall_connect::ndjson::{LineOutput, TOTAL_BYTES};
use squall_connect::sql;
use squall_ops::{Launch, StartError};
use squall_topology::schema::{JsonSchema, Kind};
use squall_topology::settings::{Size, size};

#[cfg(feature = "kafka")]
use super::TopicOutput;
use super::{PostgresSettings, Sink, SqliteSettings};
use crate::Source;
use crate::Tally;
use crate::app::{refused, rotating};
#[cfg(not(feature = "kafka"))]
use crate::not_built::NotBuilt;

/// What the segments are called.
const SEGMENTS: &str = "activities";

/// A segment is an eighth of the cap, and should hold some hundred events.
pub(crate) const CAP_LEAST: u64 = 1024 * 1024;

/// The kinds of sinks, for editors.
pub(crate) const KINDS: &[Kind] = &[
    Kind::of::<FilesSettings>("files"),
    #[cfg(feature = "kafka")]
    Kind::of::<kafka::OutputSettings>("kafka"),
    Kind::of::<PostgresSettings>("postgres"),
    Kind::of::<SqliteSettings>("sqlite"),
];

/// Where activities go: the table `[enrichment.sink]`, whose `type` chooses.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SinkSettings {
    /// Rotated segments in the data directory.
    Files(FilesSettings),
    /// A topic.
    #[cfg(feature = "kafka")]
    Kafka(Box<kafka::OutputSettings>),
    /// A topic, which this binary cannot write to.
    #[cfg(not(feature = "kafka"))]
    Kafka(NotBuilt),
    /// A table on a server.
    Postgres(PostgresSettings),
    /// A table in a file.
    Sqlite(SqliteSettings),
}

/// Rotated segments in the data directory.
///
/// ```toml
/// cap = "64MiB"   # of all segments
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FilesSettings {
    /// Bytes of all segments: 1 MiB or more.
    #[serde(deserialize_with = "size::at_least::<_, CAP_LEAST>")]
    pub cap: Size,
}

impl Default for FilesSettings {
    fn default() -> Self {
        Self { cap: Size(TOTAL_BYTES) }
    }
}

impl Default for SinkSettings {
    fn default() -> Self {
        Self::Files(FilesSettings::default())
    }
}

impl SinkSettings {
    /// Opens it for what comes from `source`; in a dry launch it only takes its place in the plan. The second is where
    /// activities go, in words.
    pub(crate) fn open(
        &self,
        source: &Source,
        tally: &Arc<Tally>,
        launch: &mut Launch<'_>,
    ) -> Result<(Sink, String), StartError> {
        match self {
            Self::Files(files) => {
                let (segments, place) = rotating(launch, SEGMENTS, files.cap)?;
                let output = segments.map_or_else(nowhere, LineOutput::Rotating);
                Ok((Sink::of(output, source, tally), place))
            }
            #[cfg(feature = "kafka")]
            Self::Kafka(topic) => {
                let place = format!("the topic {} of {}", topic.topic, topic.brokers);
                let output = TopicOutput::prepare(topic, launch.is_dry());
                let sink = match output {
                    Ok(output) => Sink::Topic(output, source.ids()),
                    Err(error) => refused(launch, "sink", &error, Sink::of(nowhere(), source, tally))?,
                };
                Ok((sink, place))
            }
            #[cfg(not(feature = "kafka"))]
            Self::Kafka(never) => match *never {},
            Self::Sqlite(sqlite) => table(sqlite.options(), source, launch),
            Self::Postgres(postgres) => match postgres.options() {
                Ok(options) => table(options, source, launch),
                Err(error) => refused(launch, "sink", &error, (Sink::Table(None), String::new())),
            },
        }
    }
}

/// Opens a table, and claims what comes from `source`.
fn table(
    options: sql::Options,
    source: &Source,
    launch: &mut Launch<'_>,
) -> Result<(Sink, String), StartError> {
    let place = format!("the table `activities` of {options}");
    if launch.is_dry() {
        return Ok((Sink::Table(None), place));
    }
    let output = launch.block_on(source.claim(options)).map_err(StartError::unavailable)?;
    Ok((Sink::Table(Some(output)), place))
}

/// An output that stands in a plan which is not run.
pub(crate) fn nowhere() -> LineOutput {
    LineOutput::stream("nowhere", std::io::sink())
}
