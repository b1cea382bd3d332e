//! What is checked of this topology, beside what is checked of all.
//!
//! Each name is a heading in `RUNBOOK.md`, which tells what to do.

mod overload;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use squall_ops::{Bound, Check, Reading};

use crate::pipeline::NAME;
use crate::{Overload, Tally};

/// So many looks, one a second, are taken together.
const WINDOW: usize = 60;

/// A share of fewer lines says nothing.
const LEAST: u64 = 20;

/// All of them. They are made once a second, and have the overload looked at as often.
pub(crate) fn checks(tally: &Arc<Tally>, overload: &Overload) -> Vec<Check> {
    let mut checks = overload::checks(overload);
    checks.push(rejects(tally));
    checks
}

/// The share of lines that cannot be read.
fn rejects(tally: &Arc<Tally>) -> Check {
    let tally = Arc::clone(tally);
    let mut looks = Looks::default();
    Check::new("enrichment-rejects", Bound::Above(0.05), move |_: squall_ops::CheckView<'_>| {
        let share = looks.look(tally.written(), tally.rejected());
        share.map(reading).into_iter().collect()
    })
    .unit("ratio")
    .lasting(Duration::from_secs(30))
    .what_to_do("look at the lines that are named on standard error, and ask whoever sends them what changed")
}

fn reading(share: f64) -> Reading {
    let percent = share * 100.0;
    Reading::new(share)
        .about(NAME, "rejects")
        .sentence(format!("{percent:.1} % of the lines of the last minute are no activities"))
}

/// What was counted at the last looks.
#[derive(Debug, Default)]
struct Looks(VecDeque<(u64, u64)>);

impl Looks {
    /// The share of rejected lines since the oldest look; `None` if too few lines came.
    fn look(&mut self, written: u64, rejected: u64) -> Option<f64> {
        self.0.push_back((written, rejected));
        if self.0.len() > WINDOW {
            self.0.pop_front();
        }
        let (before_written, before_rejected) = *self.0.front()?;
        let rejected = rejected.saturating_sub(before_rejected);
        let all = written.saturating_sub(before_written) + rejected;
        (all >= LEAST).then(|| rejected as f64 / all as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Enrichers, Room};

    #[test]
    fn every_check_has_its_place_in_the_runbook() {
        let tally = Arc::new(Tally::default());
        let overload = Overload::new(&tally, &Room::new(1, 1), &Enrichers::default(), None);

        for check in checks(&tally, &overload) {
            let heading = format!("\n## {}\n", check.name());
            assert!(include_str!("../RUNBOOK.md").contains(&heading), "{}", check.name());
        }
    }

    #[test]
    fn the_share_is_that_of_the_last_minute() {
        let mut looks = Looks::default();

        assert_eq!(looks.look(0, 0), None, "nothing came yet");
        assert_eq!(looks.look(90, 10), Some(0.1));
        let later = (0..WINDOW).map(|look| looks.look(90 + 10 * (look as u64 + 1), 10)).last();
        assert_eq!(later, Some(Some(0.0)), "what was before the window is forgotten");
    }
}
