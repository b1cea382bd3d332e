//! [`Restarts`]: whether a task that failed is started again, and when.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use squall_core::Exit;
use squall_topology::{RestartMode, RestartPolicy};

/// What to do with a task whose run has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Start it again, after this time.
    Restart(Duration),
    /// It is over, as it should be.
    Finish,
    /// The topology fails.
    Escalate,
}

/// The restarts of one task, judged by its policy.
#[derive(Debug)]
pub(crate) struct Restarts {
    policy: RestartPolicy,
    /// Fruitless restarts within the window.
    fruitless: VecDeque<Instant>,
    /// Fruitless runs since the last one that achieved something.
    in_a_row: u32,
}

impl Restarts {
    pub(crate) fn new(policy: RestartPolicy) -> Self {
        Self { policy, fruitless: VecDeque::new(), in_a_row: 0 }
    }

    /// Judges an exit. `is_spout`: only a spout can be started again after its end.
    pub(crate) fn judge(&mut self, exit: &Exit, is_spout: bool, now: Instant) -> Verdict {
        match exit {
            Exit::Finished { progressed } if is_spout && self.policy.policy == RestartMode::Permanent => {
                self.charge(*progressed, now)
            }
            Exit::Finished { .. } | Exit::Parked | Exit::Retired => Verdict::Finish,
            // The task itself sees to this one.
            Exit::Restart => Verdict::Restart(Duration::ZERO),
            Exit::Failed { permanent: true, .. } => Verdict::Escalate,
            Exit::Failed { .. } if self.policy.policy == RestartMode::Never => Verdict::Escalate,
            Exit::Failed { progressed, .. } => self.charge(*progressed, now),
        }
    }

    /// The task has achieved something: its back-off begins anew.
    pub(crate) fn progressed(&mut self) {
        self.in_a_row = 0;
    }

    /// A run that achieved something is restarted at once and costs nothing.
    fn charge(&mut self, progressed: bool, now: Instant) -> Verdict {
        if progressed {
            self.progressed();
            return Verdict::Restart(Duration::ZERO);
        }
        let window = self.policy.window;
        self.fruitless.retain(|at| now.saturating_duration_since(*at) < window);
        if self.fruitless.len() >= self.policy.budget as usize {
            return Verdict::Escalate;
        }
        self.fruitless.push_back(now);
        self.in_a_row = self.in_a_row.saturating_add(1);
        Verdict::Restart(self.policy.delay(self.in_a_row))
    }
}

#[cfg(test)]
mod tests {
    use squall_core::Reason;

    use super::*;

    fn failed(progressed: bool) -> Exit {
        Exit::Failed { reason: Reason::Panic, message: String::new(), permanent: false, progressed }
    }

    #[test]
    fn fruitless_restarts_back_off_and_then_escalate() {
        let mut restarts = Restarts::new(RestartPolicy { budget: 3, ..RestartPolicy::default() });
        let now = Instant::now();
        let verdicts: Vec<_> = (0..4).map(|_| restarts.judge(&failed(false), false, now)).collect();
        let after = |millis| Verdict::Restart(Duration::from_millis(millis));
        assert_eq!(verdicts, [after(10), after(20), after(40), Verdict::Escalate]);
    }

    #[test]
    fn a_task_that_gets_on_is_restarted_at_once_for_ever() {
        let mut restarts = Restarts::new(RestartPolicy::default());
        for _ in 0..100_000 {
            assert_eq!(
                restarts.judge(&failed(true), false, Instant::now()),
                Verdict::Restart(Duration::ZERO)
            );
        }
    }

    #[test]
    fn the_budget_is_renewed_with_time() {
        let mut restarts = Restarts::new(RestartPolicy { budget: 1, ..RestartPolicy::default() });
        let now = Instant::now();
        restarts.judge(&failed(false), false, now);
        assert_eq!(restarts.judge(&failed(false), false, now), Verdict::Escalate);
        let later = now + RestartPolicy::default().window;
        assert!(matches!(restarts.judge(&failed(false), false, later), Verdict::Restart(_)));
    }

    #[test]
    fn modes_decide_about_ends_and_failures() {
        let verdict = |mode, exit: &Exit| {
            let policy = RestartPolicy { policy: mode, ..RestartPolicy::default() };
            Restarts::new(policy).judge(exit, true, Instant::now())
        };
        assert!(matches!(
            verdict(RestartMode::Permanent, &Exit::Finished { progressed: false }),
            Verdict::Restart(_)
        ));
        assert_eq!(verdict(RestartMode::Transient, &Exit::Finished { progressed: true }), Verdict::Finish);
        assert!(matches!(verdict(RestartMode::Transient, &failed(true)), Verdict::Restart(_)));
        assert_eq!(verdict(RestartMode::Never, &failed(true)), Verdict::Escalate);
    }
}
