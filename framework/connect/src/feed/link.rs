//! [`Link`]: a connection that is made again whenever it ends.

use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::Pin;
use std::time::Duration;

use squall_core::RetryPolicy;
use tokio::time::{Sleep, sleep};
use tracing::{info, warn};

/// The longest pause that the other side can ask for: whatever it says by mistake must not end the feed.
const PAUSE_MOST: Duration = Duration::from_secs(5 * 60);

/// A connection that is being made.
pub(crate) type Connecting<C> = Pin<Box<dyn Future<Output = Result<C, <C as Connected>::Error>> + Send>>;

/// A connection that was made.
pub(crate) trait Connected: Sized {
    /// What comes over it.
    type Item;
    /// Why it ended.
    type Error: Display;

    /// The next one. Cancel safe.
    async fn next(&mut self) -> Result<Self::Item, Self::Error>;

    /// Whether it is useless to make another connection.
    fn is_final(error: &Self::Error) -> bool;

    /// How long the other side wants us to wait before we come again. We wait five minutes at most.
    fn pause(&self) -> Option<Duration> {
        None
    }
}

/// A connection that is made again whenever it ends, after a pause that grows while nothing comes.
///
/// Whatever is under way stays here when the future of [`next`](Self::next) is dropped: it is cancel safe, also while
/// a connection is made.
pub(crate) struct Link<C: Connected> {
    state: State<C>,
    policy: RetryPolicy,
    /// Connections that brought nothing, one behind the other.
    failures: u32,
    /// The first pause, where the other side has said it.
    pause: Option<Duration>,
}

enum State<C: Connected> {
    Apart,
    Waiting(Pin<Box<Sleep>>),
    Connecting(Connecting<C>),
    Open(Box<C>),
}

impl<C: Connected> Link<C> {
    /// Of the policy, the pauses count; it never gives up.
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        let policy = RetryPolicy { attempts: u32::MAX, ..policy };
        Self { state: State::Apart, policy, failures: 0, pause: None }
    }

    /// What comes next, on whichever connection.
    pub(crate) async fn next(
        &mut self,
        mut connect: impl FnMut() -> Connecting<C>,
    ) -> Result<C::Item, C::Error> {
        loop {
            let ended = match &mut self.state {
                State::Apart => {
                    self.state = State::Connecting(connect());
                    continue;
                }
                State::Waiting(sleep) => {
                    poll_fn(|cx| sleep.as_mut().poll(cx)).await;
                    self.state = State::Apart;
                    continue;
                }
                State::Connecting(connecting) => match connecting.await {
                    Ok(connection) => {
                        info!("The feed is connected.");
                        self.state = State::Open(Box::new(connection));
                        continue;
                    }
                    Err(error) => error,
                },
                State::Open(connection) => match connection.next().await {
                    Ok(item) => {
                        self.failures = 0;
                        return Ok(item);
                    }
                    Err(error) => {
                        self.pause = connection.pause().map(|pause| pause.min(PAUSE_MOST)).or(self.pause);
                        error
                    }
                },
            };
            if C::is_final(&ended) {
                self.state = State::Apart;
                return Err(ended);
            }
            self.wait(&ended);
        }
    }

    /// Whether a connection is there.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    fn wait(&mut self, ended: &C::Error) {
        self.failures = self.failures.saturating_add(1);
        let backoff = self.pause.unwrap_or(self.policy.backoff);
        let max_backoff = self.policy.max_backoff.max(backoff);
        let policy = RetryPolicy { backoff, max_backoff, ..self.policy };
        let pause = policy.delay(self.failures.min(u32::MAX - 1)).unwrap_or(max_backoff);
        warn!("{ended}; the feed is connected again in {} ms", pause.as_millis());
        drop(mem::replace(&mut self.state, State::Waiting(Box::pin(sleep(pause)))));
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use tokio::time::{Instant, timeout};

    use super::*;

    /// One that ends at once, and wants us to come again after this.
    struct Ends(Duration);

    impl Connected for Ends {
        type Item = ();
        type Error = String;

        async fn next(&mut self) -> Result<(), String> {
            Err("it has ended".to_owned())
        }

        fn is_final(_: &String) -> bool {
            false
        }

        fn pause(&self) -> Option<Duration> {
            Some(self.0)
        }
    }

    /// How long is waited after a connection that wants this pause.
    async fn waited(pause: Duration) -> Duration {
        let mut link = Link::new(RetryPolicy::default());
        let next = link.next(|| Box::pin(ready(Ok(Ends(pause)))));
        assert!(timeout(Duration::ZERO, next).await.is_err());
        match &link.state {
            State::Waiting(sleep) => sleep.deadline() - Instant::now(),
            _ => panic!("it does not wait"),
        }
    }

    #[tokio::test]
    async fn the_other_side_says_how_long_is_waited_and_five_minutes_are_the_most() {
        let minute = Duration::from_secs(60);

        assert!(waited(2 * minute).await > minute / 2);
        for pause in [Duration::from_secs(86_400), Duration::from_millis(u64::MAX), Duration::MAX] {
            assert!(waited(pause).await <= 5 * minute, "{pause:?}");
        }
    }
}
