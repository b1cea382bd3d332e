//! Topics, groups and jobs of tests, each with names of its own.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    producer::{BaseProducer, BaseRecord, Producer},
};
use squall_connect::kafka::{KafkaSource, Record, SourceSettings};
use squall_core::{ConcurrentBolt, Error, Output, Result, RetryPolicy};
use squall_runtime::{Options, Report, Running};
use squall_topology::{Plan, TopologyBuilder};

/// Beyond this a test hangs.
pub(crate) const HANGS: Duration = Duration::from_secs(60);

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub(crate) fn unique(name: &str) -> String {
    format!("{name}-{:08x}", fastrand::u32(..))
}

/// A new topic.
pub(crate) fn topic(brokers: &str, partitions: i32, config: &[(&str, &str)]) -> String {
    topic_by(&admin(brokers), partitions, config)
}

pub(crate) fn topic_by(
    admin: &AdminClient<DefaultClientContext>,
    partitions: i32,
    config: &[(&str, &str)],
) -> String {
    let name = unique("topic");
    let mut topic = NewTopic::new(&name, partitions, TopicReplication::Fixed(1));
    for (key, value) in config {
        topic = topic.set(key, value);
    }
    let made = block_on(admin.create_topics([&topic], &AdminOptions::new()));
    made.unwrap().into_iter().for_each(|one| _ = one.unwrap());
    name
}

pub(crate) fn admin(brokers: &str) -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap()
}

/// Writes values `0..count` as text, each to the partition that is its rest.
pub(crate) fn write(brokers: &str, topic: &str, partitions: i32, values: std::ops::Range<i32>) {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("linger.ms", "5").create().unwrap();
    for value in values {
        let text = value.to_string();
        let record =
            BaseRecord::<str, str>::to(topic).partition(value % partitions).payload(&text).key(&text);
        producer.send(record).unwrap();
        producer.poll(Duration::ZERO);
    }
    producer.flush(HANGS).unwrap();
}

/// What the group has committed of a topic's partitions.
pub(crate) fn committed(brokers: &str, group: &str, topic: &str, partitions: i32) -> BTreeMap<i32, i64> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", group).create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_range(topic, 0, partitions - 1);
    let mut answer = None;
    wait_for("whoever coordinates the group", || {
        answer = consumer.committed_offsets(list.clone(), HANGS).ok();
        answer.iter().flat_map(|list| list.elements()).all(|one| one.error().is_ok()) && answer.is_some()
    });
    let list = answer.unwrap();
    let offsets = list.elements().into_iter().filter_map(|element| match element.offset() {
        Offset::Offset(offset) => Some((element.partition(), offset)),
        _ => None,
    });
    offsets.collect()
}

/// Waits for something that nobody signals.
pub(crate) fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < HANGS, "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Settings with short times.
pub(crate) fn settings(brokers: &str, topic: &str) -> SourceSettings {
    SourceSettings {
        session_timeout: Duration::from_secs(6),
        drain_timeout: Duration::from_millis(2_500),
        commit_interval: Duration::from_millis(50),
        ..SourceSettings::new(brokers, topic, unique("group"))
    }
}

/// What the bolt of a job does with a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Ack,
    Fail,
    Refuse,
    /// Until it is let go.
    Hold,
}

type Acting = Arc<dyn Fn(i32) -> Act + Send + Sync>;

/// What a bolt saw, for whoever waits for it.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<(Mutex<Vec<Record>>, Condvar)>);

impl Seen {
    pub(crate) fn add(&self, record: Record) {
        self.0.0.lock().unwrap().push(record);
        self.0.1.notify_all();
    }

    pub(crate) fn values(&self) -> Vec<i32> {
        self.0.0.lock().unwrap().iter().map(value).collect()
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.0.0.lock().unwrap().clone()
    }

    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn(&[i32]) -> bool) {
        let mut records = self.0.0.lock().unwrap();
        let begin = Instant::now();
        loop {
            let values: Vec<i32> = records.iter().map(value).collect();
            if is_so(&values) {
                return;
            }
            assert!(begin.elapsed() < HANGS, "{what} does not come; there are {} values", values.len());
            records = self.0.1.wait_timeout(records, Duration::from_secs(1)).unwrap().0;
        }
    }

    pub(crate) fn wait_for_all(&self, count: i32) {
        self.wait_until("every value", |values| {
            let mut values = values.to_vec();
            values.sort_unstable();
            values.dedup();
            values == (0..count).collect::<Vec<_>>()
        });
    }
}

