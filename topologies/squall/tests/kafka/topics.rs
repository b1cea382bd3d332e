//! Topics of a real broker.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

/// Beyond this a test hangs.
const HANGS: Duration = Duration::from_secs(120);

/// A topic with a name of its own.
pub(crate) struct Topic {
    pub(crate) name: String,
    brokers: String,
    partitions: i32,
}

/// What stands in a topic.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: BTreeMap<String, String>,
}

impl Read {
    pub(crate) fn key(&self) -> String {
        String::from_utf8(self.key.clone().unwrap()).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.value.clone().unwrap()).unwrap()
    }
}

impl Topic {
    pub(crate) fn make(brokers: &str, name: &str, partitions: i32) -> Self {
        let name = format!("{name}-{:08x}", fastrand::u32(..));
        let admin: AdminClient<DefaultClientContext> = client(brokers).create().unwrap();
        let topic = NewTopic::new(&name, partitions, TopicReplication::Fixed(1));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let made = runtime.block_on(admin.create_topics([&topic], &AdminOptions::new())).unwrap();
        made.into_iter().for_each(|one| _ = one.unwrap());
        Self { name, brokers: brokers.to_owned(), partitions }
    }

    /// Writes these values, each with the key and to the partition that are given.
    pub(crate) fn write<V: AsRef<[u8]>>(&self, records: impl IntoIterator<Item = (i32, String, Option<V>)>) {
        let producer: BaseProducer = client(&self.brokers).create().unwrap();
        for (partition, key, value) in records {
            let mut record =
                BaseRecord::<[u8], [u8]>::to(&self.name).partition(partition).key(key.as_bytes());
            if let Some(value) = &value {
                record = record.payload(value.as_ref());
            }
            producer.send(record).unwrap();
            producer.poll(Duration::ZERO);
        }
        producer.flush(HANGS).unwrap();
    }

    /// Reads from the beginning until `is_all`.
    pub(crate) fn read_until(&self, what: &str, is_all: impl Fn(&[Read]) -> bool) -> Vec<Read> {
        let consumer: BaseConsumer = client(&self.brokers).set("group.id", "nobody").create().unwrap();
        let mut list = TopicPartitionList::new();
        for partition in 0..self.partitions {
            list.add_partition_offset(&self.name, partition, Offset::Beginning).unwrap();
        }
        consumer.assign(&list).unwrap();
        let (mut all, began) = (Vec::new(), Instant::now());
        loop {
            assert!(began.elapsed() < HANGS, "{what} does not come; there are {}", all.len());
            // It is looked at in whole from time to time: at each record, that would take longer than what is tested.
            let next = consumer.poll(Duration::from_millis(100));
            if (next.is_none() || all.len() % 500 == 499) && is_all(&all) {
                return all;
            }
            let Some(message) = next else { continue };
            let message = message.unwrap();
            let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
            let headers = headers.map(|header| {
                let value = String::from_utf8(header.value.unwrap_or_default().to_owned()).unwrap();
                (header.key.to_owned(), value)
            });
            all.push(Read {
                key: message.key().map(<[u8]>::to_owned),
                value: message.payload().map(<[u8]>::to_owned),
                headers: headers.collect(),
            });
        }
    }

    /// What the group has committed of each partition.
    pub(crate) fn committed(&self, group: &str) -> Vec<i64> {
        let consumer: BaseConsumer = client(&self.brokers).set("group.id", group).create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_range(&self.name, 0, self.partitions - 1);
        let began = Instant::now();
        let list = loop {
            let answer = consumer.committed_offsets(list.clone(), HANGS).and_then(|list| {
                list.elements().iter().try_for_each(|one| one.error())?;
                Ok(list)
            });
            match answer {
                Ok(list) => break list,
                // Whoever coordinates the group may still be starting.
                Err(error) => assert!(began.elapsed() < HANGS, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let offset = |offset| if let Offset::Offset(offset) = offset { offset } else { -1 };
        list.elements().into_iter().map(|element| offset(element.offset())).collect()
    }
}

fn client(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    config
}
