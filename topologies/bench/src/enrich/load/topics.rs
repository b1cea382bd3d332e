//! The topics of a load, and how they stand.

use std::{
    thread,
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    error::KafkaResult,
};

use crate::{Error, enrich::wrong};

/// Partitions of what comes in and goes out.
pub(super) const PARTITIONS: i32 = 8;

/// A text of 1 MiB, and what is added to it, has to fit.
pub(super) const LARGEST: &str = "4194304";

/// How long a broker may take to answer.
const ANSWERS: Duration = Duration::from_secs(20);

/// How long it may be unable to say what is asked: whoever coordinates a group may still be starting, or be moving.
const UNABLE: Duration = Duration::from_secs(60);

/// The time between two questions.
const AGAIN: Duration = Duration::from_millis(100);

/// Topics of their own, which are removed when this is dropped.
pub(super) struct Topics {
    pub(super) brokers: String,
    pub(super) input: String,
    pub(super) output: String,
    pub(super) dead: String,
    pub(super) group: String,
    admin: AdminClient<DefaultClientContext>,
    /// It asks, and is no member of the group.
    asks: BaseConsumer,
}

impl Topics {
    /// Makes them.
    pub(super) fn create(brokers: &str) -> Result<Self, Error> {
        let run = format!("squall-load-{:08x}", fastrand::u32(..));
        let named = |what: &str| format!("{run}-{what}");
        let client = |extra: &[(&str, &str)]| {
            let mut config = ClientConfig::new();
            config.set("bootstrap.servers", brokers);
            extra.iter().for_each(|(key, value)| {
                config.set(*key, *value);
            });
            config
        };
        let group = named("workers");
        let topics = Self {
            brokers: brokers.to_owned(),
            input: named("in"),
            output: named("out"),
            dead: named("dead"),
            admin: client(&[]).create().map_err(wrong)?,
            asks: client(&[("group.id", &group)]).create().map_err(wrong)?,
            group,
        };
        let new = |name| {
            NewTopic::new(name, PARTITIONS, TopicReplication::Fixed(1)).set("max.message.bytes", LARGEST)
        };
        let all = [new(&topics.input), new(&topics.output), new(&topics.dead)];
        let made = block_on(
            topics.admin.create_topics(&all, &AdminOptions::new().operation_timeout(Some(ANSWERS))),
        )?;
        for one in made.map_err(|error| wrong(format!("topics cannot be made at {brokers}: {error}")))? {
            one.map_err(|(name, code)| {
                wrong(format!("the topic {name} cannot be made at {brokers}: {code}"))
            })?;
        }
        Ok(topics)
    }

    /// The offset behind the last record of each partition.
    pub(super) fn ends(&self, topic: &str) -> Result<Vec<i64>, Error> {
        let end = |partition| self.asks.fetch_watermarks(topic, partition, ANSWERS).map(|(_, high)| high);
        (0..PARTITIONS).map(|partition| until_answered(|| end(partition))).collect()
    }

    /// What the group has done of each partition of what comes in.
    pub(super) fn committed(&self) -> Result<Vec<i64>, Error> {
        let mut list = TopicPartitionList::new();
        list.add_partition_range(&self.input, 0, PARTITIONS - 1);
        let list = until_answered(|| {
            let list = self.asks.committed_offsets(list.clone(), ANSWERS)?;
            list.elements().iter().try_for_each(|one| one.error())?;
            Ok(list)
        })?;
        let offset = |partition| match list.find_partition(&self.input, partition).map(|found| found.offset())
        {
            Some(Offset::Offset(offset)) => offset,
            _ => 0,
        };
        Ok((0..PARTITIONS).map(offset).collect())
    }
}

/// Asks a broker until it knows the answer.
fn until_answered<T>(ask: impl Fn() -> KafkaResult<T>) -> Result<T, Error> {
    let until = Instant::now() + UNABLE;
    loop {
        match ask() {
            Ok(answer) => return Ok(answer),
            Err(_) if Instant::now() < until => thread::sleep(AGAIN),
            Err(error) => {
                return Err(wrong(format!(
                    "the broker could not say it for {} s: {error}",
                    UNABLE.as_secs()
                )));
            }
        }
    }
}

impl Drop for Topics {
    fn drop(&mut self) {
        let all = [self.input.as_str(), &self.output, &self.dead];
        // They are in nobody's way if they cannot be removed now.
        block_on(self.admin.delete_topics(&all, &AdminOptions::new())).ok();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Error> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(future))
}
