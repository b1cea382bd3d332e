//! The connections to a server, and what is known of it.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::{AnyConnection, Connection as _};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::{self, Instant};

use super::{Address, session};
use crate::sql::place::Place;
use crate::sql::{Error, ErrorKind};

/// Connections at once: enough to keep a server busy, few enough for a hundred processes at one server.
const LANES: usize = 8;

/// How long a call waits for a connection while all are in use.
const QUEUE_LIMIT: Duration = Duration::from_secs(3);

/// The pause after all addresses were tried in vain: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How long a connection may lie idle: something between here and the server may forget it without a word.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// How long a good-bye may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// The connections to the one address that is in use.
pub(super) struct Lanes {
    place: Place,
    addresses: Vec<Address>,
    slots: Semaphore,
    inner: Mutex<Inner>,
    /// Why the server is away, while it is.
    away: watch::Sender<Option<Error>>,
}

struct Inner {
    /// Which of the addresses is in use.
    current: usize,
    /// Whether one is searched for.
    is_away: bool,
    /// Grows with every outage: connections of an earlier epoch are not used again.
    epoch: u64,
    /// The one that was used last is at the end.
    idle: Vec<Lane>,
}

/// A connection that somebody uses.
pub(super) struct Lane {
    pub(super) connection: AnyConnection,
    epoch: u64,
    /// When it was put back, if it was used before.
    idle_since: Option<Instant>,
}

impl Lane {
    fn is_fresh(&self) -> bool {
        self.idle().is_none_or(|idle| idle < IDLE_LIMIT)
    }

    /// Of which epoch it is.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// How long it lay idle; `None` if it was made for this call.
    pub(super) fn idle(&self) -> Option<Duration> {
        self.idle_since.map(|since| since.elapsed())
    }
}

impl Lanes {
    pub(super) fn new(place: Place, addresses: Vec<Address>, current: usize) -> Self {
        let inner = Mutex::new(Inner { current, is_away: false, epoch: 0, idle: Vec::with_capacity(LANES) });
        Self { place, addresses, slots: Semaphore::new(LANES), inner, away: watch::Sender::new(None) }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Waits for the right to use a connection.
    pub(super) async fn slot(&self) -> Result<SemaphorePermit<'_>, Error> {
        let mut away = self.away.subscribe();
        let outage = async {
            let why = away.wait_for(Option::is_some).await;
            why.ok().and_then(|why| why.clone()).unwrap_or_else(|| Error::closed(&self.place))
        };
        tokio::select! {
            biased;
            why = outage => Err(why),
            slot = self.slots.acquire() => slot.map_err(|_| Error::closed(&self.place)),
            () = time::sleep(QUEUE_LIMIT) => {
                let detail = format!("all {LANES} connections were busy for {QUEUE_LIMIT:?}");
                Err(Error::new(&self.place, ErrorKind::Slow, detail))
            }
        }
    }

    /// Takes a connection that is idle, or makes one; needs a slot.
    pub(super) async fn take(self: &Arc<Self>) -> Result<Lane, Error> {
        let (address, epoch) = {
            let mut inner = self.inner();
            inner.idle.retain(Lane::is_fresh);
            if let Some(lane) = inner.idle.pop() {
                return Ok(lane);
            }
            (self.addresses.get(inner.current).cloned(), inner.epoch)
        };
        let Some(address) = address else { return Err(Error::closed(&self.place)) };
        match session::open(&address).await {
            Ok(connection) => Ok(Lane { connection, epoch, idle_since: None }),
            // The other connections work.
            Err(error) if error.kind() == ErrorKind::Crowded => Err(error),
            Err(error) => Err(self.lose(epoch, &error)),
        }
    }

    /// Keeps a connection for the next call.
    pub(super) fn put_back(&self, mut lane: Lane) {
        let mut inner = self.inner();
        inner.idle.retain(Lane::is_fresh);
        if lane.epoch == inner.epoch {
            lane.idle_since = Some(Instant::now());
            inner.idle.push(lane);
        }
    }

