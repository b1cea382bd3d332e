//! [`Capacity`]: how many activities a second this process takes in.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// What was not taken for so long may be made up for at once: timers and threads are not exact.
const SLACK: Duration = Duration::from_millis(50);

/// How many activities a second this process takes in at most, spread evenly. Cheap to clone: clones share it.
///
/// ```
/// use std::num::NonZeroU32;
/// use squall_enrichment::Capacity;
///
/// assert_eq!(Capacity::per_s(NonZeroU32::MIN).limit(), NonZeroU32::new(1));
/// assert_eq!(Capacity::default().limit(), None, "as many as it can");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Capacity(Option<Arc<Turns>>);

/// Each activity has a turn, so long after the one before.
#[derive(Debug)]
struct Turns {
    limit: NonZeroU32,
    /// Nanoseconds between two turns.
    apart: u64,
    began: Instant,
    /// The next turn, in nanoseconds since the beginning.
    next: AtomicU64,
}

impl Capacity {
    /// So many a second at most. What a second has less than a whole number of nanoseconds for is rounded down.
    pub fn per_s(limit: NonZeroU32) -> Self {
        let apart = u64::from(1_000_000_000_u32.div_ceil(limit.get()));
        Self(Some(Arc::new(Turns { limit, apart, began: Instant::now(), next: AtomicU64::new(0) })))
    }

    /// How many a second; none for as many as it can.
    pub fn limit(&self) -> Option<NonZeroU32> {
        self.0.as_ref().map(|turns| turns.limit)
    }

    /// Takes a turn. What is returned is when it is, unless it is now.
    pub(crate) fn take(&self) -> Option<Instant> {
        let turns = self.0.as_ref()?;
        let now = nanos(turns.began.elapsed());
        let earliest = now.saturating_sub(nanos(SLACK));
        let after = |next: u64| Some(next.max(earliest).saturating_add(turns.apart));
        let (Ok(next) | Err(next)) = turns.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after);
        let turn = next.max(earliest);
        (turn > now).then(|| turns.began + Duration::from_nanos(turn))
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use squall_testkit::virtual_time;
    use tokio::time::sleep_until;

    use super::*;

    /// How many are taken in each hundredth of a second.
    async fn taken(capacity: &Capacity, hundredths: u64) -> Vec<u64> {
        let began = Instant::now();
        let mut taken = vec![0; hundredths as usize];
        loop {
            if let Some(turn) = capacity.take() {
                sleep_until(turn).await;
            }
            let at = began.elapsed().as_millis() as u64 / 10;
            match taken.get_mut(at as usize) {
                Some(count) => *count += 1,
                None => return taken,
            }
        }
    }

    #[test]
    fn no_second_has_more_than_it_may_and_each_hundredth_has_its_share() {
        virtual_time(async || {
            let capacity = Capacity::per_s(NonZeroU32::new(20_000).unwrap());

            let taken = taken(&capacity, 300).await;

            let all: u64 = taken.iter().sum();
            assert!((59_000..=61_001).contains(&all), "{all}");
            // A timer has no more than whole milliseconds.
            assert!(taken.iter().all(|count| (160..=240).contains(count)), "{taken:?}");
        });
    }

    #[test]
    fn a_pause_is_not_made_up_for_beyond_the_slack() {
        virtual_time(async || {
            let capacity = Capacity::per_s(NonZeroU32::new(1_000).unwrap());
            squall_testkit::advance(Duration::from_secs(60)).await;

            let taken = taken(&capacity, 100).await;

            let first: u64 = taken.iter().take(10).sum();
            assert!((100..=151).contains(&first), "{taken:?}");
            assert!(taken.iter().sum::<u64>() <= 1_051, "{taken:?}");
        });
    }

    #[test]
    fn those_who_share_it_take_no_more_together() {
        virtual_time(async || {
            let capacity = Capacity::per_s(NonZeroU32::new(5_000).unwrap());
            let other = capacity.clone();

            let (one, other) = tokio::join!(taken(&capacity, 100), taken(&other, 100));

            let all: u64 = one.iter().chain(&other).sum();
            assert!((4_800..=5_052).contains(&all), "{all}");
        });
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        virtual_time(async || {
            let capacity = Capacity::default();
            assert!((0..1_000_000).all(|_| capacity.take().is_none()));
        });
    }
}
