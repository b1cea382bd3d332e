//! An answer that is kept for as long as it was worth getting.

use std::fmt;
use std::future::pending;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How often what it cost an answer serves: then asking takes the database a twentieth of its time.
const WORTH: u32 = 20;

/// How long any answer serves.
const LEAST: Duration = Duration::from_secs(1);

/// The latest answer to one question.
pub(super) struct Cached<T>(Arc<Kept<T>>);

struct Kept<T> {
    latest: Mutex<Option<Answer<T>>>,
    /// Held by whoever asks: the others wait for that answer.
    asking: Arc<AsyncMutex<()>>,
}

#[derive(Clone)]
struct Answer<T> {
    value: T,
    at: Instant,
    serves: Duration,
}

impl<T: Clone + Send + 'static> Cached<T> {
    /// The latest answer, or a new one if that one has served.
    ///
    /// One that took long to get still serves while the next one is got, so that only the first caller waits for it.
    pub(super) async fn get<E: Send + 'static>(
        &self,
        ask: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, E> {
        if let Some(answer) = self.0.latest() {
            let age = answer.at.elapsed();
            if age < answer.serves {
                return Ok(answer.value);
            }
            if answer.serves > LEAST && age < answer.serves * 2 {
                // Somebody who asks already is enough; an error comes again when the next caller waits.
                if let Ok(asking) = Arc::clone(&self.0.asking).try_lock_owned() {
                    self.ask(ask, asking);
                }
                return Ok(answer.value);
            }
        }
        let asking = Arc::clone(&self.0.asking).lock_owned().await;
        match self.0.latest() {
            Some(answer) if answer.at.elapsed() < answer.serves => Ok(answer.value),
            _ => match self.ask(ask, asking).await {
                Ok(result) => result,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => resume_unwind(panic),
                    // The runtime goes down, and with it whoever waits here.
                    Err(_) => pending().await,
                },
            },
        }
    }

    /// The latest answer, however old it is.
    pub(super) fn last(&self) -> Option<T> {
        self.0.latest().map(|answer| answer.value)
    }

    /// Asks to the end, even if whoever wants to know does not wait that long: the next one will.
    fn ask<E: Send + 'static>(
        &self,
        ask: impl Future<Output = Result<T, E>> + Send + 'static,
        asking: OwnedMutexGuard<()>,
    ) -> JoinHandle<Result<T, E>> {
        let kept = Arc::clone(&self.0);
        tokio::spawn(async move {
            let result = kept.ask(ask).await;
            drop(asking);
            result
        })
    }
}

impl<T: Clone> Kept<T> {
    fn latest(&self) -> Option<Answer<T>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask<E>(&self, ask: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let began = Instant::now();
        let value = ask.await?;
        let at = Instant::now();
        let serves = (at.duration_since(began) * WORTH).max(LEAST);
        let answer = Answer { value: value.clone(), at, serves };
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        Ok(value)
    }
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(Arc::new(Kept { latest: Mutex::new(None), asking: Arc::default() }))
    }
}

impl<T> fmt::Debug for Cached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::time::{advance, sleep};

    use super::*;

    #[derive(Clone, Default)]
    struct Asked(Arc<AtomicU64>);

    impl Asked {
        /// The number of this question, after a while.
        fn answer(&self, after: Duration) -> impl Future<Output = Result<u64, ()>> + Send + 'static {
            let asked = Arc::clone(&self.0);
            async move {
                let number = asked.fetch_add(1, Ordering::Relaxed) + 1;
                sleep(after).await;
                Ok(number)
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_serves_for_a_second() {
        let (cached, asked) = (Cached::default(), Asked::default());
        let quick = Duration::ZERO;

        assert_eq!(cached.get(asked.answer(quick)).await, Ok(1));
        advance(LEAST - Duration::from_millis(1)).await;
        assert_eq!(cached.get(asked.answer(quick)).await, Ok(1));
        advance(Duration::from_millis(1)).await;
        assert_eq!(cached.get(asked.answer(quick)).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_took_long_serves_long_and_while_the_next_one_is_got() {
        let (cached, asked) = (Cached::default(), Asked::default());
        let slow = Duration::from_secs(3);

        assert_eq!(cached.get(asked.answer(slow)).await, Ok(1));
        advance(slow * WORTH - Duration::from_millis(1)).await;
        assert_eq!(cached.get(asked.answer(slow)).await, Ok(1));
        advance(Duration::from_millis(1)).await;
        assert_eq!(cached.get(asked.answer(slow)).await, Ok(1), "without a wait");
        sleep(slow * 2).await;
        assert_eq!(cached.get(asked.answer(slow)).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_answer_is_not_given_for_a_new_one() {
        let (cached, asked) = (Cached::default(), Asked::default());
        let slow = Duration::from_secs(3);

        assert_eq!(cached.get(asked.answer(slow)).await, Ok(1));
        advance(slow * WORTH * 2).await;
        assert_eq!(cached.get(asked.answer(slow)).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_waited_for_serves_the_next_caller() {
        let (cached, asked) = (Cached::default(), Asked::default());
        let slow = Duration::from_secs(3);

        let first = tokio::time::timeout(slow / 2, cached.get(asked.answer(slow))).await;

        assert!(first.is_err());
        assert_eq!(cached.get(asked.answer(slow)).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn callers_at_the_same_time_share_an_answer() {
        let (cached, asked) = (Cached::default(), Asked::default());
        let slow = Duration::from_secs(3);

        let (one, other) = tokio::join!(cached.get(asked.answer(slow)), cached.get(asked.answer(slow)));

        assert_eq!((one, other), (Ok(1), Ok(1)));
    }
}