    /// A connection broke: those that lie idle are broken as well, most likely.
    pub(super) fn distrust(&self) {
        drop(mem::take(&mut self.inner().idle));
    }

    /// The server of an epoch is not there, or of no use; all calls fail until one is found. Returns their error.
    pub(super) fn lose(self: &Arc<Self>, epoch: u64, why: &Error) -> Error {
        let error = Error::new(&self.place, ErrorKind::Away, why.detail());
        {
            let mut inner = self.inner();
            if inner.epoch != epoch || inner.is_away {
                return error;
            }
            inner.epoch += 1;
            inner.is_away = true;
            drop(mem::take(&mut inner.idle));
        }
        self.away.send_replace(Some(error.clone()));
        tracing::warn!(database = %self.place, error = why.detail(), "A database is away; calls fail until it is back.");
        tokio::spawn(Arc::clone(self).search());
        error
    }

    /// Tries the addresses, one after another, until one is found that takes writes.
    async fn search(self: Arc<Self>) {
        let since = Instant::now();
        let (mut pause, longest) = PAUSES;
        let first = self.inner().current;
        loop {
            match connect(&self.place, &self.addresses, first).await {
                Ok((index, connection)) => {
                    let address = self.found(index, connection);
                    let seconds = since.elapsed().as_secs_f32();
                    tracing::info!(database = address, seconds, "A database is back.");
                    return;
                }
                Err(error) => {
                    tracing::debug!(database = %self.place, error = error.detail(), "A database is still away.");
                }
            }
            time::sleep(pause).await;
            pause = longest.min(pause * 2);
        }
    }

    fn found(&self, index: usize, connection: AnyConnection) -> String {
        {
            let mut inner = self.inner();
            inner.current = index;
            inner.is_away = false;
            let lane = Lane { connection, epoch: inner.epoch, idle_since: Some(Instant::now()) };
            inner.idle.push(lane);
        }
        self.away.send_replace(None);
        self.addresses.get(index).map(|address| address.place().to_string()).unwrap_or_default()
    }

    /// Says good-bye to the server.
    pub(super) async fn close(&self) {
        let idle = mem::take(&mut self.inner().idle);
        let closing = async {
            for lane in idle {
                drop(lane.connection.close().await);
            }
        };
        // A server that does not answer will notice.
        drop(time::timeout(CLOSE_LIMIT, closing).await);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connects to the first address that takes writes, beginning with one of them.
pub(super) async fn connect(
    place: &Place,
    addresses: &[Address],
    first: usize,
) -> Result<(usize, AnyConnection), Error> {
    let (behind, before) =
        (addresses.iter().enumerate().skip(first), addresses.iter().enumerate().take(first));
    let mut failures = Vec::new();
    for (index, address) in behind.chain(before) {
        match session::open(address).await {
            Ok(connection) => return Ok((index, connection)),
            Err(error) => failures.push((address, error)),
        }
    }
    if let [(_, error)] = &*failures {
        return Err(error.clone());
    }
    // A wrong password wants to be seen first; a standby will take writes when its primary is gone for good.
    let kinds: Vec<_> = failures.iter().map(|(_, error)| error.kind()).collect();
    let passing = |kind: &ErrorKind| matches!(kind, ErrorKind::Away | ErrorKind::ReadOnly);
    let lasting = kinds.iter().copied().find(|kind| !passing(kind));
    let kind = match lasting {
        Some(kind) => kind,
        None if kinds.contains(&ErrorKind::Away) => ErrorKind::Away,
        None => ErrorKind::ReadOnly,
    };
    let details: Vec<_> =
        failures.iter().map(|(address, error)| format!("{}: {}", address.place(), error.detail())).collect();
    Err(Error::new(place, kind, details.join("; ")))
}
