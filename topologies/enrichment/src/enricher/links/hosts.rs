//! The hosts that are being asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Silences in a row after which a host is left alone.
const STRIKES: u32 = 3;

/// Hosts that are remembered without being asked: those that were silent lately.
const REMEMBERED: usize = 10_000;

/// How often those that may be forgotten are looked for, at most.
const SWEEP: Duration = Duration::from_secs(1);

/// The hosts that are being asked, each so many times at once, and those that were silent lately.
pub(super) struct Hosts {
    /// Turns at all hosts together: each is an open connection.
    all: Semaphore,
    per_host: usize,
    /// How long a silent host is left alone.
    rest: Duration,
    by_name: Mutex<ByName>,
}

#[derive(Default)]
struct ByName {
    hosts: HashMap<String, Host>,
    /// When those that may be forgotten were last looked for.
    swept: Option<Instant>,
}

struct Host {
    turns: Arc<Semaphore>,
    /// Who has a turn or waits for one.
    visitors: usize,
    strikes: u32,
    /// When its last silence is forgotten.
    until: Option<Instant>,
}

/// A place in the queue of a host.
pub(super) struct Visit<'a> {
    hosts: &'a Hosts,
    name: String,
    turns: Arc<Semaphore>,
}

/// A turn at a host, as long as it is kept.
pub(super) struct Turn<'a>(
    #[expect(dead_code, reason = "it is kept")] (OwnedSemaphorePermit, SemaphorePermit<'a>),
);

impl Hosts {
    pub(super) fn new(all: usize, per_host: usize, rest: Duration) -> Self {
        Self { all: Semaphore::new(all), per_host, rest, by_name: Mutex::default() }
    }

    /// Joins the queue at the host `name`; `None` if it is left alone.
    pub(super) fn visit(&self, name: &str) -> Option<Visit<'_>> {
        let mut by_name = self.lock();
        if !by_name.hosts.contains_key(name) {
            let turns = Arc::new(Semaphore::new(self.per_host));
            by_name.hosts.insert(name.to_owned(), Host { turns, visitors: 0, strikes: 0, until: None });
        }
        let host = by_name.hosts.get_mut(name)?;
        if host.strikes >= STRIKES {
            if host.until.is_some_and(|until| Instant::now() < until) {
                return None;
            }
            // One silence more, and it is left alone again.
            host.strikes = STRIKES - 1;
        }
        host.visitors += 1;
        let turns = Arc::clone(&host.turns);
        drop(by_name);
        Some(Visit { hosts: self, name: name.to_owned(), turns })
    }

    fn lock(&self) -> MutexGuard<'_, ByName> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hosts that take memory now.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().hosts.len()
    }
}

impl Visit<'_> {
    /// Waits for a turn. Who waits for a busy host keeps nobody from another one.
    pub(super) async fn turn(&self) -> Option<Turn<'_>> {
        let here = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        let among_all = self.hosts.all.acquire().await.ok()?;
        Some(Turn((here, among_all)))
    }

    /// Tells whether the host answered at all.
    pub(super) fn tell(&self, is_silent: bool) {
        let mut by_name = self.hosts.lock();
        let Some(host) = by_name.hosts.get_mut(&self.name) else { return };
        host.strikes = if is_silent { host.strikes.saturating_add(1) } else { 0 };
        host.until = is_silent.then(|| Instant::now() + self.hosts.rest);
    }
}

impl Drop for Visit<'_> {
    /// Forgets the host if there is nothing to remember.
    fn drop(&mut self) {
        let mut by_name = self.hosts.lock();
        let is_crowded = by_name.hosts.len() > REMEMBERED;
        if let Some(host) = by_name.hosts.get_mut(&self.name) {
            host.visitors -= 1;
            if host.visitors == 0 && (host.strikes == 0 || is_crowded) {
                by_name.hosts.remove(&self.name);
            }
        }
        let now = Instant::now();
        if is_crowded && by_name.swept.is_none_or(|swept| now - swept >= SWEEP) {
            by_name.swept = Some(now);
            by_name.hosts.retain(|_, host| host.visitors > 0 || host.until.is_some_and(|until| now < until));
        }
    }
}

impl fmt::Debug for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hosts").field("per_host", &self.per_host).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::time::advance;

    use super::*;

    const REST: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn so_many_are_asked_at_once_and_the_next_one_waits() {
        let hosts = Hosts::new(100, 2, REST);
        let visits: Vec<_> = (0..3).map(|_| hosts.visit("a.example").unwrap()).collect();
        let first = visits[0].turn().await;
        let _second = visits[1].turn().await;

        let mut third = Box::pin(visits[2].turn());
        assert!((&mut third).now_or_never().is_none());
        assert!(
            hosts.visit("b.example").unwrap().turn().await.is_some(),
            "another host has turns of its own"
        );
        drop(first);
        assert!((&mut third).now_or_never().is_some());
    }

    #[tokio::test]
    async fn all_hosts_together_are_asked_so_many_at_once_and_a_busy_one_keeps_nobody_waiting() {
        let hosts = Hosts::new(2, 1, REST);
        let visits: Vec<_> =
            ["a", "a", "a", "b", "c"].iter().map(|host| hosts.visit(host).unwrap()).collect();
        let first = visits[0].turn().await;
        assert!(visits[1].turn().now_or_never().is_none() && visits[2].turn().now_or_never().is_none());

        let _other = visits[3].turn().now_or_never().unwrap();
        let mut third = Box::pin(visits[4].turn());
        assert!((&mut third).now_or_never().is_none());
        drop(first);
        assert!((&mut third).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_host_that_nobody_asks_takes_no_memory() {
        let hosts = Hosts::new(100, 2, REST);

        for host in 0..1000 {
            let visit = hosts.visit(&format!("{host}.example")).unwrap();
            drop(visit.turn().await.unwrap());
            visit.tell(false);
        }

        assert_eq!(hosts.len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_was_silent_three_times_in_a_row_is_left_alone_for_a_while() {
        let hosts = Hosts::new(100, 2, REST);
        let ask = |is_silent| hosts.visit("a.example").map(|visit| visit.tell(is_silent)).is_some();

        assert!(ask(true) && ask(true) && ask(false) && ask(true) && ask(true), "an answer makes good");
        assert!(ask(true));
        assert!(!ask(true) && hosts.visit("b.example").is_some());
        advance(REST).await;
        assert!(ask(true), "it is tried once");
        assert!(!ask(true), "and left alone again");
        advance(REST).await;
        assert!(ask(false) && ask(true));
    }

    #[tokio::test]
    async fn silent_hosts_do_not_fill_the_memory() {
        let hosts = Hosts::new(100, 2, Duration::ZERO);

        for host in 0..3 * REMEMBERED {
            hosts.visit(&format!("{host}.example")).unwrap().tell(true);
        }

        assert!(hosts.len() <= REMEMBERED + 1, "{}", hosts.len());
    }
}
