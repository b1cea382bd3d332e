//! [`KafkaSink`]: a bolt that writes to a topic.

use std::{fmt, marker::PhantomData};

use squall_core::{ConcurrentBolt, Output, Result};

use super::{message::Message, output::KafkaOutput};

/// A bolt that writes each of its tuples to a topic, and acks it when all replicas have it.
///
/// Declare it with `concurrent_bolt`, and a concurrency of as many messages as shall wait for their brokers at once:
/// some thousands fill the library's batches.
///
/// ```
/// use squall_connect::kafka::{KafkaOutput, KafkaSink, KafkaSource, Message, OutputSettings, Record, SourceSettings};
/// use squall_topology::TopologyBuilder;
///
/// let source = KafkaSource::new(SourceSettings::new("127.0.0.1:9092", "activities", "copy"))?;
/// let output = KafkaOutput::new(OutputSettings::new("127.0.0.1:9092", "copies"))?;
/// let copy = |record: &Record| Ok(Message { key: record.key.clone(), value: record.value.clone(), ..Message::default() });
///
/// let mut t = TopologyBuilder::new("copy");
/// let records = t.spout_with("records", async move |context| source.spout(context)).output();
/// t.concurrent_bolt("copies", move || KafkaSink::new(output.clone(), copy)).concurrency(1_000).shuffle(records);
/// assert!(t.build().is_ok());
/// # Ok::<(), squall_core::Error>(())
/// ```
pub struct KafkaSink<T, F> {
    output: KafkaOutput,
    message: F,
    reads: PhantomData<fn(T)>,
}

impl<T, F: Fn(&T) -> Result<Message>> KafkaSink<T, F> {
    /// A bolt that writes to `output` what `message` makes of a tuple. Its errors are those of the tuple.
    pub fn new(output: KafkaOutput, message: F) -> Self {
        Self { output, message, reads: PhantomData }
    }
}

impl<T: Clone + Send + 'static, F: Fn(&T) -> Result<Message> + 'static> ConcurrentBolt for KafkaSink<T, F> {
    type In = T;
    type Out = ();

    async fn execute(&self, tuple: T, _: &mut Output<()>) -> Result {
        let message = (self.message)(&tuple)?;
        self.output.write(&message).await
    }

    /// What calls no longer wait for may be under way.
    async fn drain(&self, _: &mut Output<()>) -> Result {
        self.output.flush().await
    }
}

impl<T, F> fmt::Debug for KafkaSink<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaSink").field("output", &self.output).finish_non_exhaustive()
    }
}
