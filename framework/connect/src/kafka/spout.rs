//! [`KafkaSpout`]: emits the records of a topic.

use std::{fmt, future::poll_fn, sync::Arc, time::Duration};

use squall_core::{Emit, Error, Failure, Next, Reason, Result, Spout, SpoutOutput};
use tokio::time::timeout;
use tracing::{error, warn};

use super::{
    consumer::Consumer,
    desk::End,
    record::Record,
    source::KafkaSource,
    tracker::{Stop, Ticket},
};

/// Records that one call emits: the task looks at its outcomes in between.
const BURST: usize = 256;

/// How long a task waits for its member to leave. One that cannot, since no broker answers, ends when it can.
const LEAVE: Duration = Duration::from_secs(10);

/// Emits the records of a [`KafkaSource`], each as a root of its own.
///
/// A record that is done is never committed before those that came before it in its partition. What was not done when
/// the process ends, or when its partition goes to another member, comes again: at least once.
///
/// Declare it with `.replay(policy)`: then a record that fails is emitted again, and one that fails for good becomes a
/// dead letter, whose reader's ack is the record's own; others of its partition pass it meanwhile. A record that fails
/// for good without a reader of dead letters stops its partition, by name in the log and in
/// [`Lag::stopped`](super::Lag::stopped): it is neither lost nor committed.
///
/// ```
/// use squall_connect::kafka::{KafkaSource, Record, SourceSettings};
/// use squall_core::{Bolt, Output, Result, RetryPolicy};
/// use squall_topology::TopologyBuilder;
///
/// struct Count(usize);
///
/// impl Bolt for Count {
///     type In = Record;
///     type Out = ();
///
///     async fn execute(&mut self, record: Record, _: &mut Output<()>) -> Result {
///         self.0 += record.payload().len();
///         Ok(())
///     }
/// }
///
/// let source = KafkaSource::new(SourceSettings::new("127.0.0.1:9092", "activities", "enrichment"))?;
/// let mut t = TopologyBuilder::new("bytes");
/// let records = t.spout_with("records", async move |context| source.spout(context)).tasks(2).output();
/// t.bolt("count", || Count(0)).tasks(4).shuffle(records);
/// assert!(t.build().is_ok());
/// # Ok::<(), squall_core::Error>(())
/// ```
pub struct KafkaSpout {
    source: KafkaSource,
    task: usize,
    consumer: Arc<Consumer>,
}

impl KafkaSpout {
    pub(super) fn new(source: KafkaSource, task: usize, consumer: Arc<Consumer>) -> Self {
        consumer.desk().has_worker(true);
        Self { source, task, consumer }
    }

    /// What the member says at its end. Another one takes its place after the spout's back-off.
    fn ended(&mut self, end: End) -> Result<Next> {
        match end {
            End::Closed => Ok(Next::End),
            End::Broken(why) => {
                self.source.gone(self.task, &self.consumer);
                self.consumer = self.source.member(self.task)?;
                self.consumer.desk().has_worker(true);
                Err(Error::retryable(why))
            }
        }
    }
}

impl Spout for KafkaSpout {
    type Id = Ticket;
    type Out = Emit<Record>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Record>, Ticket>) -> Result<Next> {
        let (ticket, record) = match poll_fn(|cx| self.consumer.desk().poll_take(cx)).await {
            Ok(first) => first,
            Err(end) => return self.ended(end),
        };
        out.track(ticket).emit(record);
        // The rest needs no waiting: from here on nothing is awaited, so that nothing taken is lost.
        for _ in 1..BURST {
            if out.room() == 0 {
                break;
            }
            let Some((ticket, record)) = self.consumer.desk().try_take() else { break };
            out.track(ticket).emit(record);
        }
        Ok(Next::Emitted)
    }

    async fn ack(&mut self, ticket: Ticket) {
        self.consumer.desk().ack(&ticket);
        self.source.tally().add_done();
    }

    async fn failed(&mut self, ticket: Ticket, failure: Failure) {
        let desk = self.consumer.desk();
        desk.give_up(&ticket);
        if failure.reason == Reason::Shutdown {
            // It comes again at the next start.
            return;
        }
        let why = match &failure.cause {
            Some(cause) => format!("{}, {cause}", failure.reason),
            None => failure.reason.to_string(),
        };
        let stop = Stop::Failed { offset: ticket.offset(), why };
        error!(topic = self.source.settings().topic, partition = ticket.partition(), "stopped: {stop}");
        desk.stop_for(&ticket, stop);
    }

    async fn deactivate(&mut self) {
        self.consumer.desk().want_commit();
    }

    async fn close(&mut self) {
        let desk = self.consumer.desk();
        desk.want_end();
        let left = timeout(LEAVE, poll_fn(|cx| desk.poll_end(cx))).await;
        if left.is_err() {
            let topic = &self.source.settings().topic;
            warn!(
                topic,
                "the member has not left its group in {LEAVE:?}; what was not committed comes again"
            );
        }
        self.source.gone(self.task, &self.consumer);
    }
}

impl Drop for KafkaSpout {
    /// Another one may be built in its place, and soon. If none is, the member leaves its group.
    fn drop(&mut self) {
        self.consumer.desk().has_worker(false);
    }
}

impl fmt::Debug for KafkaSpout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaSpout").field("task", &self.task).finish_non_exhaustive()
    }
}
