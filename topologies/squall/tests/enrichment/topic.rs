//! Topics: what goes in, and what came out.

use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::dice::activities;
use crate::events::Events;
use crate::node::PATIENCE;

/// Each process has some of them.
pub(crate) const PARTITIONS: i32 = 4;

/// Records of a partition that are under way, beyond which it is read no further.
const UNDER_WAY: usize = 500;

/// Activities a second that a process takes in.
pub(crate) fn capacity() -> usize {
    activities().clamp(1000, 10_000) / 2
}

/// How many activities may come out again after a process gave up its partitions: those that were under way, and what was
/// done since the last commit, which is of half a second ago at most.
pub(crate) fn in_flight() -> usize {
    UNDER_WAY * PARTITIONS as usize + capacity() / 2
}

/// A topic with four partitions.
pub(crate) struct Topic {
    brokers: String,
    pub(crate) name: String,
}

impl Topic {
    pub(crate) fn new(brokers: &str, name: &str) -> Self {
        let name = format!("{name}-{:08x}", fastrand::u32(..));
        let topic = NewTopic::new(&name, PARTITIONS, TopicReplication::Fixed(1));
        let admin: AdminClient<DefaultClientContext> = config(brokers).create().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let made = runtime.block_on(admin.create_topics([&topic], &AdminOptions::new())).unwrap();
        made.into_iter().for_each(|one| _ = one.unwrap());
        Self { brokers: brokers.to_owned(), name }
    }

    /// `[enrichment.source]` that reads it in a group of its name, as a member of this one.
    pub(crate) fn source(&self, instance: &str) -> String {
        self.source_at(instance, capacity())
    }

    /// The same with so many activities a second.
    pub(crate) fn source_at(&self, instance: &str, per_s: usize) -> String {
        format!(
            "[enrichment]
             capacity = {per_s}
             [enrichment.source]
             type = 'kafka'
             brokers = '{}'
             topic = '{}'
             group = 'of-{}'
             instance = '{instance}'
             session_timeout = '6s'
             drain_timeout = '2s'
             commit_interval = '200ms'
             max_messages = {UNDER_WAY}
             ",
            self.brokers, self.name, self.name,
        )
    }

    /// `[enrichment.sink]` that writes to it.
    pub(crate) fn sink(&self) -> String {
        format!("[enrichment.sink]\ntype = 'kafka'\nbrokers = '{}'\ntopic = '{}'\n", self.brokers, self.name)
    }

    /// Writes all of these, each once, in this time or longer. It waits for a broker that is away.
    pub(crate) fn write(&self, events: &Events, span: Duration, dice: &mut Rng) {
        let producer: BaseProducer = config(&self.brokers)
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .set("message.max.bytes", "2000000")
            .create()
            .unwrap();
        let begin = Instant::now();
        for (number, line) in events.lines.iter().enumerate() {
            let mut record =
                BaseRecord::<(), str>::to(&self.name).partition(dice.i32(0..PARTITIONS)).payload(line);
            while let Err((error, again)) = producer.send(record) {
                let full = KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull);
                assert_eq!(error, full);
                record = again;
                producer.poll(Duration::from_millis(50));
            }
            producer.poll(Duration::ZERO);
            let due = begin + span.mul_f64(number as f64 / events.lines.len() as f64);
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        producer.flush(PATIENCE).unwrap();
    }

    /// How many of its records the group that reads it has done.
    pub(crate) fn committed(&self) -> usize {
        let begin = Instant::now();
        loop {
            match self.committed_once() {
                Ok(offsets) => return offsets,
                Err(error) => assert!(begin.elapsed() < PATIENCE, "{}: {error}", self.name),
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn committed_once(&self) -> Result<usize, KafkaError> {
        let consumer: BaseConsumer =
            config(&self.brokers).set("group.id", format!("of-{}", self.name)).create()?;
        let mut partitions = TopicPartitionList::new();
        partitions.add_partition_range(&self.name, 0, PARTITIONS - 1);
        let list = consumer.committed_offsets(partitions, PATIENCE)?;
        let mut all = 0;
        for element in list.elements() {
            element.error()?;
            if let Offset::Offset(offset) = element.offset() {
                all += usize::try_from(offset).unwrap();
            }
        }
        Ok(all)
    }

    /// The values of all records that it has. A broker that has just come back may have to be asked again.
    pub(crate) fn read(&self) -> Vec<String> {
        let begin = Instant::now();
        loop {
            match self.read_once() {
                Ok(values) => return values,
                Err(error) => assert!(begin.elapsed() < PATIENCE, "{}: {error}", self.name),
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn read_once(&self) -> Result<Vec<String>, KafkaError> {
        let consumer: BaseConsumer = config(&self.brokers).set("group.id", "nobody").create()?;
        let mut left = 0;
        let mut partitions = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            let (low, high) = consumer.fetch_watermarks(&self.name, partition, PATIENCE)?;
            left += high - low;
            partitions.add_partition_offset(&self.name, partition, Offset::Beginning)?;
        }
        consumer.assign(&partitions)?;
        let mut values = Vec::new();
        while left > 0 {
            let record = consumer.poll(PATIENCE).expect("a record")?;
            values.push(String::from_utf8(record.payload().unwrap().to_vec()).unwrap());
            left -= 1;
        }
        Ok(values)
    }
}

fn config(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    config
}
