//! Where activities wait for the answers of the enrichers, without a runtime.

mod done;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use crate::room::Place;
use crate::{Activity, Answer, Room};
use done::Done;

/// How long answers wait for their activity, which was sent when they were asked for. It can only be long where
/// everything is.
const UNCLAIMED_MOST: Duration = Duration::from_secs(60);

/// Activities that wait for answers, and answers whose activity is still to come, each under the number that both
/// have. `C` is a claim on what was read: who has it says what becomes of it.
///
/// Nothing is timed here: an answer that does not come in time is asked for again by whoever asks. So an activity
/// leaves in one of two ways: with all its answers, or because its claim has failed.
pub(crate) struct Park<C> {
    /// Boxed: with all that comes and goes, the table has places for twice as many as wait, and more.
    waiting: HashMap<u64, Box<Waiting<C>>>,
    done: Done,
    room: Room,
}

enum Waiting<C> {
    Activity { activity: Activity, wants: usize, claim: C, place: Place, since: Duration },
    Answers { answers: Vec<Answer>, claim: C, since: Duration },
}

/// An activity with all its answers.
pub(crate) struct Joined<C> {
    pub(crate) activity: Activity,
    /// The claim that was held for it, if it or an answer had to wait.
    pub(crate) claim: Option<C>,
}

/// The claims of what waits no longer.
pub(crate) struct Swept<C> {
    /// Those that failed.
    pub(crate) failed: Vec<C>,
    /// Those of answers whose activity does not come.
    pub(crate) unclaimed: Vec<C>,
}

impl<C> Park<C> {
    /// One whose activities take their places in `room`.
    pub(crate) fn new(room: Room) -> Self {
        Self { waiting: HashMap::new(), done: Done::default(), room }
    }

    /// An activity has come that wants so many answers. It leaves at once if they are all there; else it waits.
    pub(crate) fn activity(
        &mut self,
        number: u64,
        mut activity: Activity,
        wants: usize,
        now: Duration,
        claim: impl FnOnce() -> C,
    ) -> Option<Joined<C>> {
        let early = match self.waiting.remove(&number).map(|waiting| *waiting) {
            Some(Waiting::Answers { answers, claim, .. }) => {
                answers.into_iter().for_each(|Answer { name, outcome, .. }| {
                    activity.enrichments.insert(name, outcome);
                });
                Some(claim)
            }
            // Two of one number: the claim of the first one fails with it.
            Some(Waiting::Activity { .. }) | None => None,
        };
        if activity.enrichments.len() >= wants {
            self.done.add(number);
            self.room.note_joined(Duration::ZERO);
            return Some(Joined { activity, claim: early });
        }
        let known: u64 = activity.enrichments.iter().map(|(_, outcome)| outcome.bytes()).sum();
        let place = self.room.take(activity.bytes() + known);
        let claim = early.unwrap_or_else(claim);
        activity.enrichments.reserve_exactly(wants);
        let waiting = Waiting::Activity { activity, wants, claim, place, since: now };
        self.waiting.insert(number, Box::new(waiting));
        None
    }

    /// An answer has come. Its activity leaves if that was the last one.
    pub(crate) fn answer(
        &mut self,
        answer: Answer,
        now: Duration,
        claim: impl FnOnce() -> C,
    ) -> Option<Joined<C>> {
        let Answer { number, .. } = answer;
        let mut waiting = match self.waiting.entry(number) {
            Entry::Occupied(waiting) => waiting,
            Entry::Vacant(_) if self.done.has(number) => {
                self.room.note_repeated();
                return None;
            }
            Entry::Vacant(none) => {
                let answers = Waiting::Answers { answers: vec![answer], claim: claim(), since: now };
                none.insert(Box::new(answers));
                return None;
            }
        };
        match &mut **waiting.get_mut() {
            Waiting::Answers { answers, .. } if answers.iter().any(|there| there.name == answer.name) => {
                self.room.note_repeated();
                return None;
            }
            Waiting::Answers { answers, .. } => {
                answers.push(answer);
                return None;
            }
            Waiting::Activity { activity, .. }
                if activity.enrichments.get(answer.name.as_str()).is_some() =>
            {
                self.room.note_repeated();
                return None;
            }
            Waiting::Activity { activity, wants, place, .. } => {
                place.grow(answer.bytes());
                activity.enrichments.insert(answer.name, answer.outcome);
                if activity.enrichments.len() < *wants {
                    return None;
                }
            }
        }
        let Waiting::Activity { activity, claim, since, .. } = *waiting.remove() else { return None };
        self.done.add(number);
        self.room.note_joined(now.saturating_sub(since));
        Some(Joined { activity, claim: Some(claim) })
    }

    /// Lets go of what has failed meanwhile, and of answers whose activity does not come.
    pub(crate) fn sweep(&mut self, now: Duration, has_failed: impl Fn(&C) -> bool) -> Swept<C> {
        let is_over = |waiting: &Waiting<C>| match waiting {
            Waiting::Activity { claim, .. } => has_failed(claim),
            Waiting::Answers { claim, since, .. } => {
                has_failed(claim) || now.saturating_sub(*since) > UNCLAIMED_MOST
            }
        };
        let mut swept = Swept { failed: Vec::new(), unclaimed: Vec::new() };
        for (_, waiting) in self.waiting.extract_if(|_, waiting| is_over(waiting)) {
            match *waiting {
                Waiting::Activity { claim, .. } => {
                    self.room.note_abandoned();
                    swept.failed.push(claim);
                }
                Waiting::Answers { claim, .. } if has_failed(&claim) => swept.failed.push(claim),
                Waiting::Answers { claim, .. } => swept.unclaimed.push(claim),
            }
        }
        swept
    }
}

#[cfg(test)]
mod tests;
