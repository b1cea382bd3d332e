//! A database on a server: a few connections, served by a thread of its own.

mod address;
mod lanes;
mod session;
#[cfg(test)]
#[cfg(all(feature = "postgres", feature = "mysql"))]
mod tests;

pub(super) use address::{Address, addresses};

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyConnection, Connection as _};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{self, Instant};

use self::lanes::{Lane, Lanes};
use super::place::Place;
use super::{Access, Connection, Error, ErrorKind, Migration, connection, kind, migrations, thread};

/// How long an answer may take: a little longer than the server itself allows a statement. A server that does not say
/// anything by then is not there.
const SILENCE_LIMIT: Duration = Duration::from_secs(if cfg!(test) { 5 } else { 6 });

/// How long a call may take once it has a connection.
const CALL_LIMIT: Duration = Duration::from_secs(if cfg!(test) { 6 } else { 7 });

/// Until when a call is made again: with the wait for a connection, no call takes longer than ten seconds.
const AGAIN_LIMIT: Duration = Duration::from_secs(3);

/// How long the schema may take.
const MIGRATION_LIMIT: Duration = Duration::from_secs(600);

/// The pause before a call is made again that others were in the way of; doubled each time.
const PAUSE: Duration = Duration::from_millis(10);

/// How long a connection may lie idle and still be trusted with what cannot be asked for twice.
const TRUSTED: Duration = Duration::from_secs(if cfg!(test) { 0 } else { 1 });

/// A database on a server; with the last clone, its thread ends.
#[derive(Clone)]
pub(super) struct Server {
    lanes: Arc<Lanes>,
    thread: Handle,
    /// What the thread waits for the end of.
    _handle: mpsc::Sender<()>,
}

/// Why a call failed, and whether it may be made again.
struct Failed {
    error: Error,
    is_harmless: bool,
}

impl Server {
    pub(super) async fn open(
        place: &Place,
        addresses: Vec<Address>,
        schema: &'static [Migration],
    ) -> Result<Self, Error> {
        let served = place.clone();
        thread::serve(place, move |opened| serve(served, addresses, schema, opened)).await
    }

    pub(super) async fn read<A: Access>(&self, access: A) -> Result<A::Answer, Error> {
        self.call(access, false).await
    }

    pub(super) async fn write<A: Access>(&self, access: A) -> Result<A::Answer, Error> {
        self.call(access, true).await
    }

    async fn call<A: Access>(&self, access: A, is_write: bool) -> Result<A::Answer, Error> {
        let server = self.clone();
        let calling = self.thread.spawn(async move {
            let began = Instant::now();
            let _slot = server.lanes.slot().await?;
            tries(&server.lanes, access, is_write, began).await
        });
        thread::ended(self.lanes.place(), calling.await)
    }
}

/// Makes a call, and makes it again where that does no harm.
async fn tries<A: Access>(
    lanes: &Arc<Lanes>,
    access: A,
    is_write: bool,
    began: Instant,
) -> Result<A::Answer, Error> {
    let mut pause = PAUSE;
    loop {
        let attempt = Box::pin(attempt(lanes, access.clone(), is_write));
        let failed = match time::timeout(CALL_LIMIT, attempt).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(failed)) => failed,
            Err(_) => {
                let detail = format!("it was not done after {CALL_LIMIT:?}");
                return Err(Error::new(lanes.place(), ErrorKind::Slow, detail));
            }
        };
        if !failed.is_harmless || began.elapsed() > AGAIN_LIMIT {
            return Err(failed.error);
        }
        if failed.error.kind() != ErrorKind::Away {
            time::sleep(pause).await;
            pause *= 2;
        }
    }
}

/// Makes a call once, and sees to its connection.
async fn attempt<A: Access>(lanes: &Arc<Lanes>, access: A, is_write: bool) -> Result<A::Answer, Failed> {
    let began = Instant::now();
    let taken = take(lanes, is_write && A::SINGLE).await;
    let mut lane = taken.map_err(|error| Failed { error, is_harmless: false })?;
    let (result, is_begun) = run(lanes.place(), access, &mut lane.connection, is_write).await;
    let error = match result {
        Ok(answer) => {
            lanes.put_back(lane);
            return Ok(answer);
        }
        Err(error) => error,
    };
    let is_harmless = match error.kind() {
        ErrorKind::Away if began.elapsed() >= SILENCE_LIMIT => {
            lanes.lose(lane.epoch(), &error);
            false
        }
        // The server was started again since the connection was used: another one will do.
        ErrorKind::Away => {
            lanes.distrust();
            lane.idle().is_some() && !(is_write && is_begun)
        }
        // It took writes when it let us in.
        ErrorKind::ReadOnly => {
            lanes.lose(lane.epoch(), &error);
            false
        }
        // Another process has migrated the table since: the statements of new connections are prepared for it.
        ErrorKind::Conflict if error.detail().starts_with(kind::STALE) => {
            lanes.distrust();
            true
        }
        ErrorKind::Conflict | ErrorKind::Locked => {
            lanes.put_back(lane);
            true
        }
        _ => {
            lanes.put_back(lane);
            false
        }
    };
    Err(Failed { error, is_harmless })
}

