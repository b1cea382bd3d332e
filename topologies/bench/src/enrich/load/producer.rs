//! Sends what is due.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig, ClientContext,
    config::FromClientConfigAndContext,
    error::KafkaError,
    producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer},
    types::RDKafkaErrorCode::QueueFull,
};

use super::{
    input::Input,
    schedule::Schedule,
    topics::{LARGEST, PARTITIONS, Topics},
};
use crate::{Error, enrich::wrong};

/// The time between two bursts.
const BURST: Duration = Duration::from_millis(5);

/// How long the broker may take for the last of them.
const LAST: Duration = Duration::from_secs(60);

/// How far it is; for whoever wants to know.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// Records that the broker has.
    delivered: AtomicU64,
    failed: Mutex<Option<String>>,
    is_over: AtomicBool,
}

impl Sent {
    pub(super) fn delivered(&self) -> u64 {
        self.delivered.load(Relaxed)
    }
}

/// Counts what the broker has.
struct Counting(Arc<Sent>);

impl ClientContext for Counting {}

impl ProducerContext for Counting {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(_) => _ = self.0.delivered.fetch_add(1, Relaxed),
            Err((error, _)) => {
                let mut failed = self.0.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert_with(|| error.to_string());
            }
        }
    }
}

/// A thread that sends what is due, until it is told to stop.
pub(super) struct Producer {
    sent: Arc<Sent>,
    thread: JoinHandle<Result<u64, Error>>,
}

impl Producer {
    /// Begins to send, at the rate that `schedule` says.
    pub(super) fn start(input: Arc<Input>, topics: &Topics, schedule: Schedule) -> Result<Self, Error> {
        let due = move |since: Duration| schedule.due(since);
        Self::sending(input, topics, due)
    }

    fn sending(
        input: Arc<Input>,
        topics: &Topics,
        due: impl Fn(Duration) -> u64 + Send + 'static,
    ) -> Result<Self, Error> {
        let sent = Arc::<Sent>::default();
        let client = client(topics, &sent)?;
        let (topic, counts) = (topics.input.clone(), Arc::clone(&sent));
        let thread = thread::spawn(move || {
            let (began, mut number, mut bytes) = (Instant::now(), 0, Vec::new());
            while !counts.is_over.load(Relaxed) {
                while number < due(began.elapsed()) {
                    input.write(number, &mut bytes);
                    send(&client, &topic, number, &bytes)?;
                    number += 1;
                }
                thread::sleep(BURST);
            }
            client.flush(LAST).map_err(wrong)?;
            Ok(number)
        });
        Ok(Self { sent, thread })
    }

    pub(super) fn sent(&self) -> Arc<Sent> {
        Arc::clone(&self.sent)
    }

    /// Stops it, and returns how many records the broker has: those with the numbers below that.
    pub(super) fn stop(self) -> Result<u64, Error> {
        self.sent.is_over.store(true, Relaxed);
        let count = self.thread.join().map_err(|_| wrong("the thread that sends panicked"))??;
        let failed = self.sent.failed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match failed {
            Some(error) => Err(wrong(format!("a record could not be sent: {error}"))),
            None if self.sent.delivered() != count => {
                Err(wrong(format!("of {count} records the broker has taken {}", self.sent.delivered())))
            }
            None => Ok(count),
        }
    }
}

/// Sends the first `count` records as fast as the broker takes them.
pub(super) fn preload(input: &Input, topics: &Topics, count: u64) -> Result<(), Error> {
    let sent = Arc::<Sent>::default();
    let client = client(topics, &sent)?;
    let mut bytes = Vec::new();
    for number in 0..count {
        input.write(number, &mut bytes);
        send(&client, &topics.input, number, &bytes)?;
    }
    client.flush(LAST).map_err(wrong)?;
    if sent.delivered() == count { Ok(()) } else { Err(wrong("not all records could be sent")) }
}

fn client(topics: &Topics, sent: &Arc<Sent>) -> Result<ThreadedProducer<Counting>, Error> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &topics.brokers)
        // What is sent is there once, and in its order.
        .set("enable.idempotence", "true")
        .set("linger.ms", "20")
        .set("batch.num.messages", "10000")
        .set("message.max.bytes", LARGEST)
        .set("queue.buffering.max.messages", "500000")
        .set("queue.buffering.max.kbytes", "262144");
    ThreadedProducer::from_config_and_context(&config, Counting(Arc::clone(sent))).map_err(wrong)
}

fn send(client: &ThreadedProducer<Counting>, topic: &str, number: u64, bytes: &[u8]) -> Result<(), Error> {
    let partition = (number % PARTITIONS as u64) as i32;
    let mut record = BaseRecord::<[u8], [u8]>::to(topic).partition(partition).payload(bytes);
    loop {
        match client.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(QueueFull), back)) => {
                record = back;
                thread::sleep(BURST);
            }
            Err((error, _)) => return Err(wrong(error)),
        }
    }
}
