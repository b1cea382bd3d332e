//! [`Counts`]: how many alerts lie in which of the three circles.

use schemars::JsonSchema;
use serde::Serialize;

use super::Alert;

/// How many alerts lie in which of the three circles: raised, real, in need of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Counts {
    /// Raised by a check, and nobody has said what it was.
    pub(crate) unanswered: u64,
    /// Raised, real, and somebody had to do something: what alerts are for.
    pub(crate) needed: u64,
    /// Raised and real, but it went away by itself: a mail would have done, or a repair that is done by itself.
    pub(crate) healed: u64,
    /// Raised, and nothing was wrong: noise, to be taken out by another threshold.
    pub(crate) noise: u64,
    /// Nothing was wrong with what runs, and still somebody had to do something: the check itself needs repair.
    pub(crate) false_work: u64,
    /// Real, but no check saw it: a person reported it, and a check is missing.
    pub(crate) unseen: u64,
}

impl Counts {
    pub(crate) fn of<'a>(alerts: impl Iterator<Item = &'a Alert>) -> Self {
        alerts.fold(Self::default(), |mut counts, alert| {
            let of = match (&alert.answer, alert.was_raised()) {
                (_, false) => &mut counts.unseen,
                (None, true) => &mut counts.unanswered,
                (Some(answer), true) => match (answer.real, answer.needed_a_person) {
                    (true, true) => &mut counts.needed,
                    (true, false) => &mut counts.healed,
                    (false, false) => &mut counts.noise,
                    (false, true) => &mut counts.false_work,
                },
            };
            *of += 1;
            counts
        })
    }
}
