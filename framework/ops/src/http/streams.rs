//! [`Streams`]: answers that go on for as long as somebody listens.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, watch};

use crate::Problem;

/// The most streams that are open at once: a page has one, and each holds a connection.
pub(super) const MOST: usize = 1024;

/// How many streams are open, and whether they all have to end. A clone is a handle to the same.
///
/// A server that ends waits for open answers, and these have no end of their own. So whoever makes a stream takes a
/// permit first, holds it as long as the stream is there, and ends it once [`closed`](Self::closed) is.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    most: usize,
    room: Arc<Semaphore>,
    is_closed: Arc<watch::Sender<bool>>,
}

/// A stream that is open, until this is dropped.
#[derive(Debug)]
pub(crate) struct StreamPermit {
    _room: OwnedSemaphorePermit,
}

impl Default for Streams {
    fn default() -> Self {
        Self::at_most(MOST)
    }
}

impl Streams {
    /// Room for so many.
    pub(crate) fn at_most(most: usize) -> Self {
        Self { most, room: Arc::new(Semaphore::new(most)), is_closed: Arc::new(watch::Sender::new(false)) }
    }

    /// One more stream.
    ///
    /// # Errors
    ///
    /// A 503: as many are open as may be, or the process ends.
    pub(crate) fn open(&self) -> Result<StreamPermit, Problem> {
        match Arc::clone(&self.room).try_acquire_owned() {
            Ok(room) => Ok(StreamPermit { _room: room }),
            Err(TryAcquireError::NoPermits) => Err(Problem::unavailable(format!(
                "{} streams are open, and there may not be more; close a page, or try again later.",
                self.most
            ))),
            Err(TryAcquireError::Closed) => {
                Err(Problem::unavailable("The process ends; ask the one that comes after it."))
            }
        }
    }

    /// All streams have to end now, and there will be no other.
    pub(crate) fn close(&self) {
        self.room.close();
        self.is_closed.send_replace(true);
    }

    /// Waits until all streams have to end. Cancel safe.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut is_closed = self.is_closed.subscribe();
        async move {
            // Whoever could say so has gone: that is an end too.
            drop(is_closed.wait_for(|is_closed| *is_closed).await);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use super::*;

    #[test]
    fn one_stream_too_many_is_a_503_until_another_ends() {
        let streams = Streams::at_most(2);
        let (first, _second) = (streams.open().unwrap(), streams.open().unwrap());

        let problem = streams.open().unwrap_err();
        assert_eq!(problem.status(), 503);
        assert!(problem.detail().starts_with("2 streams are open"), "{problem}");

        drop(first);
        streams.open().unwrap();
    }

    #[actix_web::test]
    async fn every_stream_is_told_to_end_and_no_other_begins() {
        let streams = Streams::at_most(2);
        let mut open = pin!(streams.closed());
        let is_over = poll_fn(|context| Poll::Ready(open.as_mut().poll(context).is_ready()));
        assert!(!is_over.await);

        streams.clone().close();

        open.await;
        streams.closed().await;
        assert_eq!(streams.open().unwrap_err().status(), 503);
    }
}
