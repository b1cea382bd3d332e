//! [`LettersSettings`]: where dead letters lie.

use serde::Deserialize;
use squall_ops::{Launch, StartError};
#[cfg(feature = "kafka")]
use squall_topology::Secret;
use squall_topology::schema::{JsonSchema, Kind};
use squall_topology::settings::{Size, size};

use super::Letters;
#[cfg(feature = "kafka")]
use crate::app::refused;
use crate::app::rotating;
#[cfg(not(feature = "kafka"))]
use crate::not_built::NotBuilt;
use crate::sink::CAP_LEAST;
#[cfg(feature = "kafka")]
use crate::{SinkSettings, SourceSettings, TopicOutput};
#[cfg(feature = "kafka")]
use squall_connect::kafka::{Options, OutputSettings};

/// What the segments are called.
const SEGMENTS: &str = "dead";

/// The kinds of places, for editors.
pub(crate) const KINDS: &[Kind] = &[
    Kind::of::<DeadFilesSettings>("files"),
    #[cfg(feature = "kafka")]
    Kind::of::<DeadTopicSettings>("kafka"),
];

/// Where dead letters lie: the table `[enrichment.dead_letters]`, whose `type` chooses.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LettersSettings {
    /// Rotated segments in the data directory.
    Files(DeadFilesSettings),
    /// A topic.
    #[cfg(feature = "kafka")]
    Kafka(Box<DeadTopicSettings>),
    /// A topic, which this binary cannot write to.
    #[cfg(not(feature = "kafka"))]
    Kafka(NotBuilt),
}

/// Rotated segments in the data directory.
///
/// ```toml
/// cap = "16MiB"   # of all segments
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeadFilesSettings {
    /// Bytes of all segments: 1 MiB or more.
    #[serde(deserialize_with = "size::at_least::<_, CAP_LEAST>")]
    pub cap: Size,
}

/// A topic of dead letters.
///
/// ```toml
/// topic = "activities-dead"
/// brokers = "one:9092"                           # those of the sink or of the source, if none are named
/// password = { file = "/run/secrets/kafka" }     # and their password and options with them
/// [options]
/// "compression.type" = "gzip"
/// ```
#[cfg(feature = "kafka")]
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadTopicSettings {
    /// The topic.
    pub topic: String,
    /// Where the brokers are, `host:port`, several with commas between. Those of the sink or of the source, if none are
    /// named: then their password and options hold, too.
    #[serde(default)]
    pub brokers: Option<String>,
    /// The password for SASL.
    #[serde(default)]
    pub password: Option<Secret>,
    /// Options of the client library, as they are.
    #[serde(default)]
    pub options: Options,
}

impl Default for DeadFilesSettings {
    fn default() -> Self {
        Self { cap: Size(16 * 1024 * 1024) }
    }
}

impl Default for LettersSettings {
    fn default() -> Self {
        Self::Files(DeadFilesSettings::default())
    }
}

impl LettersSettings {
    /// Opens the place; in a dry launch it only takes its place in the plan. The second is where letters go, in words.
    pub(crate) fn open(
        &self,
        #[cfg(feature = "kafka")] beside: (&SourceSettings, Option<&SinkSettings>),
        launch: &mut Launch<'_>,
    ) -> Result<(Letters, String), StartError> {
        match self {
            Self::Files(files) => {
                let (segments, place) = rotating(launch, SEGMENTS, files.cap)?;
                Ok((segments.map_or(Letters::Nowhere, Letters::files), place))
            }
            #[cfg(feature = "kafka")]
            Self::Kafka(topic) => topic.open(beside, launch),
            #[cfg(not(feature = "kafka"))]
            Self::Kafka(never) => match *never {},
        }
    }
}

#[cfg(feature = "kafka")]
impl DeadTopicSettings {
    fn open(
        &self,
        (source, sink): (&SourceSettings, Option<&SinkSettings>),
        launch: &mut Launch<'_>,
    ) -> Result<(Letters, String), StartError> {
        let output = self.output(source, sink).and_then(|settings| {
            let place = format!("the topic {} of {}", settings.topic, settings.brokers);
            let output =
                TopicOutput::prepare(&settings, launch.is_dry()).map_err(|error| error.to_string())?;
            Ok((Letters::Topic(output), place))
        });
        output.or_else(|why| refused(launch, "dead_letters", &why, (Letters::Nowhere, String::new())))
    }

    fn output(&self, source: &SourceSettings, sink: Option<&SinkSettings>) -> Result<OutputSettings, String> {
        let Self { topic, brokers, password, options } = self.clone();
        if let Some(brokers) = brokers {
            return Ok(OutputSettings { password, options, ..OutputSettings::new(brokers, topic) });
        }
        match (sink, source) {
            (Some(SinkSettings::Kafka(sink)), _) => Ok(OutputSettings { topic, ..(**sink).clone() }),
            (_, SourceSettings::Kafka(source)) => Ok(OutputSettings {
                password: source.password.clone(),
                options: source.options.clone(),
                ..OutputSettings::new(&source.brokers, topic)
            }),
            _ => Err("`brokers` is needed, since neither the source nor the sink has any".to_owned()),
        }
    }
}
