//! [`Group`]: what the broker says of a consumer group, besides what its members are told.

use std::time::Duration;

use rdkafka::{
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaResult,
    groups::GroupInfo,
};

use super::{
    assignment::partitions_of,
    orphans::{View, is_of},
    quiet::Quiet,
    source_settings::SourceSettings,
};

/// How long one question to the broker may take: whoever polls for a member waits for it.
const ANSWER: Duration = Duration::from_millis(500);

/// For what the client library tells meanwhile.
const NEWS: Duration = Duration::from_millis(5);

/// The group as anybody may see it.
///
/// It has connections of its own: a broker answers one request of a connection after the other, so that a question which a
/// member asks waits until there is something to fetch.
pub(super) struct Group {
    client: BaseConsumer<Quiet>,
    group: String,
    topic: String,
}

impl Group {
    /// Asks nothing yet, and is no member.
    pub(super) fn of(settings: &SourceSettings) -> KafkaResult<Self> {
        // As its members are set up, since options are checked against each other.
        let mut config = settings.client(0);
        for name in ["group.id", "group.instance.id", "statistics.interval.ms"] {
            config.remove(name);
        }
        let client = BaseConsumer::from_config_and_context(&config, Quiet)?;
        Ok(Self { client, group: settings.group.clone(), topic: settings.topic.clone() })
    }

    /// What it has assigned, if it moves nothing and that can be read.
    pub(super) fn view(&self) -> KafkaResult<Option<View>> {
        drop(self.client.poll(NEWS));
        let metadata = self.client.fetch_metadata(Some(&self.topic), ANSWER)?;
        let mut topics = metadata.topics().iter();
        let topic = topics.find(|topic| topic.name() == self.topic && topic.error().is_none());
        let count = topic.and_then(|topic| i32::try_from(topic.partitions().len()).ok());

        let groups = self.client.fetch_group_list(Some(&self.group), ANSWER)?;
        let is_at_rest = |group: &&GroupInfo| group.name() == self.group && group.state() == "Stable";
        let (Some(partitions), Some(group)) = (count, groups.groups().iter().find(is_at_rest)) else {
            return Ok(None);
        };
        let members = group.members().iter().map(|member| {
            let partitions = partitions_of(&self.topic, member.assignment().unwrap_or_default())?;
            Some((member.id().to_owned(), partitions.into_iter().collect()))
        });
        Ok(members.collect::<Option<_>>().map(|members| View { partitions, members }))
    }

    /// Whether it has a member of this name.
    pub(super) fn has(&self, name: &str) -> KafkaResult<bool> {
        let groups = self.client.fetch_group_list(Some(&self.group), ANSWER)?;
        let mut members = groups.groups().iter().flat_map(GroupInfo::members);
        Ok(members.any(|member| is_of(member.id(), name)))
    }
}
