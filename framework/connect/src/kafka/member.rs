//! [`Member`]: what a member of the group does when partitions come and go.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rdkafka::{
    ClientContext, Offset, Statistics, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext},
    error::{KafkaError, KafkaResult},
    statistics::Partition,
    types::RDKafkaRespErr,
};
use tracing::{debug, error, info, warn};

use super::{
    desk::Desk,
    lag::{self, Ends},
    record::Record,
    source::Beginning,
    source_settings::{OnLoss, SourceSettings, Start},
    tally::Tally,
    tracker::Stop,
};

/// How long one question to the broker may take.
const ANSWER: Duration = Duration::from_secs(5);

/// How long one of many may take, which are put while nothing is read: whoever does not poll for minutes is put out of
/// the group.
const GLANCE: Duration = Duration::from_millis(500);

/// How long all of them together may take before something is read again.
const GLANCES: Duration = Duration::from_secs(5);

/// The pause before a question is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// A member of a consumer group; the client library calls it on the thread that polls.
pub(super) struct Member {
    pub(super) settings: Arc<SourceSettings>,
    pub(super) desk: Arc<Desk<Record>>,
    pub(super) tally: Arc<Tally>,
    pub(super) ends: Arc<Ends>,
    /// Who keeps offsets besides the group.
    pub(super) beginning: Option<Beginning>,
    /// It leaves: nobody works on anything any more.
    pub(super) leaves: AtomicBool,
}

/// Where a partition begins.
#[derive(Clone, Copy)]
struct Begin {
    partition: i32,
    next: i64,
}

impl Member {
    /// Takes partitions over, each from where the group stands.
    fn take_over(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) {
        let begins = loop {
            match self.begins(consumer, list) {
                Ok(begins) => break begins,
                Err(error) => {
                    warn!(topic = self.settings.topic, %error, "cannot ask where the group stands; asking again");
                }
            }
            // Nothing can be read without an answer; a group that waits too long takes the partitions back.
            if self.desk.wait_for_end(PAUSE) {
                break Vec::new();
            }
        };
        let mut assigned = TopicPartitionList::new();
        for begin in &begins {
            let added = assigned.add_partition_offset(
                &self.settings.topic,
                begin.partition,
                Offset::Offset(begin.next),
            );
            debug_assert!(added.is_ok(), "an offset that can be written");
        }
        if let Err(error) = consumer.incremental_assign(&assigned) {
            error!(topic = self.settings.topic, %error, "cannot take partitions over");
            self.desk.forget(&begins.iter().map(|begin| begin.partition).collect::<Vec<_>>());
            return;
        }
        // It may have been paused when it was here before.
        report(consumer.resume(&assigned), "resume");
        self.tally.add_assigned(begins.len());
        info!(topic = self.settings.topic, partitions = ?begins.iter().map(|one| one.partition).collect::<Vec<_>>(), "took partitions over");
        self.commit(consumer, None);
    }

    /// Asks where each of these partitions is to be read from, and enters it.
    fn begins(
        &self,
        consumer: &BaseConsumer<Self>,
        list: &TopicPartitionList,
    ) -> Result<Vec<Begin>, squall_core::Error> {
        let mut asked = TopicPartitionList::new();
        for element in list.elements() {
            asked.add_partition(element.topic(), element.partition());
        }
        let committed = consumer.committed_offsets(asked, ANSWER).map_err(squall_core::Error::retryable)?;
        let mut begins = Vec::new();
        for element in committed.elements() {
            element.error().map_err(squall_core::Error::retryable)?;
            let partition = element.partition();
            let (oldest, end) = lag::ask(consumer, &self.settings.topic, partition, ANSWER)
                .map_err(squall_core::Error::retryable)?;
            self.ends.set(partition, oldest, end);
            let committed = match element.offset() {
                Offset::Offset(offset) => Some(offset),
                _ => None,
            };
            let kept = self.beginning.as_ref().map(|beginning| beginning(partition)).transpose()?.flatten();
            begins.push((partition, kept, committed, oldest, end));
        }
        Ok(begins
            .into_iter()
            .map(|(partition, kept, committed, oldest, end)| {
                self.enter(partition, kept, committed, (oldest, end))
            })
            .collect())
    }

    fn enter(
        &self,
        partition: i32,
        kept: Option<i64>,
        committed: Option<i64>,
        (oldest, end): (i64, i64),
    ) -> Begin {
        let first = if self.settings.start == Start::Earliest { oldest } else { end };
        let wanted = kept.or(committed).unwrap_or(first);
        let (next, stop) = self.judge(partition, wanted, oldest, end);
        // What a topic that was made anew has is no step back.
        let committed = committed.filter(|committed| *committed <= next);
        self.desk.assign(partition, next, committed);
        if let Some(stop) = stop {
            self.desk.stop(partition, stop);
        }
        Begin { partition, next }
    }

    /// From where a partition is read of which `wanted` is to be read next, and why it is not.
    fn judge(&self, partition: i32, wanted: i64, oldest: i64, end: i64) -> (i64, Option<Stop>) {
        if (oldest..=end).contains(&wanted) {
            return (wanted, None);
        }
        let stop = Stop::OutOfRange { wanted, oldest, end };
        self.tally.add_lost(stop.lost());
        let topic = &self.settings.topic;
        if self.settings.on_loss == OnLoss::GoOn {
            error!(
                topic,
                partition,
                lost = stop.lost(),
                from = oldest,
                "goes on with the oldest record: {stop}"
            );
            return (oldest, None);
        }
        error!(topic, partition, lost = stop.lost(), "stopped: {stop}");
        (wanted, Some(stop))
    }

