//! What people do to messages, whoever asks: a request about one, a request about many, or a form of a page.

use jiff::SignedDuration;
use squall_ops::Problem;

use super::change::{self, apply};
use super::edit::{self, EditDraft};
use crate::destination::Destinations;
use crate::message::{Message, MessageId};
use crate::store::{Change, Changed, Store};
use crate::when::Note;

/// What somebody wants done to a message.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Take it back.
    Cancel,
    /// Send it although it is not due, or was given up.
    SendNow,
    /// Send it once more.
    Retry,
    /// Say it otherwise, or at another time.
    Edit(Box<EditDraft>),
    /// Send it so much later, or earlier.
    Shift(SignedDuration),
    /// Say what became of it.
    Resolve(Change),
}

/// Where messages are, and where they may go.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) store: Store,
    pub(crate) destinations: Destinations,
}

impl Action {
    /// Does it to one message, at a version or at whatever it has, and tells what is so.
    pub(crate) async fn apply(
        &self,
        place: &Place,
        id: MessageId,
        version: Option<i64>,
        who: &str,
    ) -> Result<(Changed, Note), Problem> {
        let Place { store, destinations } = place;
        let changed = match self {
            Self::Edit(draft) => {
                return edit::edit(store, destinations, id, version, |_| Ok((**draft).clone()), who).await;
            }
            Self::Shift(by) => {
                let draft = |message: &Message| EditDraft::later(message, *by);
                return edit::edit(store, destinations, id, version, draft, who).await;
            }
            Self::Retry => change::retry(store, id, version, who).await?,
            Self::Cancel => apply(store, id, Change::Cancel, version, who).await?,
            Self::SendNow => apply(store, id, Change::SendNow, version, who).await?,
            Self::Resolve(change) => apply(store, id, change.clone(), version, who).await?,
        };
        Ok((changed, Note::Exact))
    }

    /// What a message was to be, within a sentence.
    pub(crate) fn done(&self) -> &'static str {
        match self {
            Self::Cancel => "cancelled",
            Self::SendNow => "sent now",
            Self::Retry => "retried",
            Self::Edit(_) | Self::Shift(_) => "edited",
            Self::Resolve(_) => "resolved",
        }
    }
}
