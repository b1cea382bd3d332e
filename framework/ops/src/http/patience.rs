//! [`Patience`]: a body that does not come is given up.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::rt::time::{Sleep, sleep};
use actix_web::web::Bytes;
use futures_util::Stream;

use crate::Problem;

/// How long whoever answers waits for the body of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Patience(Rc<Cell<State>>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Waiting,
    /// The answer has begun: it is its own affair how long it reads on.
    Answered,
    GaveUp,
}

impl Patience {
    /// From now on the body of this request is an error once it is late.
    pub(super) fn with(request: &mut ServiceRequest, most: Duration) -> Self {
        let patience = Self::default();
        let payload = request.take_payload();
        if matches!(payload, Payload::None) {
            return patience;
        }
        let body = Body { payload, late: Box::pin(sleep(most)), patience: patience.clone() };
        request.set_payload(Payload::Stream { payload: Box::pin(body) });
        patience
    }

    /// There is an answer.
    ///
    /// # Errors
    ///
    /// A 408: the body was late, so it is an answer to nothing.
    pub(super) fn end(&self) -> Result<(), Problem> {
        match self.0.replace(State::Answered) {
            State::GaveUp => {
                Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive."))
            }
            State::Waiting | State::Answered => Ok(()),
        }
    }
}

/// A body under way.
struct Body {
    payload: Payload,
    late: Pin<Box<Sleep>>,
    patience: Patience,
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.payload).poll_next(context);
        let State::Waiting = self.patience.0.get() else { return next };
        // Also when there is something: otherwise a byte now and then would do.
        if !matches!(next, Poll::Ready(None)) && self.late.as_mut().poll(context).is_ready() {
            self.patience.0.set(State::GaveUp);
            return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
        }
        next
    }
}
