//! [`Patience`]: a body that does not come is given up.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::rt::time::{Sleep, sleep};
use actix_web::web::Bytes;
use futures_util::Stream;

use crate::Problem;

/// How long whoever answers waits for the body of a request.
#[derive(Clone, Default)]
pub(super) struct Patience(Rc<Waiting>);

#[derive(Default)]
struct Waiting {
    state: Cell<State>,
    /// What comes of the body; nothing once it has come to its end.
    payload: RefCell<Option<Payload>>,
}

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
        patience.0.payload.replace(Some(payload));
        let body = Body { late: Box::pin(sleep(most)), patience: patience.clone() };
        request.set_payload(Payload::Stream { payload: Box::pin(body) });
        patience
    }

    /// There is an answer.
    ///
    /// # Errors
    ///
    /// A 408: the body was late, so it is an answer to nothing.
    pub(super) fn end(&self) -> Result<(), Problem> {
        match self.0.state.replace(State::Answered) {
            State::GaveUp => {
                Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive."))
            }
            State::Waiting | State::Answered => Ok(()),
        }
    }

    /// The answer, with what did not come of the body.
    ///
    /// Of a body in chunks that everybody has let go of the server would read on for as long as something comes, however
    /// long that is. While somebody holds it, it counts as unread: the connection ends soon after the answer.
    pub(super) fn hold(self, answer: BoxBody) -> BoxBody {
        if self.0.payload.borrow().is_none() {
            return answer;
        }
        BoxBody::new(Answer { body: answer, _unread: self })
    }
}

/// A body under way.
struct Body {
    late: Pin<Box<Sleep>>,
    patience: Patience,
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let waiting = Rc::clone(&self.patience.0);
        let mut payload = waiting.payload.borrow_mut();
        let next = match payload.as_mut() {
            Some(payload) => Pin::new(payload).poll_next(context),
            None => return Poll::Ready(None),
        };
        if matches!(next, Poll::Ready(None)) {
            *payload = None;
            return next;
        }
        // Also when there is something: otherwise a byte now and then would do.
        if waiting.state.get() == State::Waiting && self.late.as_mut().poll(context).is_ready() {
            waiting.state.set(State::GaveUp);
            return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
        }
        next
    }
}

/// An answer to a body that has not come to its end.
struct Answer {
    body: BoxBody,
    _unread: Patience,
}

impl MessageBody for Answer {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
