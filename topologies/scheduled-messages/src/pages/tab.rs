//! [`Tab`]: messages in states that are looked at together.

use crate::state::State;

/// Messages in states that are looked at together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tab {
    pub(super) name: &'static str,
    pub(super) states: &'static [State],
    /// What there is to say when there are none.
    pub(super) nothing: &'static str,
}

impl Tab {
    /// In the order in which they stand on the page; the first is shown when nobody says.
    pub(super) const ALL: [Self; 8] = [
        Self {
            name: "Scheduled",
            states: &[State::Scheduled, State::Claimed],
            nothing: "Nothing waits for its instant.",
        },
        Self { name: "In flight", states: &[State::Sending], nothing: "No attempt is under way." },
        Self {
            name: "Retrying",
            states: &[State::Retrying],
            nothing: "Nothing waits for a further attempt.",
        },
        Self {
            name: "Unconfirmed",
            states: &[State::Unconfirmed],
            nothing: "Nothing waits for a person's decision.",
        },
        Self { name: "Dead", states: &[State::Dead], nothing: "Nothing is dead." },
        Self { name: "Suspended", states: &[State::Suspended], nothing: "Nothing is held." },
        Self {
            name: "Done",
            states: &[State::Sent, State::Cancelled, State::Expired],
            nothing: "Nothing is done yet.",
        },
        Self { name: "All", states: &[], nothing: "There is no message yet." },
    ];

    /// The parameter `state` that stands for it.
    pub(super) fn parameter(self) -> String {
        if self.states.is_empty() {
            return "all".to_owned();
        }
        self.states.iter().map(|state| state.name()).collect::<Vec<_>>().join(",")
    }

    /// What may be done to messages in these states, as the actions are called: what makes sense for some of them.
    pub(super) fn actions(states: &[State]) -> Vec<&'static str> {
        use crate::state::Step;
        let leaves = |step: Step| states.is_empty() || states.iter().any(|state| step.leaves(*state));
        let again = [State::Dead, State::Expired, State::Retrying];
        let mut actions = Vec::new();
        if leaves(Step::ResolveSent) && !states.is_empty() {
            actions.extend(["sent", "not_sent", "give_up"]);
        }
        if states.is_empty() || states.iter().any(|state| again.contains(state)) {
            actions.push("retry");
        }
        if leaves(Step::Edit) {
            actions.extend(["send_now", "move", "cancel"]);
        }
        if states == [State::Suspended] {
            actions.retain(|action| *action != "send_now");
        }
        actions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_in_one_tab() {
        for state in State::ALL {
            assert_eq!(Tab::ALL.iter().filter(|tab| tab.states.contains(&state)).count(), 1, "{state}");
        }
    }

    #[test]
    fn what_is_over_is_not_cancelled_and_what_waits_for_a_person_is_decided() {
        assert_eq!(Tab::actions(&[State::Dead]), ["retry"]);
        assert_eq!(Tab::actions(&[State::Unconfirmed]), ["sent", "not_sent", "give_up"]);
        assert_eq!(Tab::actions(&[State::Scheduled]), ["send_now", "move", "cancel"]);
        assert_eq!(Tab::actions(&[State::Sending]), [""; 0]);
    }
}