    /// Looks which of the partitions that are read have lost what was to be read next. Returns whether that is known of
    /// all of them.
    pub(super) fn look_for_loss(&self, consumer: &BaseConsumer<Self>) -> bool {
        let (begin, mut is_asked) = (Instant::now(), true);
        for (partition, standing) in self.desk.standings() {
            if standing.stopped.is_some() {
                continue;
            }
            if begin.elapsed() > GLANCES {
                return false;
            }
            let (oldest, end) = match lag::ask(consumer, &self.settings.topic, partition, GLANCE) {
                Ok(ends) => ends,
                Err(error) => {
                    warn!(topic = self.settings.topic, partition, %error, "cannot ask what there is");
                    is_asked = false;
                    continue;
                }
            };
            self.ends.set(partition, oldest, end);
            let (next, stop) = self.judge(partition, standing.next, oldest, end);
            match stop {
                Some(stop) => self.desk.stop(partition, stop),
                None if next != standing.next => {
                    self.begin_anew(consumer, partition, next, standing.committed)
                }
                None => {}
            }
        }
        is_asked
    }

    fn begin_anew(&self, consumer: &BaseConsumer<Self>, partition: i32, next: i64, committed: Option<i64>) {
        let mut list = TopicPartitionList::new();
        let added = list.add_partition_offset(&self.settings.topic, partition, Offset::Offset(next));
        debug_assert!(added.is_ok(), "an offset that can be written");
        self.desk.assign(partition, next, committed.filter(|committed| *committed <= next));
        report(consumer.incremental_unassign(&list), "read anew");
        report(consumer.incremental_assign(&list), "read anew");
        report(consumer.resume(&list), "resume");
    }

    /// Gives partitions back: finishes what is under way, within bounds, and commits.
    fn give_back(&self, consumer: &BaseConsumer<Self>, partitions: &[i32]) {
        self.desk.revoke(partitions);
        let most =
            if self.leaves.load(Ordering::Acquire) { Duration::ZERO } else { self.settings.drain_timeout };
        if !self.desk.wait_until_drained(partitions, most) {
            let left =
                partitions.iter().filter(|one| !self.desk.wait_until_drained(&[**one], Duration::ZERO));
            self.tally.add_undrained(left.count());
            warn!(
                topic = self.settings.topic,
                ?partitions,
                "given back before all was done: what is under way comes again elsewhere; a longer `drain_timeout` \
                 would wait for it"
            );
        }
        self.commit(consumer, Some(partitions));
        self.desk.forget(partitions);
        self.tally.add_revoked(partitions.len());
        info!(topic = self.settings.topic, ?partitions, "gave partitions back");
    }

    /// Commits what is new, of these partitions or of all, and waits for the answer.
    ///
    /// Of a commit that nobody waits for the library's binding tells nobody that it has failed.
    pub(super) fn commit(&self, consumer: &BaseConsumer<Self>, of: Option<&[i32]>) {
        let commits = self.desk.committable(of);
        if commits.is_empty() {
            return;
        }
        let mut list = TopicPartitionList::with_capacity(commits.len());
        for (partition, offset) in &commits {
            let added = list.add_partition_offset(&self.settings.topic, *partition, Offset::Offset(*offset));
            debug_assert!(added.is_ok(), "an offset that can be written");
        }
        let result = consumer.commit(&list, CommitMode::Sync);
        for (partition, offset) in commits {
            self.settle(partition, result.as_ref().map(|()| offset));
        }
    }

    fn settle(&self, partition: i32, result: Result<i64, &KafkaError>) {
        self.tally.add_commit(result.is_ok());
        match result {
            Ok(offset) => {
                debug!(topic = self.settings.topic, partition, offset, "committed");
                self.desk.committed(partition, offset);
            }
            Err(error) => {
                warn!(topic = self.settings.topic, partition, %error, "an offset was not committed; it will be");
                self.desk.not_committed(partition);
            }
        }
    }
}

/// What fails here shows in what follows; the log says what it was.
fn report(result: KafkaResult<()>, what: &str) {
    if let Err(error) = result {
        warn!(%error, "cannot {what} a partition");
    }
}

impl ConsumerContext for Member {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, what: RDKafkaRespErr, list: &mut TopicPartitionList) {
        if what == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.take_over(consumer, list);
            return;
        }
        let partitions: Vec<i32> = list.elements().iter().map(|element| element.partition()).collect();
        if consumer.assignment_lost() {
            // Somebody else has them already: a commit would move what is his.
            self.desk.forget(&partitions);
            self.tally.add_taken_away(partitions.len());
            warn!(topic = self.settings.topic, ?partitions, "the group took partitions away");
        } else {
            self.give_back(consumer, &partitions);
        }
        partitions.iter().for_each(|partition| self.ends.forget(*partition));
        report(consumer.incremental_unassign(list), "give back");
    }
}

impl ClientContext for Member {
    fn log(&self, level: RDKafkaLogLevel, about: &str, said: &str) {
        super::log::library(level, about, said);
    }

    fn stats(&self, statistics: Statistics) {
        let Some(topic) = statistics.topics.get(&self.settings.topic) else { return };
        for (number, partition) in &topic.partitions {
            let Partition { lo_offset, hi_offset, fetchq_size, .. } = partition;
            self.ends.heard(*number, *lo_offset, *hi_offset, *fetchq_size);
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        debug!(target: "squall::kafka", topic = self.settings.topic, %error, reason, "the client library reports");
    }
}
