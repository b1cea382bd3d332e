//! An answer that is there, or is being looked for.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::{Either, LocalBoxFuture};
use serde::Serialize;
use squall::{Error, Result};

use super::{Asked, Json, Missing, Outcome};

/// The answer of an [`Enricher`](super::Enricher): there at once, which costs nothing, or later.
#[must_use = "nothing happens unless it is awaited"]
pub struct Answering<'a>(Either<Ready<Result<Outcome>>, LocalBoxFuture<'a, Result<Outcome>>>);

impl<'a> Answering<'a> {
    /// What is known at once.
    pub fn now(outcome: Result<Outcome>) -> Self {
        Self(Either::Left(ready(outcome)))
    }

    /// What has to be waited for.
    pub fn later(answer: impl Future<Output = Result<Outcome>> + 'a) -> Self {
        Self(Either::Right(Box::pin(answer)))
    }

    /// A value that is known at once.
    pub fn found(value: &impl Serialize) -> Self {
        Self::now(Json::of(value).map(Outcome::Found).map_err(Error::permanent))
    }

    /// What cannot be found out.
    pub fn missing(why: Missing) -> Self {
        Self::now(Ok(Outcome::Missing(why)))
    }

    /// The outcome, if it is known at once and is one: an error is worth another question.
    pub(super) fn at_once(self) -> Option<Outcome> {
        match self.0 {
            Either::Left(known) => known.into_inner().ok(),
            Either::Right(_) => None,
        }
    }

    /// The answer to a question that this enricher never asks: a fault of the wiring.
    pub fn refused(asked: &Asked) -> Self {
        Self::now(Err(Error::permanent(format!(
            "this enricher asks nothing of the kind of {}",
            asked.kind()
        ))))
    }
}

impl Future for Answering<'_> {
    type Output = Result<Outcome>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl fmt::Debug for Answering<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self.0, Either::Left(_)) { "Answering::Now" } else { "Answering::Later" })
    }
}