/// Takes a connection; one that has to be reliable is asked first whether it is.
async fn take(lanes: &Arc<Lanes>, is_reliable: bool) -> Result<Lane, Error> {
    let mut lane = lanes.take().await?;
    if !is_reliable || lane.idle().is_none_or(|idle| idle <= TRUSTED) {
        return Ok(lane);
    }
    let began = Instant::now();
    match within(lane.connection.ping()).await {
        Ok(()) => Ok(lane),
        Err(error) if began.elapsed() >= SILENCE_LIMIT => {
            Err(lanes.lose(lane.epoch(), &Error::of(lanes.place(), &error)))
        }
        Err(_) => {
            lanes.distrust();
            lanes.take().await
        }
    }
}

/// Runs an access, in a transaction if it needs one; returns whether the server was asked for any of it.
async fn run<A: Access>(
    place: &Place,
    access: A,
    backend: &mut AnyConnection,
    is_write: bool,
) -> (Result<A::Answer, Error>, bool) {
    let is_transaction = is_write && !A::SINGLE;
    if is_transaction && let Err(error) = execute(place, backend, "BEGIN").await {
        return (Err(error), false);
    }
    let mut connection = Connection::lent_to::<A>(backend, place, Some(SILENCE_LIMIT));
    let result = access.run(&mut connection).await;
    let result = match connection.outcome(result) {
        result if !is_transaction => result,
        Ok(answer) => execute(place, backend, "COMMIT").await.map(|()| answer),
        Err(error) if error.kind() == ErrorKind::Away => Err(error),
        // A server that cannot be told any more undoes it by itself.
        Err(error) => Err(execute(place, backend, "ROLLBACK").await.err().unwrap_or(error)),
    };
    (result, true)
}

async fn execute(
    place: &Place,
    connection: &mut AnyConnection,
    statement: &'static str,
) -> Result<(), Error> {
    place.count();
    match within(sqlx::raw_sql(statement).execute(connection)).await {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::of(place, &error)),
    }
}

/// Waits for the server.
async fn within<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    connection::within(Some(SILENCE_LIMIT), answer).await
}

/// The body of the server's thread: brings the schema up to date, then answers until the last handle is gone.
async fn serve(
    place: Place,
    addresses: Vec<Address>,
    schema: &'static [Migration],
    opened: oneshot::Sender<Result<Server, Error>>,
) {
    let current = match prepare(&place, &addresses, schema).await {
        Ok(current) => current,
        // Whoever asked may be gone: then nobody needs the answer.
        Err(error) => return drop(opened.send(Err(error))),
    };
    let lanes = Arc::new(Lanes::new(place, addresses, current));
    let (handle, mut handles) = mpsc::channel(1);
    let server = Server { lanes: Arc::clone(&lanes), thread: Handle::current(), _handle: handle };
    drop(opened.send(Ok(server)));
    // Nothing is ever sent: it ends with the last handle.
    let _end = handles.recv().await;
    lanes.close().await;
}

/// Brings the schema up to date, and returns which address takes writes.
async fn prepare(place: &Place, addresses: &[Address], schema: &[Migration]) -> Result<usize, Error> {
    sqlx::any::install_default_drivers();
    let (current, mut connection) = lanes::connect(place, addresses, 0).await?;
    let migrating = async {
        session::prepare_for_migration(place, &mut connection).await?;
        migrations::apply(place, schema, &mut connection).await
    };
    match time::timeout(MIGRATION_LIMIT, migrating).await {
        Ok(result) => result?,
        Err(_) => {
            let detail = format!("its migrations did not end within {MIGRATION_LIMIT:?}");
            return Err(Error::new(place, ErrorKind::Slow, detail));
        }
    }
    drop(connection.close().await);
    Ok(current)
}
