//! The thread that serves a database.

use std::thread;

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinError;

use super::place::Place;
use super::{Error, ErrorKind};

/// Starts a thread with a runtime of its own, and returns the handle that its body sends once the database is open.
pub(super) async fn serve<H, B>(
    place: &Place,
    body: impl FnOnce(oneshot::Sender<Result<H, Error>>) -> B + Send + 'static,
) -> Result<H, Error>
where
    H: Send + 'static,
    B: Future<Output = ()>,
{
    let (opened, answer) = oneshot::channel();
    let served = place.clone();
    thread::Builder::new()
        .name("squall-sql".to_owned())
        .spawn(move || match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(body(opened)),
            // Whoever asked may be gone: then nobody needs the answer.
            Err(error) => drop(opened.send(Err(Error::new(&served, ErrorKind::Other, error)))),
        })
        .map_err(|error| Error::new(place, ErrorKind::Other, error))?;
    answer.await.unwrap_or_else(|_| Err(Error::closed(place)))
}

/// What became of a task on such a thread.
pub(super) fn ended<T>(place: &Place, ended: Result<Result<T, Error>, JoinError>) -> Result<T, Error> {
    match ended {
        Ok(result) => result,
        Err(error) if error.is_panic() => Err(Error::panicked(place)),
        Err(_) => Err(Error::closed(place)),
    }
}
