//! The states of a message, and every step from one to another.
//!
//! ```text
//!            Create                Claim                Begin              Accept
//!  (nothing) ─────► scheduled ───────────────► claimed ───────► sending ──────────► sent
//!                     ▲  ▲ ▲                    │ ▲ │              │ │ │
//!                     │  │ └──── HandBack ──────┘ │ └─ Expire ─►   │ │ └─ Refuse ──► dead
//!             Edit ───┘  │        (or retrying)   │    expired     │ │
//!                        │                        │                │ └── Park ─────► unconfirmed
//!                        │                        └─ Claim, of a   │                   │
//!     Resume             │                           dead process ◄┤                   │ Resolve
//!  suspended ────────────┤                                         ▼                   ▼
//!      ▲                 └──── Retry, SendNow, … ◄── dead …    retrying          sent, dead, scheduled
//!      └── Suspend ── scheduled, claimed, retrying          (Claim again)
//! ```
//!
//! This file is the only one that knows which step may follow which state. Statements name the states that a step may
//! leave by [`Step::from`], never by themselves; the tests of the stores try every step on every state.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a message is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for its instant.
    Scheduled,
    /// A process holds it, and will send it at its instant.
    Claimed,
    /// An attempt is under way.
    Sending,
    /// The destination took it.
    Sent,
    /// An attempt failed, and it waits for the next one.
    Retrying,
    /// An attempt may have arrived, and nothing but a person can tell.
    Unconfirmed,
    /// It will not be sent: refused, or out of attempts.
    Dead,
    /// Somebody took it back before it was sent.
    Cancelled,
    /// It would have been too late.
    Expired,
    /// Its account is suspended.
    Suspended,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Scheduled,
        Self::Claimed,
        Self::Sending,
        Self::Sent,
        Self::Retrying,
        Self::Unconfirmed,
        Self::Dead,
        Self::Cancelled,
        Self::Expired,
        Self::Suspended,
    ];

    /// The name under which it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Claimed => "claimed",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Retrying => "retrying",
            Self::Unconfirmed => "unconfirmed",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
        }
    }

    /// Reads a name; `None` if it is none of them.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether it is at its end, unless a person says otherwise.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Sent | Self::Dead | Self::Cancelled | Self::Expired)
    }

    /// Whether it waits for an instant, alone or in the hands of a process.
    pub const fn is_queued(self) -> bool {
        matches!(self, Self::Scheduled | Self::Claimed | Self::Sending | Self::Retrying)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What moves a message from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A process takes it, to send it at its instant. What a dead process held is taken in the same way.
    Claim,
    /// A process gives it back untouched.
    HandBack,
    /// An attempt begins.
    Begin,
    /// The destination took it.
    Accept,
    /// The attempt failed, and there will be another.
    Retry,
    /// The attempt failed for good.
    Refuse,
    /// Nobody knows how the attempt ended, and the destination permits no other.
    Park,
    /// It would be sent too late.
    Expire,
    /// Its author changes it.
    Edit,
    /// Its author takes it back.
    Cancel,
    /// Its author takes it back after an attempt that may have arrived.
    Stop,
    /// A person wants it sent at once, or once more.
    SendNow,
    /// Its account is suspended.
    Suspend,
    /// Its account is no longer suspended.
    Resume,
    /// A person saw that it had arrived.
    ResolveSent,
    /// A person saw that it had not arrived, and wants it sent.
    ResolveResend,
    /// A person gives it up.
    ResolveDead,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Claim,
        Self::HandBack,
        Self::Begin,
        Self::Accept,
        Self::Retry,
        Self::Refuse,
        Self::Park,
        Self::Expire,
        Self::Edit,
        Self::Cancel,
        Self::Stop,
        Self::SendNow,
        Self::Suspend,
        Self::Resume,
        Self::ResolveSent,
        Self::ResolveResend,
        Self::ResolveDead,
    ];

    /// The states that it may leave.
    pub const fn from(self) -> &'static [State] {
        use State::{Claimed, Dead, Expired, Retrying, Scheduled, Sending, Suspended, Unconfirmed};
        match self {
            // `claimed` and `sending` only of a process that is dead: the statement compares the leases.
            Self::Claim => &[Scheduled, Retrying, Claimed, Sending],
            Self::HandBack | Self::Begin => &[Claimed],
            Self::Expire => &[Scheduled, Retrying, Claimed],
            Self::Accept | Self::Retry | Self::Refuse | Self::Park => &[Sending],
            Self::Edit | Self::Cancel => &[Scheduled, Claimed, Retrying, Suspended],
            Self::Stop => &[Claimed, Retrying, Suspended],
            Self::SendNow => &[Scheduled, Claimed, Retrying, Dead, Expired],
            Self::Suspend => &[Scheduled, Claimed, Retrying],
            Self::Resume => &[Suspended],
            Self::ResolveSent | Self::ResolveResend | Self::ResolveDead => &[Unconfirmed],
        }
    }

    /// The state that it leads to. A message that was tried before waits as `retrying`, any other as `scheduled`.
    pub const fn to(self, was_tried: bool) -> State {
        match self {
            Self::Claim => State::Claimed,
            Self::HandBack | Self::Edit | Self::SendNow | Self::Resume | Self::ResolveResend => {
                if was_tried {
                    State::Retrying
                } else {
                    State::Scheduled
                }
            }
            Self::Begin => State::Sending,
            Self::Accept | Self::ResolveSent => State::Sent,
            Self::Retry => State::Retrying,
            Self::Refuse | Self::ResolveDead => State::Dead,
            Self::Park | Self::Stop => State::Unconfirmed,
            Self::Expire => State::Expired,
            Self::Cancel => State::Cancelled,
            Self::Suspend => State::Suspended,
        }
    }

    /// Whether it may be taken from `state`.
    ///
    /// ```
    /// use squall_scheduled_messages::{State, Step};
    ///
    /// assert!(Step::Cancel.leaves(State::Claimed));
    /// assert!(!Step::Cancel.leaves(State::Sending));
    /// ```
    pub fn leaves(self, state: State) -> bool {
        self.from().contains(&state)
    }

    /// The states that it may leave, as SQL has them: `'scheduled', 'retrying'`.
    pub(crate) fn sources(self) -> String {
        self.from().iter().map(|state| format!("'{state}'")).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.name()), Some(state));
        }
        assert_eq!(State::parse("Sent"), None);
    }

    #[test]
    fn nothing_but_a_person_takes_a_message_from_its_end() {
        let by_persons = [Step::SendNow, Step::ResolveSent, Step::ResolveResend, Step::ResolveDead];
        for step in Step::ALL {
            for state in step.from() {
                assert!(
                    !state.is_final() && *state != State::Unconfirmed || by_persons.contains(&step),
                    "{step:?} leaves {state}"
                );
            }
        }
    }

    #[test]
    fn what_was_sent_or_cancelled_stays_so() {
        for step in Step::ALL {
            assert!(!step.leaves(State::Sent), "{step:?}");
            assert!(!step.leaves(State::Cancelled), "{step:?}");
        }
    }

    #[test]
    fn only_an_attempt_that_began_leads_to_its_outcome() {
        for step in [Step::Accept, Step::Retry, Step::Refuse, Step::Park] {
            assert_eq!(step.from(), [State::Sending]);
        }
    }

    #[test]
    fn every_state_is_reached_from_scheduled() {
        let mut reached = vec![State::Scheduled];
        loop {
            let before = reached.len();
            for step in Step::ALL {
                for was_tried in [false, true] {
                    let to = step.to(was_tried);
                    if !reached.contains(&to) && step.from().iter().any(|from| reached.contains(from)) {
                        reached.push(to);
                    }
                }
            }
            if reached.len() == before {
                break;
            }
        }
        assert_eq!(reached.len(), State::ALL.len());
    }
}
