//! [`KafkaOutput`]: writes messages and waits until all replicas have them.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientContext, Message as _,
    config::{FromClientConfigAndContext, RDKafkaLogLevel},
    error::KafkaError,
    producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer},
    types::RDKafkaErrorCode,
};
use squall_core::{Error, Result};
use tokio::{sync::oneshot, time::timeout};
use tracing::{debug, error};

use super::{deliveries::Deliveries, message::Message, options::refusal, output_settings::OutputSettings};

/// The longest wait for room before the library is asked again: it may free some by itself.
const LOOK: Duration = Duration::from_millis(100);

/// Writes messages; each is written once by its producer, however often that tries. Copies share it.
///
/// A message is done when all replicas have it. While the buffer is full, writing waits: that is the back-pressure of a
/// broker that is too slow.
///
/// ```
/// use squall_connect::kafka::{KafkaOutput, Message, OutputSettings};
/// use rdkafka::mocking::MockCluster;
///
/// let cluster = MockCluster::new(1).unwrap(); // brokers within this process
/// let output = KafkaOutput::new(OutputSettings::new(cluster.bootstrap_servers(), "enriched")).unwrap();
///
/// tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
///     output.write(&Message::new("{}").key("one")).await.unwrap();
/// });
///
/// let deliveries = output.deliveries();
/// assert_eq!((deliveries.sent(), deliveries.bytes(), deliveries.under_way()), (1, 5, 0));
/// ```
#[derive(Clone)]
pub struct KafkaOutput {
    settings: Arc<OutputSettings>,
    deliveries: Arc<Deliveries>,
    producer: Arc<Mutex<Arc<Producer>>>,
}

type Producer = ThreadedProducer<Context>;

impl KafkaOutput {
    /// An output that has written nothing. The brokers are looked for in the background.
    ///
    /// # Errors
    ///
    /// Settings that contradict each other, or that the client library refuses. They are permanent.
    pub fn new(settings: OutputSettings) -> Result<Self> {
        settings.check().map_err(Error::permanent)?;
        let deliveries = Arc::<Deliveries>::default();
        let producer = producer(&settings, &deliveries).map_err(Error::permanent)?;
        let producer = Arc::new(Mutex::new(Arc::new(producer)));
        Ok(Self { settings: Arc::new(settings), deliveries, producer })
    }