/// A record's number; that of a tombstone is -1.
pub(crate) fn value(record: &Record) -> i32 {
    if record.value.is_none() {
        return -1;
    }
    std::str::from_utf8(record.payload()).unwrap().trim_end().parse().unwrap()
}

struct Work {
    acting: Acting,
    seen: Seen,
    gate: tokio::sync::watch::Receiver<bool>,
}

impl ConcurrentBolt for Work {
    type In = Record;
    type Out = ();

    async fn execute(&self, record: Record, _: &mut Output<()>) -> Result {
        let act = (self.acting)(value(&record));
        self.seen.add(record);
        match act {
            Act::Ack => Ok(()),
            Act::Fail => Err(Error::retryable("not now")),
            Act::Refuse => Err(Error::permanent("never")),
            Act::Hold => {
                let mut gate = self.gate.clone();
                gate.wait_for(|is_open| *is_open).await.map(|_| ()).map_err(Error::retryable)
            }
        }
    }
}

/// A topology that reads.
pub(crate) struct Job {
    pub(crate) source: KafkaSource,
    pub(crate) seen: Seen,
    pub(crate) dead: Seen,
    gate: tokio::sync::watch::Sender<bool>,
    running: Running,
}

/// How a job replays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replay {
    None,
    WithoutReaders,
    WithReaders,
    /// Until somebody takes it.
    ForEver,
}

impl Job {
    pub(crate) fn start(settings: SourceSettings) -> Self {
        Self::acting(settings, 1, Replay::WithoutReaders, |_| Act::Ack)
    }

    pub(crate) fn acting(
        settings: SourceSettings,
        tasks: usize,
        replay: Replay,
        acting: impl Fn(i32) -> Act + Send + Sync + 'static,
    ) -> Self {
        let source = KafkaSource::new(settings).unwrap();
        let (seen, dead) = (Seen::default(), Seen::default());
        let (gate, opened) = tokio::sync::watch::channel(false);
        let acting: Acting = Arc::new(acting);
        let plan = plan(&source, tasks, replay, &acting, &seen, &dead, &opened);
        let running = Running::start(plan, Options::default().threads(2)).unwrap();
        Self { source, seen, dead, gate, running }
    }

    /// Lets go what is held, and whatever would be.
    pub(crate) fn open_gate(&self) {
        self.gate.send_replace(true);
    }

    pub(crate) fn running(&self) -> &Running {
        &self.running
    }

    /// Ends it as an operator does.
    pub(crate) fn drain(&self) -> Report {
        self.running.drain(Duration::from_secs(20));
        self.running.wait_blocking().unwrap()
    }

    /// Ends it with what is under way undone.
    pub(crate) fn kill(self) {
        self.running.kill();
        drop(self.running.wait_blocking());
    }

    pub(crate) fn wait_for_partitions(&self, count: usize) {
        wait_for(&format!("{count} partitions"), || self.source.lags().len() == count);
    }
}

fn plan(
    source: &KafkaSource,
    tasks: usize,
    replay: Replay,
    acting: &Acting,
    seen: &Seen,
    dead: &Seen,
    gate: &tokio::sync::watch::Receiver<bool>,
) -> Plan {
    let work = |acting: Acting, seen: Seen| {
        let gate = gate.clone();
        move || Work { acting: Arc::clone(&acting), seen: seen.clone(), gate: gate.clone() }
    };
    let mut t = TopologyBuilder::new("job");
    let source = source.clone();
    let spout =
        t.spout_with("in", async move |context| source.spout(context)).tasks(tasks).max_pending(100_000);
    let work_bolt = work(Arc::clone(acting), seen.clone());
    if replay == Replay::None {
        let records = spout.output();
        t.concurrent_bolt("work", work_bolt).concurrency(10_000).shuffle(records);
    } else {
        let policy = RetryPolicy {
            attempts: if replay == Replay::ForEver { u32::MAX } else { 3 },
            backoff: Duration::from_millis(1),
            max_backoff: Duration::from_millis(5),
        };
        let (records, letters) = spout.replay(policy).output();
        t.concurrent_bolt("work", work_bolt).concurrency(10_000).shuffle(records);
        if replay == Replay::WithReaders {
            let dead = dead.clone();
            t.bolt("dead", move || Bury(dead.clone())).shuffle(letters);
        }
    }
    t.build().unwrap()
}

/// A reader of dead letters.
struct Bury(Seen);

impl squall_core::Bolt for Bury {
    type In = squall_core::Dead<Record>;
    type Out = ();

    async fn execute(&mut self, letter: Self::In, _: &mut Output<()>) -> Result {
        letter.tuples.into_iter().for_each(|record| self.0.add(record));
        Ok(())
    }
}
