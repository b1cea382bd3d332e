//! What is written, and a topology from topic to topic.

use std::{collections::BTreeMap, time::Duration};

use rdkafka::{
    consumer::{BaseConsumer, Consumer as _},
    message::{Headers as _, Message as _},
};
use squall_connect::kafka::{KafkaOutput, KafkaSink, KafkaSource, Message, OutputSettings, Record};
use squall_core::{Bolt, Dead, Emit, Error, Output, Result, RetryPolicy};
use squall_runtime::{Options, Running};
use squall_services::Kafka;
use squall_topology::TopologyBuilder;

use crate::rig::{HANGS, block_on, committed, settings, topic, value, wait_for, write};

/// Every record of a topic: key, value, header of the reason.
fn all_of(brokers: &str, topic: &str, count: usize) -> Vec<(String, String, Option<String>)> {
    let consumer: BaseConsumer = rdkafka::ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", crate::rig::unique("group"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();
    let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
    let mut all = Vec::new();
    wait_for("what was written", || {
        while let Some(message) = consumer.poll(Duration::from_millis(100)) {
            let message = message.unwrap();
            let reason = message.headers().map(|headers| text(headers.get(0).value));
            all.push((text(message.key()), text(message.payload()), reason));
        }
        all.len() >= count
    });
    all.sort();
    all
}

/// Doubles numbers; refuses those that are multiples of a hundred.
struct Double;

impl Bolt for Double {
    type In = Record;
    type Out = Emit<(String, i32)>;

    async fn execute(&mut self, record: Record, out: &mut Output<Self::Out>) -> Result {
        let number = value(&record);
        if number % 100 == 0 {
            return Err(Error::permanent("not those"));
        }
        out.emit((number.to_string(), number * 2));
        Ok(())
    }
}

#[test]
fn what_is_read_is_worked_on_and_written_and_what_is_refused_goes_to_another_topic() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let [read, written, refused] = [4, 2, 1].map(|partitions| topic(&brokers, partitions, &[]));
    let letters_to = refused.clone();
    write(&brokers, &read, 4, 0..2_000);
    let settings = settings(&brokers, &read);
    let source = KafkaSource::new(settings.clone()).unwrap();
    let output = KafkaOutput::new(OutputSettings::new(&brokers, &written)).unwrap();

    let doubled = |pair: &(String, i32)| Ok(Message::new(pair.1.to_string()).key(pair.0.clone()));
    let letter = move |dead: &Dead<Record>| {
        let record = &dead.tuples[0];
        let message = Message { key: record.key.clone(), value: record.value.clone(), ..Message::default() };
        Ok(message.topic(&letters_to).header("reason", dead.to_string()))
    };
    let mut t = TopologyBuilder::new("double");
    let spout = source.clone();
    let (records, dead) = t
        .spout_with("in", async move |context| spout.spout(context))
        .tasks(2)
        .replay(RetryPolicy::default())
        .output();
    let pairs = t.bolt("double", || Double).tasks(2).shuffle(records).output();
    let sink = output.clone();
    t.concurrent_bolt("out", move || KafkaSink::new(sink.clone(), doubled)).concurrency(500).shuffle(pairs);
    let sink = output.clone();
    t.concurrent_bolt("refused", move || KafkaSink::new(sink.clone(), letter.clone())).shuffle(dead);
    let running = Running::start(t.build().unwrap(), Options::default().threads(2)).unwrap();

    wait_for("every ack", || source.tally().done() == 2_000);
    running.drain(Duration::from_secs(20));
    running.wait_blocking().unwrap();

    let expected: BTreeMap<String, String> =
        (0..2_000).filter(|n| n % 100 != 0).map(|n| (n.to_string(), (n * 2).to_string())).collect();
    let pairs = all_of(&brokers, &written, 1_980);
    assert_eq!(pairs.len(), 1_980, "each once");
    assert_eq!(pairs.into_iter().map(|(key, value, _)| (key, value)).collect::<BTreeMap<_, _>>(), expected);
    let letters = all_of(&brokers, &refused, 20);
    assert_eq!(letters.len(), 20);
    assert!(
        letters.iter().all(|(_, _, reason)| reason.as_ref().unwrap().contains("not those")),
        "{letters:?}"
    );
    assert_eq!(committed(&brokers, &settings.group, &read, 4), (0..4).map(|one| (one, 500)).collect());
    let deliveries = output.deliveries();
    assert_eq!((deliveries.sent(), deliveries.failed(), deliveries.under_way()), (2_000, 0, 0));
    assert_eq!(deliveries.latency().count(), 2_000);
}

#[test]
fn whatever_a_topic_takes_is_written_the_largest_beside_small_ones() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let topic = topic(&brokers, 1, &[]);
    let output = KafkaOutput::new(OutputSettings::new(&brokers, &topic)).unwrap();

    // A broker's own limit is 1,048,588 with what it adds.
    let sizes = [10, 1_048_000, 20, 1_020_000, 30, 900_000];
    std::thread::scope(|scope| {
        for bytes in sizes {
            let message = Message::new(vec![b'x'; bytes]).key(bytes.to_string());
            let output = &output;
            scope.spawn(move || block_on(output.write(&message)).unwrap());
        }
    });

    let mut written: Vec<_> = all_of(&brokers, &topic, 6).iter().map(|(_, value, _)| value.len()).collect();
    written.sort_unstable();
    assert_eq!(written, [10, 20, 30, 900_000, 1_020_000, 1_048_000]);
}

#[test]
fn a_message_that_is_too_large_is_refused_for_good() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let small = topic(&brokers, 1, &[("max.message.bytes", "1000")]);
    let output = KafkaOutput::new(OutputSettings::new(&brokers, &small)).unwrap();

    for bytes in [2_000, 2_000_000] {
        let error = block_on(output.write(&Message::new(vec![b'x'; bytes]))).unwrap_err();
        assert!(error.is_permanent(), "{error}");
        assert!(
            error.to_string().contains(&format!("{bytes} bytes is too large for topic `{small}`")),
            "{error}"
        );
    }
    block_on(output.write(&Message::new("small"))).unwrap();
    assert_eq!((output.deliveries().sent(), output.deliveries().failed()), (1, 2));
}

#[test]
fn a_topic_that_is_not_there_is_no_fault_of_the_message() {
    let Some(kafka) = Kafka::shared() else { return };
    let mut settings = OutputSettings::new(kafka.brokers(), "nowhere");
    settings.delivery_timeout = Duration::from_secs(2);
    settings.options.insert("topic.metadata.propagation.max.ms".to_owned(), "500".to_owned());
    let output = KafkaOutput::new(settings).unwrap();

    let error =
        block_on(async { tokio::time::timeout(HANGS, output.write(&Message::new("x"))).await.unwrap() });
    let error = error.unwrap_err();
    assert!(!error.is_permanent(), "somebody may make it: {error}");
}
