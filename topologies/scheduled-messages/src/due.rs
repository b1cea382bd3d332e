//! The spout: messages at their instants.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, OptionFuture};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use squall::{Emit, Failure, Next, Result, Spout, SpoutOutput};
use squall_connect::sql;

use crate::horizon::{Horizon, PAGE};
use crate::message::MessageId;
use crate::store::{Store, Upcoming};

/// The longest sleep: the clock of the machine may be set meanwhile, and the timer does not notice.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// How long a message rests after its root failed, and the spout after the rows could not be read.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// A message whose instant has come: the row has the rest, and is read when the sending begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Which message.
    pub id: MessageId,
    /// The version of the row that said so: if it is another by then, somebody changed it, and this tuple is void.
    pub version: i64,
}

/// Releases messages at their instants.
///
/// It looks two seconds ahead, keeps what is due in that time in a timer, and looks at once when something earlier is
/// stored or has to be tried again. At a start it takes up whatever a process before it left unfinished. One task is
/// enough, and two would release everything twice.
pub struct DueMessages {
    store: Store,
    horizon: Horizon,
    /// Kept here and not in `next`, which may be dropped at every await: a look always comes to its end.
    looking: Option<BoxFuture<'static, Result<Vec<Upcoming>, sql::Error>>>,
    /// After a failed look.
    rests_until: Timestamp,
}

impl DueMessages {
    /// Releases the messages of a store.
    pub fn new(store: Store) -> Self {
        Self { store, horizon: Horizon::new(), looking: None, rests_until: Timestamp::MIN }
    }

    fn release(&mut self, now: Timestamp, out: &mut SpoutOutput<Emit<Due>, MessageId>) -> bool {
        let mut has_released = false;
        for _ in 0..out.room() {
            let Some((id, version)) = self.horizon.release(now) else { break };
            out.track(id).emit(Due { id, version });
            has_released = true;
        }
        has_released
    }

    fn look(&mut self, now: Timestamp) {
        if now < self.rests_until {
            return;
        }
        let Some(look) = self.horizon.look(now) else { return };
        let store = self.store.clone();
        self.looking = Some(async move { store.look(look.after, look.until, PAGE).await }.boxed());
    }

    fn learn(&mut self, rows: Result<Vec<Upcoming>, sql::Error>) {
        self.looking = None;
        match rows {
            Ok(rows) => self.horizon.learn(&rows),
            Err(error) => {
                tracing::warn!(%error, "The messages that are due could not be read; trying again in a second.");
                self.horizon.blink();
                self.rests_until = later(Timestamp::now());
            }
        }
    }

    /// How long there is nothing to do, unless something happens.
    fn pause(&self, now: Timestamp) -> Duration {
        let Some(next) = self.horizon.next_instant() else { return LONGEST_SLEEP };
        let pause = next.max(self.rests_until).duration_since(now);
        Duration::try_from(pause).unwrap_or_default().min(LONGEST_SLEEP)
    }
}

impl Spout for DueMessages {
    type Id = MessageId;
    type Out = Emit<Due>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Due>, MessageId>) -> Result<Next> {
        loop {
            let now = Timestamp::now();
            if let Some(at) = self.store.wake().take() {
                self.horizon.rewind(at);
            }
            self.horizon.unpark(now);
            if self.release(now, out) {
                return Ok(Next::Emitted);
            }
            self.look(now);
            let pause = self.pause(now);
            let looked = tokio::select! {
                biased;
                Some(rows) = OptionFuture::from(self.looking.as_mut()) => Some(rows),
                () = self.store.wake().rung() => None,
                () = tokio::time::sleep(pause) => None,
            };
            if let Some(rows) = looked {
                self.learn(rows);
            }
        }
    }

    async fn ack(&mut self, id: MessageId) {
        self.horizon.done(id);
    }

    async fn failed(&mut self, id: MessageId, failure: Failure) {
        tracing::warn!(%id, reason = %failure.reason, "A message could not be worked on; its row says how far it came.");
        self.horizon.park(id, later(Timestamp::now()));
    }
}

impl std::fmt::Debug for DueMessages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DueMessages").field("horizon", &self.horizon).finish_non_exhaustive()
    }
}

fn later(now: Timestamp) -> Timestamp {
    now.saturating_add(PAUSE).unwrap_or(now)
}
