//! The one writer of a file, which shares transactions between callers.

use std::path::Path;

use futures_util::future::LocalBoxFuture;
use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use super::{Access, Error, ErrorKind};

/// Writes that share a transaction at most: the `fsync` is spread over so many that more would only add latency.
const BATCH: usize = 256;

/// A write without the type of its answer.
pub(super) trait Job: Send {
    /// Runs the statements; the transaction cannot go on after an error.
    fn run<'a>(
        self: Box<Self>,
        path: &'a Path,
        connection: &'a mut SqliteConnection,
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
        path: &'a Path,
        connection: &'a mut SqliteConnection,
    ) -> LocalBoxFuture<'a, (Settle, Result<(), Error>)> {
        Box::pin(async move {
            let result = self.access.run(connection).await.map_err(|error| Error::of(path, &error));
            // A violated constraint undoes its own statement only.
            let fatal = match &result {
                Err(error) if error.kind() != ErrorKind::Constraint => Err(error.clone()),
                _ => Ok(()),
            };
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

/// Writes what is handed over, until nobody is left who could.
pub(super) async fn run(
    path: &Path,
    connection: &mut SqliteConnection,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        commit(path, connection, &mut batch).await;
    }
}

async fn commit(path: &Path, connection: &mut SqliteConnection, batch: &mut Vec<Box<dyn Job>>) {
    let mut settles = Vec::with_capacity(batch.len());
    let mut jobs = batch.drain(..);
    let mut result = execute(path, connection, "BEGIN IMMEDIATE").await;
    while result.is_ok()
        && let Some(job) = jobs.next()
    {
        let (settle, ended) = job.run(path, connection).await;
        settles.push(settle);
        result = ended;
    }
    if result.is_ok() {
        result = execute(path, connection, "COMMIT").await;
    }
    if let Err(error) = &result {
        // It fails where SQLite has rolled back by itself, which is just as well.
        drop(execute(path, connection, "ROLLBACK").await);
        jobs.for_each(|job| job.refuse(error.clone()));
    }
    for settle in settles {
        settle(result.clone());
    }
}

async fn execute(
    path: &Path,
    connection: &mut SqliteConnection,
    statement: &'static str,
) -> Result<(), Error> {
    match sqlx::query(statement).execute(connection).await {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::of(path, &error)),
    }
}
