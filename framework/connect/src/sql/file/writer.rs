//! The one writer of a file, which shares transactions between callers.

use std::panic::AssertUnwindSafe;

use futures_util::future::{FutureExt, LocalBoxFuture};
use sqlx::AnyConnection;
use tokio::sync::{mpsc, oneshot};

use crate::sql::place::Place;
use crate::sql::{Access, Connection, Error, ErrorKind};

/// Writes that share a transaction at most: the `fsync` is spread over so many that more would only add latency.
const BATCH: usize = 256;

/// A write without the type of its answer.
pub(super) trait Job: Send {
    /// Runs the statements; the transaction cannot go on after an error.
    fn run<'a>(
        self: Box<Self>,
        place: &'a Place,
        connection: &'a mut AnyConnection,
    ) -> LocalBoxFuture<'a, (Settle, Result<(), Error>)>;

    /// Answers a write that was not begun.
    fn refuse(self: Box<Self>, error: Error);
}

/// Tells the caller how its write ended, once the transaction has.
pub(super) type Settle = Box<dyn FnOnce(Result<(), Error>)>;

type Receiver<A> = oneshot::Receiver<Result<<A as Access>::Answer, Error>>;

/// Makes a write ready to be handed over; its answer comes through the receiver.
pub(super) fn job<A: Access>(access: A) -> (Box<dyn Job>, Receiver<A>) {
    let (answer, receiver) = oneshot::channel();
    (Box::new(Pending { access, answer }), receiver)
}

struct Pending<A: Access> {
    access: A,
    answer: oneshot::Sender<Result<A::Answer, Error>>,
}

impl<A: Access> Job for Pending<A> {
    fn run<'a>(
        self: Box<Self>,
        place: &'a Place,
        connection: &'a mut AnyConnection,
    ) -> LocalBoxFuture<'a, (Settle, Result<(), Error>)> {
        Box::pin(async move {
            let (result, fatal) = attempt(self.access, place, connection).await;
            let answer = self.answer;
            let settle: Settle = Box::new(move |commit| {
                // A caller that was dropped needs no answer.
                drop(answer.send(commit.and(result)));
            });
            (settle, fatal)
        })
    }

    fn refuse(self: Box<Self>, error: Error) {
        drop(self.answer.send(Err(error)));
    }
}

/// Runs an access, and undoes it alone if it fails; what cannot be undone alone comes as the second error.
async fn attempt<A: Access>(
    access: A,
    place: &Place,
    backend: &mut AnyConnection,
) -> (Result<A::Answer, Error>, Result<(), Error>) {
    // One statement that fails undoes itself.
    if !A::SINGLE
        && let Err(error) = execute(place, backend, "SAVEPOINT access").await
    {
        return (Err(error.clone()), Err(error));
    }
    let mut connection = Connection::lent_to::<A>(backend, place, None);
    // The thread is there for the others, too.
    let result = match AssertUnwindSafe(access.run(&mut connection)).catch_unwind().await {
        Ok(result) => connection.outcome(result),
        Err(_) => Err(Error::panicked(place)),
    };
    let fatal = match &result {
        Ok(_) if A::SINGLE => Ok(()),
        Ok(_) => execute(place, backend, "RELEASE access").await,
        Err(error) if A::SINGLE && error.kind() == ErrorKind::Constraint => Ok(()),
        Err(error) if A::SINGLE => Err(error.clone()),
        Err(error) => undo(place, backend).await.map_err(|_| error.clone()),
    };
    (result, fatal)
}

/// Goes back to where the access began; fails where SQLite has undone the whole transaction by itself.
async fn undo(place: &Place, backend: &mut AnyConnection) -> Result<(), Error> {
    execute(place, backend, "ROLLBACK TO access").await?;
    execute(place, backend, "RELEASE access").await
}

/// Writes what is handed over, until nobody is left who could.
pub(super) async fn run(
    place: &Place,
    connection: &mut AnyConnection,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        commit(place, connection, &mut batch).await;
    }
}

async fn commit(place: &Place, connection: &mut AnyConnection, batch: &mut Vec<Box<dyn Job>>) {
    let mut settles = Vec::with_capacity(batch.len());
    let mut jobs = batch.drain(..);
    let mut result = execute(place, connection, "BEGIN IMMEDIATE").await;
    while result.is_ok()
        && let Some(job) = jobs.next()
    {
        let (settle, ended) = job.run(place, connection).await;
        settles.push(settle);
        result = ended;
    }
    if result.is_ok() {
        result = execute(place, connection, "COMMIT").await;
    }
    if let Err(error) = &result {
        // It fails where SQLite has rolled back by itself, which is just as well.
        drop(execute(place, connection, "ROLLBACK").await);
        jobs.for_each(|job| job.refuse(error.clone()));
    }
    for settle in settles {
        settle(result.clone());
    }
}

async fn execute(
    place: &Place,
    connection: &mut AnyConnection,
    statement: &'static str,
) -> Result<(), Error> {
    place.count();
    match sqlx::query(statement).execute(connection).await {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::of(place, &error)),
    }
}
