//! A message and the states of its life.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of a message: a UUID of version 7, which sorts by when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageId(pub(crate) Uuid);

impl MessageId {
    /// Makes a new one.
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// Reads the usual form with dashes; `None` if it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text).ok().map(Self)
    }
}

impl Default for MessageId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Where a message is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for its instant, or for that of the next attempt.
    Scheduled,
    /// An attempt began, and may or may not have arrived.
    Sending,
    /// The destination took it.
    Sent,
    /// It will not be sent: refused, or out of attempts.
    Dead,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Scheduled, Self::Sending, Self::Sent, Self::Dead];

    /// The name under which it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    /// Reads a name; `None` if it is none of them.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Whose message it is.
    pub account: String,
    /// The name of the destination it goes to.
    pub destination: String,
    /// What it says.
    pub text: String,
    /// When it is to be sent.
    pub due_at: Timestamp,
}

/// A message as it stands in its row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its name.
    #[serde(serialize_with = "display")]
    pub id: MessageId,
    /// Whose message it is.
    pub account: String,
    /// The name of the destination it goes to.
    pub destination: String,
    /// What it says.
    pub text: String,
    /// Where it is in its life.
    pub state: State,
    /// How often the row was written; every change names the version it was made from.
    #[serde(skip)]
    pub version: i64,
    /// How many attempts to send it began.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it is to be sent.
    pub due_at: Timestamp,
    /// When the next attempt begins, if one failed.
    pub retry_at: Option<Timestamp>,
    /// When the destination had taken it.
    pub sent_at: Option<Timestamp>,
    /// Why the last attempt failed, if one did.
    pub last_error: Option<String>,
}

fn display<S: serde::Serializer>(id: &MessageId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
