//! Reads a topic from its first to its last record.

use std::time::Duration;

use rdkafka::{
    ClientConfig, Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
};

use super::{
    book::Seen,
    sample::sum,
    topics::{PARTITIONS, Topics},
};
use crate::{Error, enrich::wrong};

/// A broker that has more has sent something by then.
const PATIENCE: Duration = Duration::from_secs(60);

/// Shows each record of a topic to `see`, those of a partition in their order.
pub(super) fn read(topics: &Topics, topic: &str, mut see: impl FnMut(&Seen<'_>)) -> Result<(), Error> {
    let count = sum(&topics.ends(topic)?);
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &topics.brokers)
        // The library wants one; nothing is committed, nobody joins.
        .set("group.id", format!("{}-reader", topics.group))
        .set("enable.auto.commit", "false")
        .set("queued.max.messages.kbytes", "65536");
    let consumer: BaseConsumer = config.create().map_err(wrong)?;
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(topic, partition, Offset::Beginning).map_err(wrong)?;
    }
    consumer.assign(&list).map_err(wrong)?;
    for read in 0..count {
        let record = consumer.poll(PATIENCE).ok_or_else(|| {
            wrong(format!("{topic} has {count} records, and {} of them do not come", count - read))
        })?;
        let record = record.map_err(wrong)?;
        see(&Seen {
            partition: record.partition(),
            offset: record.offset(),
            key: record.key(),
            value: record.payload().unwrap_or_default(),
        });
    }
    Ok(())
}
