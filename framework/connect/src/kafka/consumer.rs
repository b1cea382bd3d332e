//! [`Member`] at work: the thread that polls the broker, and its handle.

use std::{
    cell::Cell,
    collections::BTreeSet,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use rdkafka::{
    Message, Offset, TopicPartitionList,
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    types::RDKafkaErrorCode,
};
use tracing::{error, warn};

use super::{
    desk::{Desk, End},
    keeping::Keeping,
    lag::{self, Ends, Lag},
    member::Member,
    options::refusal,
    record::Record,
    source::Beginning,
    source_settings::SourceSettings,
    tally::Tally,
    tracker::Tracker,
    watch::Watch,
};
use crate::Fence;

/// The longest poll: what is wanted of the thread waits for its end.
const POLL: Duration = Duration::from_millis(50);

/// The longest poll while a partition is paused: it is resumed after.
const POLL_PAUSED: Duration = Duration::from_millis(10);

/// How long the thread waits for room before it pauses what has none.
///
/// Pausing throws away what was fetched ahead, so that a reader at its limit all the time would fetch much of it twice.
/// Whoever does not poll for minutes is put out of the group; half a second is nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// Messages that are taken without a look at anything else.
const BURST: usize = 256;

/// How often the ends of paused partitions are asked for: they are not fetched, so that nothing tells them.
const LOOK: Duration = Duration::from_secs(5);

/// The longest answer to that question.
const ANSWER: Duration = Duration::from_millis(500);

/// How long after it was said that an offset is gone it is looked whether it is, and how long after that again.
const DOUBT: Duration = Duration::from_secs(1);

/// A member of a group: its thread ends, after a last commit, when this is dropped.
pub(super) struct Consumer {
    desk: Arc<Desk<Record>>,
    ends: Arc<Ends>,
    keeping: Arc<Keeping>,
}

impl Consumer {
    /// Joins the group as a task's member. Records come when there are any.
    pub(super) fn join(
        settings: &Arc<SourceSettings>,
        tally: &Arc<Tally>,
        keeping: &Arc<Keeping>,
        task: usize,
        first: Fence,
        beginning: Option<Beginning>,
    ) -> Result<Self, String> {
        let desk = Arc::new(Desk::new(Tracker::beginning(settings.limits(), first)));
        let ends = Arc::<Ends>::default();
        let member = Member {
            settings: Arc::clone(settings),
            desk: Arc::clone(&desk),
            tally: Arc::clone(tally),
            ends: Arc::clone(&ends),
            beginning,
            leaves: AtomicBool::new(false),
        };
        let cannot = |error: KafkaError| {
            format!("cannot become a member of group `{}`: {}", settings.group, refusal(&error))
        };
        let client = BaseConsumer::from_config_and_context(&settings.client(task), member).map_err(cannot)?;
        client
            .subscribe(&[&settings.topic])
            .map_err(|error| format!("cannot subscribe to topic `{}`: {error}", settings.topic))?;
        let polling = Polling {
            client,
            paused: BTreeSet::new(),
            look_for_loss: Cell::new(None),
            topic: Arc::from(settings.topic.as_str()),
            watch: Watch::of(settings, task).map_err(cannot)?,
            keeping: Arc::clone(keeping),
        };
        thread::Builder::new()
            .name("squall-kafka-poll".to_owned())
            .spawn(move || polling.run())
            .map_err(|error| format!("cannot start a thread to poll with: {error}"))?;
        Ok(Self { desk, ends, keeping: Arc::clone(keeping) })
    }

    pub(super) fn desk(&self) -> &Desk<Record> {
        &self.desk
    }

    pub(super) fn lags(&self, now: SystemTime) -> impl Iterator<Item = Lag> {
        let kept = self.keeping.time();
        let standings = self.desk.standings().into_iter();
        standings.map(move |(partition, standing)| {
            Lag::of(partition, standing, self.ends.get(partition), kept, now)
        })
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.desk.want_end();
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("partitions", &self.desk.standings()).finish()
    }
}

/// What the thread has.
struct Polling {
    client: BaseConsumer<Member>,
    paused: BTreeSet<i32>,
    /// When it is looked which partition has lost what was to be read next, after one was said to have.
    look_for_loss: Cell<Option<Instant>>,
    topic: Arc<str>,
    watch: Option<Watch>,
    keeping: Arc<Keeping>,
}

impl Polling {
    fn run(mut self) {
        let member = Arc::clone(self.client.context());
        let end = self.poll_until_the_end(&member);
        member.leaves.store(true, Ordering::Release);
        member.commit(&self.client, None);
        // Leaving the group calls `rebalance` for what is still here.
        drop(self);
        member.desk.ended(end);
    }

    fn poll_until_the_end(&mut self, member: &Member) -> End {
        let interval = member.settings.commit_interval;
        let (mut commit_at, mut looked) = (Instant::now() + interval, Instant::now());
        loop {
            let wanted = member.desk.wanted();
            if wanted.end {
                return End::Closed;
            }
            if member.desk.alone() > member.settings.session_timeout {
                return End::Broken("no task has worked with the member; it has left its group".to_owned());
            }
            let begin = Instant::now();
            if wanted.commit || begin >= commit_at {
                member.commit(&self.client, None);
                // One that took long, for its broker is gone, leaves as much time to read from the others.
                commit_at = Instant::now() + interval.max(begin.elapsed());
            }
            member.desk.wait_for_room(PATIENCE);
            self.follow(member);
            if looked.elapsed() >= LOOK {
                self.look_at_paused(member);
                looked = Instant::now();
            }
            if let Some(watch) = &mut self.watch {
                watch.serve(&self.client);
            }
            self.keeping.serve(&member.settings);
            if self.look_for_loss.get().is_some_and(|at| at <= Instant::now()) {
                self.settle(member);
            }
            if let Err(why) = self.poll(member) {
                return End::Broken(why);
            }
        }
    }

    /// Takes what there is, up to a burst.
    fn poll(&self, member: &Member) -> Result<(), String> {
        let mut most = if self.paused.is_empty() { POLL } else { POLL_PAUSED };
        for _ in 0..BURST {
            let record = match self.client.poll(most) {
                None => return Ok(()),
                Some(Ok(message)) if message.topic() == &*self.topic => Record::copied(&message, &self.topic),
                Some(Ok(_)) => continue,
                Some(Err(error)) => return self.heard(member, &error),
            };
            most = Duration::ZERO;
            member.tally.add_received();
            let (partition, offset) = (record.partition, record.offset);
            if !member.desk.arrive(partition, offset, record.bytes(), record.timestamp_ms, record) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn heard(&self, member: &Member, error: &KafkaError) -> Result<(), String> {
        let topic = &*self.topic;
        match error {
            // The library fetches no more of one partition now, does not tell of which, and says so once.
            KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset) => {
                warn!(topic, "an offset is said to be gone");
                self.look_for_loss.set(Some(Instant::now() + DOUBT));
            }
            KafkaError::MessageConsumptionFatal(_) => {
                error!(topic, %error, "the member cannot go on");
                return Err(format!("the member of group `{}` cannot go on: {error}", member.settings.group));
            }
            error => warn!(topic, %error, "polling goes on"),
        }
        Ok(())
    }

    /// Stops what has lost something, or goes on with it; what has not is fetched again, for it may be several that the
    /// library has given up.
    fn settle(&self, member: &Member) {
        let is_known = member.look_for_loss(&self.client);
        if is_known {
            self.fetch_anew(member);
        }
        self.look_for_loss.set((!is_known).then(|| Instant::now() + DOUBT));
    }

    /// Has everything that is read fetched from where it is, also what the library had given up.
    fn fetch_anew(&self, member: &Member) {
        let mut list = TopicPartitionList::new();
        for (partition, standing) in member.desk.standings() {
            if standing.stopped.is_none() && !standing.draining {
                let added = list.add_partition_offset(&self.topic, partition, Offset::Offset(standing.next));
                debug_assert!(added.is_ok(), "an offset that can be written");
            }
        }
        if list.count() == 0 {
            return;
        }
        let paused: Vec<i32> = self.paused.iter().copied().collect();
        let asked =
            self.client.incremental_unassign(&list).and_then(|()| self.client.incremental_assign(&list));
        if let Err(error) = asked.and_then(|()| self.client.pause(&self.list(&paused))) {
            warn!(topic = &*self.topic, %error, "cannot fetch anew");
        }
    }

    /// Pauses what is at a limit, and resumes what has room again.
    fn follow(&mut self, member: &Member) {
        let flow = member.desk.flow();
        // What has gone needs no resuming.
        self.paused.retain(|partition| member.desk.standing(*partition).is_some());
        if !flow.pause.is_empty()
            && let Err(error) = self.client.pause(&self.list(&flow.pause))
        {
            warn!(topic = &*self.topic, %error, "cannot pause");
        }
        if !flow.resume.is_empty()
            && let Err(error) = self.client.resume(&self.list(&flow.resume))
        {
            warn!(topic = &*self.topic, %error, "cannot resume");
        }
        self.paused.extend(flow.pause);
        flow.resume.iter().for_each(|partition| _ = self.paused.remove(partition));
    }

    fn look_at_paused(&self, member: &Member) {
        for partition in &self.paused {
            // A broker that does not answer now is asked again.
            let Ok((oldest, end)) = lag::ask(&self.client, &self.topic, *partition, ANSWER) else {
                return;
            };
            member.ends.set(*partition, oldest, end);
        }
    }

    fn list(&self, partitions: &[i32]) -> TopicPartitionList {
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        for partition in partitions {
            list.add_partition(&self.topic, *partition);
        }
        list
    }
}
