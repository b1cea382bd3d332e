//! [`SourceSettings`]: where activities come from.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use squall_ops::{Launch, StartError};
use squall_topology::schema::Kind;
use url::Url;

use super::feed_name::file_name;
use super::{JetstreamSettings, JetstreamSource, LinesSettings, WikimediaSettings, WikimediaSource};
use crate::app::{FOLDER, refused};
#[cfg(not(feature = "kafka"))]
use crate::not_built::NotBuilt;
use crate::{Feed, GeneratorSettings, Source};
#[cfg(feature = "kafka")]
use squall_connect::kafka;

/// The kinds of sources, for editors.
pub(crate) const KINDS: &[Kind] = &[
    Kind::of::<GeneratorSettings>("generator"),
    Kind::of::<JetstreamSettings>("jetstream"),
    #[cfg(feature = "kafka")]
    Kind::of::<kafka::SourceSettings>("kafka"),
    Kind::of::<LinesSettings>("lines"),
    Kind::of::<WikimediaSettings>("wikimedia"),
];

/// Where activities come from: the table `[enrichment.source]`, whose `type` chooses.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceSettings {
    /// Generated events.
    Generator(GeneratorSettings),
    /// A Jetstream of Bluesky.
    Jetstream(JetstreamSettings),
    /// A topic.
    #[cfg(feature = "kafka")]
    Kafka(Box<kafka::SourceSettings>),
    /// A topic, which this binary cannot read.
    #[cfg(not(feature = "kafka"))]
    Kafka(NotBuilt),
    /// Lines of a file.
    Lines(LinesSettings),
    /// The changes of wikis.
    Wikimedia(WikimediaSettings),
}

impl Default for SourceSettings {
    fn default() -> Self {
        Self::Generator(GeneratorSettings::default())
    }
}

impl SourceSettings {
    /// The lines of `path` instead, with whatever is said of lines here.
    #[must_use]
    pub(crate) fn reading(&self, path: &str) -> Self {
        Self::Lines(match self {
            Self::Lines(lines) => LinesSettings { path: path.to_owned(), ..lines.clone() },
            _ => LinesSettings::new(path),
        })
    }

    /// Opens it; in a dry launch it only takes its place in the plan.
    pub(crate) fn open(&self, launch: &mut Launch<'_>) -> Result<Source, StartError> {
        match self {
            Self::Generator(generator) => Ok(Source::Feed(Feed::of(generator))),
            Self::Lines(lines) if launch.is_dry() => Ok(Source::Lines(lines.planned())),
            Self::Lines(lines) => lines
                .open()
                .map(Source::Lines)
                .map_err(|error| StartError::unavailable(format!("cannot read {}: {error}", lines.path))),
            Self::Jetstream(jetstream) => {
                let cursor = cursor(launch, &jetstream.name())?;
                JetstreamSource::open(jetstream.clone(), cursor.as_deref())
                    .map(Source::Jetstream)
                    .or_else(|error| refused(launch, "source", &error, instead()))
            }
            Self::Wikimedia(wikimedia) => {
                let cursor = cursor(launch, &wikimedia.name())?;
                WikimediaSource::open(wikimedia.clone(), cursor.as_deref())
                    .map(Source::Wikimedia)
                    .or_else(|error| refused(launch, "source", &error, instead()))
            }
            #[cfg(feature = "kafka")]
            Self::Kafka(topic) => kafka::KafkaSource::new((**topic).clone())
                .map(Source::Kafka)
                .or_else(|error| refused(launch, "source", &error, instead())),
            #[cfg(not(feature = "kafka"))]
            Self::Kafka(never) => match *never {},
        }
    }

    /// What is read, in words for whoever starts the process.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Generator(GeneratorSettings { rate, .. }) => {
                format!("generates {rate} events a second (--input FILE reads yours)")
            }
            Self::Lines(lines) => format!("reads {}", lines.path),
            Self::Jetstream(JetstreamSettings { url, .. }) => format!("reads the Jetstream {}", shown(url)),
            Self::Wikimedia(WikimediaSettings { url, .. }) => format!("reads the feed {}", shown(url)),
            #[cfg(feature = "kafka")]
            Self::Kafka(topic) => {
                let kafka::SourceSettings { topic, brokers, group, .. } = &**topic;
                format!("reads the topic {topic} of {brokers} in the group {group}")
            }
            #[cfg(not(feature = "kafka"))]
            Self::Kafka(never) => match *never {},
        }
    }
}

/// What stands in a plan that is refused.
fn instead() -> Source {
    Source::Feed(Feed::of(&GeneratorSettings::default()))
}

/// The file of the cursor of a feed with this name; none in a dry launch.
fn cursor(launch: &mut Launch<'_>, name: &str) -> Result<Option<PathBuf>, StartError> {
    if launch.is_dry() {
        return Ok(None);
    }
    let folder = launch.data_dir()?.join(FOLDER);
    fs::create_dir_all(&folder)
        .map_err(|error| StartError::unavailable(format!("cannot make {}: {error}", folder.display())))?;
    Ok(Some(folder.join(file_name(name))))
}

/// An address without what may be a credential.
fn shown(address: &str) -> String {
    let Ok(address) = Url::parse(address) else { return String::new() };
    format!("{}://{}{}", address.scheme(), address.host_str().unwrap_or_default(), address.path())
}
