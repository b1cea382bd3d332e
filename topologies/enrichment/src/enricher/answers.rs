//! [`Answers`]: how many answers an enricher gave, and how long they took.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::Poll;

use squall::{Latency, Result};
use tokio::time::Instant;

use super::{Answering, Outcome};
use crate::times::Times;

/// How many answers an enricher gave, and how long they took.
///
/// Of those that are there at once one in [`SAMPLE`](Self::SAMPLE) is timed and counts for all of them, for looking at
/// the clock takes as long as some of them do; those that have to be waited for are timed each. What failed, or was cut
/// off, is no answer.
#[derive(Debug, Default)]
pub struct Answers {
    given: AtomicU64,
    times: Times,
}

impl Answers {
    /// Of so many answers that are there at once one is timed.
    pub const SAMPLE: u64 = 16;

    /// The answers that were given.
    pub fn given(&self) -> u64 {
        self.given.load(Relaxed)
    }

    /// How long they took.
    pub fn took(&self) -> Latency {
        self.times.latency()
    }

    /// The instant at which the answer to the question of this number begins, if it is one that is timed. For
    /// [`note`](Self::note).
    pub fn begin(number: u64) -> Option<Instant> {
        number.is_multiple_of(Self::SAMPLE).then(Instant::now)
    }

    /// Counts an answer that was there at once, and began at this instant.
    pub fn note(&self, began: Option<Instant>) {
        self.given.fetch_add(1, Relaxed);
        if let Some(began) = began {
            self.times.note_each(began.elapsed(), Self::SAMPLE);
        }
    }

    /// Waits for the answer to the question of this number, and counts it.
    #[expect(
        clippy::manual_async_fn,
        reason = "many wait at once: arguments of an `async fn` lie in it twice"
    )]
    pub(super) fn timed(
        &self,
        number: u64,
        mut answering: Answering<'_>,
    ) -> impl Future<Output = Result<Outcome>> {
        async move {
            let began = Self::begin(number);
            match poll_fn(|cx| Poll::Ready(Pin::new(&mut answering).poll(cx))).await {
                Poll::Ready(outcome) => {
                    if outcome.is_ok() {
                        self.note(began);
                    }
                    return outcome;
                }
                Poll::Pending => {}
            }
            let began = began.unwrap_or_else(Instant::now);
            let outcome = Pin::new(&mut answering).await?;
            self.given.fetch_add(1, Relaxed);
            self.times.note(began.elapsed());
            Ok(outcome)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use squall::Error;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_waited_for_is_timed_each_and_what_is_there_at_once_counts_for_its_like() {
        let answers = Answers::default();

        for number in 0..160 {
            answers.timed(number, Answering::found(&"x")).await.unwrap();
        }
        for number in 160..170 {
            let late = async {
                sleep(Duration::from_millis(200)).await;
                Ok(Outcome::Missing(crate::Missing::NO_TEXT))
            };
            answers.timed(number, Answering::later(late)).await.unwrap();
        }

        let took = answers.took();
        assert_eq!((answers.given(), took.count()), (170, 170));
        assert_eq!(took.counts[0], 160, "virtual time stands still while an answer is at hand: {took:?}");
        assert!((took.sum_seconds - 2.0).abs() < 0.1, "{took:?}");
    }

    #[tokio::test]
    async fn what_failed_is_no_answer() {
        let answers = Answers::default();

        assert!(answers.timed(0, Answering::now(Err(Error::permanent("no")))).await.is_err());

        assert_eq!((answers.given(), answers.took().count()), (0, 0));
    }
}
