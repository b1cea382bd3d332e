//! A message as it stands in its row.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_connect::Fence;
use uuid::Uuid;

use crate::state::State;
use crate::when::Fold;

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

    /// Its 128 bits.
    pub fn as_u128(self) -> u128 {
        self.0.as_u128()
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

/// A time of day somewhere, as somebody gave it: the instant it stands for was computed from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WallTime {
    /// The time of the clock on the wall, such as `2027-03-28T02:30:00`.
    pub wall: String,
    /// The IANA name of the zone, such as `Europe/Berlin`.
    pub zone: String,
    /// Which of the two, if the clock shows that time twice.
    #[serde(default, skip_serializing_if = "is_first")]
    pub fold: Fold,
}

fn is_first(fold: &Fold) -> bool {
    *fold == Fold::Earlier
}

/// What was asked for, checked.
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
    /// The same as its author put it, if that was a wall time.
    pub given: Option<WallTime>,
    /// When it is too late to send it.
    pub not_after: Option<Timestamp>,
    /// Which series it is an occurrence of, if any.
    pub series: Option<Uuid>,
}

impl NewMessage {
    /// A message without wall time, deadline or series.
    pub fn new(
        account: impl Into<String>,
        destination: impl Into<String>,
        text: impl Into<String>,
        due_at: Timestamp,
    ) -> Self {
        Self {
            account: account.into(),
            destination: destination.into(),
            text: text.into(),
            due_at,
            given: None,
            not_after: None,
            series: None,
        }
    }
}

/// A message as it stands in its row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Message {
    /// Its name.
    #[serde(serialize_with = "display")]
    #[schemars(with = "Uuid")]
    pub id: MessageId,
    /// Whose message it is.
    pub account: String,
    /// The name of the destination it goes to.
    pub destination: String,
    /// What it says.
    pub text: String,
    /// Where it is in its life.
    pub state: State,
    /// How often somebody changed it: what `ETag` and `If-Match` name.
    pub version: i64,
    /// How often it was claimed or changed: every write of whoever works on it names the number it was given.
    #[serde(skip)]
    pub fence: Fence,
    /// How many attempts to send it began.
    pub attempts: u32,
    /// An attempt began, and nobody knows whether it arrived.
    pub in_doubt: bool,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Who asked for it.
    pub created_by: String,
    /// When it is to be sent.
    pub due_at: Timestamp,
    /// The same as its author put it, if that was a wall time.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub given: Option<WallTime>,
    /// When it is too late to send it.
    pub not_after: Option<Timestamp>,
    /// When it is tried again, if it is `retrying`.
    pub retry_at: Option<Timestamp>,
    /// The process that holds it, while it is `claimed` or `sending`.
    pub owner: Option<String>,
    /// When the first attempt began.
    pub first_began_at: Option<Timestamp>,
    /// When the last attempt began.
    pub began_at: Option<Timestamp>,
    /// When the destination had taken it.
    pub sent_at: Option<Timestamp>,
    /// Where it is now, as the destination said.
    pub receipt: Option<String>,
    /// Why the last attempt failed, or why it will not be sent.
    pub last_error: Option<String>,
    /// Which series it is an occurrence of.
    pub series: Option<Uuid>,
    /// The key of its record, for destinations that want one: a TID made of the instant it was first due.
    #[serde(skip)]
    pub rkey: String,
}

fn display<S: serde::Serializer>(id: &MessageId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
