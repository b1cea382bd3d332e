//! Apache Kafka: a spout that reads a topic as a member of a consumer group, and a bolt that writes to topics.
//!
//! | what | file |
//! |---|---|
//! | what is read, and how it stands: [`KafkaSource`], [`Tally`], [`Lag`] | `source.rs`, `tally.rs`, `lag.rs` |
//! | its settings: [`SourceSettings`], [`Start`], [`OnLoss`] | `source_settings.rs` |
//! | its spout, and what it emits: [`KafkaSpout`], [`Record`] | `spout.rs`, `record.rs` |
//! | what writes: [`KafkaOutput`], [`KafkaSink`], [`Message`], [`Deliveries`] | `output.rs`, `sink.rs`, `message.rs`, `deliveries.rs` |
//! | its settings: [`OutputSettings`] | `output_settings.rs` |
//! | which record is done: [`Tracker`], [`Ticket`], [`Stop`] | `tracker.rs` |
//!
//! A member is a thread that polls the broker, whatever the topology does, and a task that works. They meet at a desk,
//! which holds as much as its limits say; at a limit the thread pauses partitions and goes on polling, so that the
//! group does not take the member for dead.
//!
//! ```
//! use std::time::Duration;
//! use rdkafka::mocking::MockCluster;
//! use squall_connect::kafka::{KafkaOutput, KafkaSink, KafkaSource, Message, OutputSettings, Record, SourceSettings};
//! use squall_core::RetryPolicy;
//! use squall_runtime::{Options, Running};
//! use squall_topology::TopologyBuilder;
//!
//! let cluster = MockCluster::new(1).unwrap(); // brokers within this process
//! let brokers = cluster.bootstrap_servers();
//! let written = KafkaOutput::new(OutputSettings::new(&brokers, "letters"))?;
//! tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//!     for letter in ["a", "b", "c"] {
//!         written.write(&Message::new(letter)).await?;
//!     }
//!     Ok::<(), squall_core::Error>(())
//! })?;
//!
//! let source = KafkaSource::new(SourceSettings::new(&brokers, "letters", "copiers"))?;
//! let output = KafkaOutput::new(OutputSettings::new(&brokers, "copies"))?;
//! let copy = |record: &Record| Ok(Message::new(record.payload().to_vec()));
//! let mut t = TopologyBuilder::new("copy");
//! let (spout, sink) = (source.clone(), output.clone());
//! let (records, _) = t
//!     .spout_with("letters", async move |context| spout.spout(context))
//!     .replay(RetryPolicy::default())
//!     .output();
//! t.concurrent_bolt("copies", move || KafkaSink::new(sink.clone(), copy)).concurrency(100).shuffle(records);
//!
//! let running = Running::start(t.build()?, Options::default())?;
//! while source.tally().done() < 3 {
//!     std::thread::yield_now();
//! }
//! running.drain(Duration::from_secs(10));
//! running.wait_blocking()?;
//! assert_eq!(output.deliveries().sent(), 3);
//! # Ok::<(), squall_core::Error>(())
//! ```

#[cfg(feature = "kafka")]
mod assignment;
#[cfg(feature = "kafka")]
mod consumer;
#[cfg(feature = "kafka")]
mod deliveries;
#[cfg_attr(not(feature = "kafka"), allow(dead_code, reason = "the models need a part of it"))]
mod desk;
#[cfg(feature = "kafka")]
mod group;
#[cfg(feature = "kafka")]
mod keeping;
#[cfg(feature = "kafka")]
mod lag;
#[cfg(feature = "kafka")]
mod log;
#[cfg(feature = "kafka")]
mod member;
#[cfg(feature = "kafka")]
mod message;
#[cfg(all(test, feature = "_loom"))]
mod models;
#[cfg(feature = "kafka")]
mod options;
#[cfg(feature = "kafka")]
mod orphans;
#[cfg(feature = "kafka")]
mod output;
#[cfg(feature = "kafka")]
mod output_settings;
#[cfg(feature = "kafka")]
mod quiet;
#[cfg(feature = "kafka")]
mod record;
#[cfg(feature = "kafka")]
mod sink;
#[cfg(feature = "kafka")]
mod source;
#[cfg(feature = "kafka")]
mod source_settings;
#[cfg(feature = "kafka")]
mod spout;
mod sync;
#[cfg(feature = "kafka")]
mod tally;
mod tracker;
#[cfg(feature = "kafka")]
mod watch;

#[cfg(feature = "kafka")]
pub use self::{
    deliveries::Deliveries,
    lag::Lag,
    message::Message,
    options::Options,
    output::KafkaOutput,
    output_settings::OutputSettings,
    record::Record,
    sink::KafkaSink,
    source::KafkaSource,
    source_settings::{OnLoss, SourceSettings, Start},
    spout::KafkaSpout,
    tally::Tally,
};
pub use tracker::{Flow, Limits, Standing, Stop, Ticket, Tracker};