    /// Whether [`new`](Self::new) would take these settings. Nothing is begun.
    ///
    /// # Errors
    ///
    /// As those of [`new`](Self::new).
    pub fn check(settings: &OutputSettings) -> Result {
        settings.check().map_err(Error::permanent)?;
        match settings.client().create_native_config() {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::permanent(refusal(&error))),
        }
    }

    /// Writes a message, and waits until all replicas have it.
    ///
    /// # Cancel safety
    ///
    /// What is no longer waited for may be written or not.
    ///
    /// # Errors
    ///
    /// Permanent for what its broker never takes, such as a message that is too large; else retryable, after
    /// [`delivery_timeout`](OutputSettings::delivery_timeout) at the latest. It may have been written even so.
    pub async fn write(&self, message: &Message) -> Result {
        let producer = Arc::clone(&self.lock());
        let topic = message.topic.as_deref().unwrap_or(&self.settings.topic);
        let (sender, answer) = oneshot::channel();
        let mut waiting = Box::new(Waiting { answer: sender, bytes: message.bytes(), since: Instant::now() });
        let error = loop {
            // Before it is asked: what ends in between would not be heard.
            let over = self.deliveries.over.notified();
            self.deliveries.begin();
            match producer.send(record(topic, message, waiting)) {
                Ok(()) => match answer.await {
                    Ok(Ok(())) => return Ok(()),
                    Ok(Err(error)) => break error,
                    Err(_) => break KafkaError::Canceled,
                },
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    self.deliveries.take_back();
                    waiting = back.delivery_opaque;
                    // Whether there was a sign or none: it is asked again.
                    timeout(LOOK, over).await.ok();
                }
                Err((error, back)) => {
                    self.deliveries.end(0, back.delivery_opaque.since.elapsed(), false);
                    break error;
                }
            }
        };
        Err(self.judge(&producer, topic, message, &error))
    }

    /// What became of what was written.
    pub fn deliveries(&self) -> &Deliveries {
        &self.deliveries
    }

    /// What it was made with.
    pub fn settings(&self) -> &OutputSettings {
        &self.settings
    }

    /// Waits until nothing is under way, for [`delivery_timeout`](OutputSettings::delivery_timeout) at most.
    ///
    /// # Errors
    ///
    /// Something still is.
    pub async fn flush(&self) -> Result {
        let all = async {
            loop {
                let over = self.deliveries.over.notified();
                if self.deliveries.under_way() == 0 {
                    return;
                }
                timeout(LOOK, over).await.ok();
            }
        };
        timeout(self.settings.delivery_timeout, all).await.map_err(|_| {
            let left = self.deliveries.under_way();
            Error::retryable(format!(
                "{left} messages still wait for the brokers of `{}`",
                self.settings.topic
            ))
        })
    }

    fn judge(&self, producer: &Arc<Producer>, topic: &str, message: &Message, error: &KafkaError) -> Error {
        let code = error.rdkafka_error_code();
        if let Some((code, why)) = producer.client().fatal_error() {
            error!(topic, %code, why, "the producer cannot go on; another one takes its place");
            self.renew(producer);
        }
        match code {
            Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidMessageSize) => {
                Error::permanent(format!(
                    "a message of {} bytes is too large for topic `{topic}`: its limit is `max.message.bytes` there, \
                     and the option `message.max.bytes` here",
                    message.bytes()
                ))
            }
            Some(RDKafkaErrorCode::InvalidRecord | RDKafkaErrorCode::InvalidTimestamp) => {
                Error::permanent(format!("topic `{topic}` refuses the message: {error}"))
            }
            _ => Error::retryable(format!("topic `{topic}` has not taken a message: {error}")),
        }
    }

    /// Puts another producer in the place of one that cannot go on.
    fn renew(&self, broken: &Arc<Producer>) {
        let mut present = self.lock();
        if !Arc::ptr_eq(&present, broken) {
            return;
        }
        match producer(&self.settings, &self.deliveries) {
            Ok(fresh) => *present = Arc::new(fresh),
            Err(error) => error!(error, "no other producer can be had; the next write tries again"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Producer>> {
        self.producer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for KafkaOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaOutput").field("settings", &self.settings).finish_non_exhaustive()
    }
}

fn producer(settings: &OutputSettings, deliveries: &Arc<Deliveries>) -> Result<Producer, String> {
    let context = Context { deliveries: Arc::clone(deliveries) };
    Producer::from_config_and_context(&settings.client(), context).map_err(|error| {
        format!("cannot make a producer for topic `{}`: {}", settings.topic, refusal(&error))
    })
}

fn record<'a>(
    topic: &'a str,
    message: &'a Message,
    waiting: Box<Waiting>,
) -> BaseRecord<'a, [u8], [u8], Box<Waiting>> {
    let mut record = BaseRecord::with_opaque_to(topic, waiting);
    record.key = message.key.as_deref();
    record.payload = message.value.as_deref();
    record.timestamp = message.timestamp_ms;
    record.headers = message.library_headers();
    record
}

/// Who waits for a message's broker.
#[derive(Debug)]
struct Waiting {
    answer: oneshot::Sender<Result<(), KafkaError>>,
    bytes: u64,
    since: Instant,
}

/// What the library calls.
struct Context {
    deliveries: Arc<Deliveries>,
}

impl ProducerContext for Context {
    type DeliveryOpaque = Box<Waiting>;

    fn delivery(&self, result: &DeliveryResult<'_>, waiting: Box<Waiting>) {
        let Waiting { answer, bytes, since } = *waiting;
        self.deliveries.end(bytes, since.elapsed(), result.is_ok());
        let result = result.as_ref().map(|_| ()).map_err(|(error, message)| {
            debug!(topic = message.topic(), %error, "a message was not taken");
            error.clone()
        });
        // Nobody waits any more: its call's time was up.
        answer.send(result).ok();
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, about: &str, said: &str) {
        super::log::library(level, about, said);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        debug!(target: "squall::kafka", %error, reason, "the client library reports");
    }
}
