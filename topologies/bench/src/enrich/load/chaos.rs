//! What is done to the workers meanwhile: drawn from a seed.

use std::time::Duration;

use fastrand::Rng;

/// Something that is done to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// SIGKILL to the worker of this place, which is then started again.
    Kill(usize),
    /// Another member joins.
    Join,
    /// That member is told to leave: SIGTERM.
    Leave,
}

/// Kills, and in between somebody who joins and leaves, in a loop.
#[derive(Debug)]
pub(super) struct Chaos {
    rng: Rng,
    workers: usize,
    kill_every: Duration,
    join_every: Duration,
    next_kill: Duration,
    next_join: Duration,
    has_joined: bool,
}

impl Chaos {
    /// Kills one of `workers` about every `kill_every`; every `join_every` somebody joins or leaves. Zero is never.
    pub(super) fn new(seed: u64, workers: usize, kill_every: Duration, join_every: Duration) -> Self {
        let mut rng = Rng::with_seed(seed);
        let (next_kill, next_join) = (about(&mut rng, kill_every), about(&mut rng, join_every));
        Self { rng, workers, kill_every, join_every, next_kill, next_join, has_joined: false }
    }

    /// What is due at this instant, one thing at a time.
    pub(super) fn due(&mut self, at: Duration) -> Option<Act> {
        if self.next_kill <= at && self.workers > 0 {
            self.next_kill = at + about(&mut self.rng, self.kill_every);
            return Some(Act::Kill(self.rng.usize(..self.workers)));
        }
        if self.next_join <= at {
            self.next_join = at + about(&mut self.rng, self.join_every);
            self.has_joined = !self.has_joined;
            return Some(if self.has_joined { Act::Join } else { Act::Leave });
        }
        None
    }
}

/// Half to one and a half of it.
fn about(rng: &mut Rng, every: Duration) -> Duration {
    if every.is_zero() { Duration::MAX / 2 } else { every.mul_f64(0.5 + rng.f64()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn acts(seed: u64, kill_every: Duration, join_every: Duration) -> Vec<(Duration, Act)> {
        let mut chaos = Chaos::new(seed, 3, kill_every, join_every);
        let mut acts = Vec::new();
        for at in (0..6_000).map(|tenth| SECOND / 10 * tenth) {
            while let Some(act) = chaos.due(at) {
                acts.push((at, act));
            }
        }
        acts
    }

    #[test]
    fn a_seed_gives_the_same_again_and_every_worker_is_killed_and_members_join_and_leave_in_turn() {
        let all = acts(5, 4 * SECOND, 7 * SECOND);

        assert_eq!(all, acts(5, 4 * SECOND, 7 * SECOND));
        assert_ne!(all, acts(6, 4 * SECOND, 7 * SECOND));
        for worker in 0..3 {
            let kills = all.iter().filter(|(_, act)| *act == Act::Kill(worker)).count();
            assert!((25..75).contains(&kills), "{kills}");
        }
        let turns: Vec<_> = all.iter().filter(|(_, act)| !matches!(act, Act::Kill(_))).collect();
        assert!(turns.len() > 60);
        assert!(turns.iter().enumerate().all(|(nth, (_, act))| (*act == Act::Join) == (nth % 2 == 0)));
    }

    #[test]
    fn zero_is_never() {
        assert_eq!(acts(5, Duration::ZERO, Duration::ZERO), []);
    }
}
