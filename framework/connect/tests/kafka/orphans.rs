//! Partitions that belong to nobody, since the member that was to give them up died before it did.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig, Message,
    consumer::{BaseConsumer, Consumer},
};
use squall_connect::kafka::SourceSettings;
use squall_services::Kafka;

use crate::rig::{Act, HANGS, Job, Replay, settings, topic, wait_for, write};

const PARTITIONS: i32 = 4;

#[test]
fn a_member_that_has_none_comes_to_read_what_belongs_to_nobody() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let settings = settings(&brokers, &topic(&brokers, PARTITIONS, &[]));

    let second = give_up_two_and_die(&settings, || Job::start(named(&settings, "second")));
    let first = ByHand::poll(member(&settings, "first-0"));
    wait_for("what it had", || shares(&settings).is_some_and(|shares| shares.len() == 2 && first.has(2)));
    assert_eq!(shares(&settings), Some(vec![("first-0".to_owned(), 2), ("second-0".to_owned(), 0)]));
    assert!(second.source.lags().is_empty());

    let begin = Instant::now();
    write(&brokers, &settings.topic, PARTITIONS, 0..400);
    second.seen.wait_until("what belonged to nobody", |values| {
        let values: BTreeSet<i32> = values.iter().copied().chain(first.values()).collect();
        values.len() == 400
    });
    println!("read after {:?}", begin.elapsed());

    second.wait_for_partitions(2);
    wait_for("an end of it", || {
        shares(&settings).is_some_and(|shares| shares.iter().all(|(_, has)| *has == 2))
    });
    assert_eq!(second.source.tally().rejoined(), 1);
    assert_eq!(distinct(&second), second.seen.values().len(), "it reads nothing twice");
    second.drain();
    first.end();
}

#[test]
fn a_member_that_has_some_gives_them_back_in_order_before_it_joins_anew() {
    let Some(kafka) = Kafka::shared() else { return };
    let brokers = kafka.brokers();
    let settings = settings(&brokers, &topic(&brokers, PARTITIONS, &[]));

    let second = give_up_two_and_die(&settings, || ByHand::poll(member(&settings, "second-0")));
    let first = Job::acting(named(&settings, "first"), 1, Replay::WithoutReaders, |_| Act::Hold);
    first.wait_for_partitions(2);
    assert_eq!(shares(&settings), Some(vec![("first-0".to_owned(), 2), ("second-0".to_owned(), 0)]));

    let begin = Instant::now();
    write(&brokers, &settings.topic, PARTITIONS, 0..400);
    first.seen.wait_until("its part", |values| values.len() == 200);
    wait_for("the wish to leave", || first.source.lags().iter().any(|lag| lag.draining));
    println!("leaves after {:?}", begin.elapsed());
    first.open_gate();
    wait_for("all of them", || {
        let values: BTreeSet<i32> = first.seen.values().into_iter().chain(second.values()).collect();
        values.len() == 400
    });
    println!("read after {:?}", begin.elapsed());

    first.wait_for_partitions(2);
    wait_for("an end of it", || {
        shares(&settings).is_some_and(|shares| shares.iter().all(|(_, has)| *has == 2))
    });
    let tally = first.source.tally();
    assert_eq!((tally.rejoined(), tally.undrained(), tally.taken_away()), (1, 0, 0));
    assert_eq!(distinct(&first), first.seen.values().len(), "what was under way does not come again");
    first.drain();
    second.end();
}

/// A group whose first member, which had all partitions, is to give two up to a second one, and dies before it does.
fn give_up_two_and_die<T>(settings: &SourceSettings, join_second: impl FnOnce() -> T) -> T {
    let first = member(settings, "first-0");
    wait_for("all partitions", || {
        drop(first.poll(Duration::ZERO));
        first.assignment().unwrap().count() == 4
    });
    let second = join_second();
    // Whoever is not polled stays in the group, and does nothing of what it wants.
    let halfway = Some(vec![("first-0".to_owned(), 2), ("second-0".to_owned(), 0)]);
    wait_for("half of the way", || shares(settings) == halfway);
    assert_eq!(first.assignment().unwrap().count(), 4, "it has given up nothing");
    // One with a name does not leave when it ends.
    drop(first);
    assert_eq!(shares(settings), halfway);
    second
}

fn named(settings: &SourceSettings, instance: &str) -> SourceSettings {
    SourceSettings { instance: Some(instance.to_owned()), ..settings.clone() }
}

/// A member that does nothing for partitions of nobody.
fn member(settings: &SourceSettings, name: &str) -> BaseConsumer {
    let client: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &settings.brokers)
        .set("group.id", &settings.group)
        .set("group.instance.id", name)
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("session.timeout.ms", settings.session_timeout.as_millis().to_string())
        .set("heartbeat.interval.ms", "500")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    client.subscribe(&[&settings.topic]).unwrap();
    client
}

/// How many partitions each member has, by its name, if the group is at rest.
fn shares(settings: &SourceSettings) -> Option<Vec<(String, i32)>> {
    let client: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", &settings.brokers).create().unwrap();
    let groups = client.fetch_group_list(Some(&settings.group), HANGS).unwrap();
    let group = groups.groups().first().filter(|group| group.state() == "Stable")?;
    let share = |bytes: &[u8]| {
        // A version, the number of topics, and the topic's name come before it.
        let count = bytes.get(2 + 4 + 2 + settings.topic.len()..)?.get(..4)?;
        Some(i32::from_be_bytes(count.try_into().unwrap()))
    };
    let mut shares: Vec<_> = group
        .members()
        .iter()
        .map(|member| {
            let name = &member.id()[..member.id().len() - 37];
            (name.to_owned(), member.assignment().and_then(share).unwrap_or(0))
        })
        .collect();
    shares.sort();
    Some(shares)
}

fn distinct(job: &Job) -> usize {
    job.seen.values().into_iter().collect::<BTreeSet<_>>().len()
}

/// A member that is polled, and remembers what it read.
struct ByHand {
    client: Arc<BaseConsumer>,
    values: Arc<Mutex<Vec<i32>>>,
    is_over: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl ByHand {
    fn poll(client: BaseConsumer) -> Self {
        let (client, values, is_over) = (Arc::new(client), Arc::<Mutex<Vec<i32>>>::default(), Arc::default());
        let (polled, read, ended) =
            (Arc::clone(&client), Arc::clone(&values), Arc::<AtomicBool>::clone(&is_over));
        let thread = thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                if let Some(Ok(message)) = polled.poll(Duration::from_millis(50)) {
                    let value = std::str::from_utf8(message.payload().unwrap()).unwrap().parse().unwrap();
                    read.lock().unwrap().push(value);
                }
            }
        });
        Self { client, values, is_over, thread }
    }

    fn has(&self, partitions: usize) -> bool {
        self.client.assignment().unwrap().count() == partitions
    }

    fn values(&self) -> Vec<i32> {
        self.values.lock().unwrap().clone()
    }

    fn end(self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}
