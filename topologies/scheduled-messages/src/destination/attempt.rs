//! What a destination sees of a message.

use jiff::Timestamp;

use crate::message::MessageId;

/// One attempt to deliver a message: all that a destination gets to see of it.
///
/// Whatever is repeated in a later attempt for the same message is the same to the byte, except for
/// [`number`](Self::number) and [`is_in_doubt`](Self::is_in_doubt): networks tell a copy by comparing.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The message.
    pub id: MessageId,
    /// Whose message it is.
    pub account: &'a str,
    /// What it says.
    pub text: &'a str,
    /// When it was to be sent.
    pub due_at: Timestamp,
    /// When a network is told that it was written, where it takes the sender's word. From the row, never from a clock.
    pub created_at: Timestamp,
    /// Which attempt it is, from 1.
    pub number: u32,
    /// When the first attempt began: keys that a network forgets count from here.
    pub first_began_at: Timestamp,
    /// The key by which a receiver knows a copy: the id of the message.
    pub key: &'a str,
    /// The key of the record in networks that let the sender choose it: a [TID](super::tid), unique for the account.
    pub rkey: &'a str,
    /// An attempt before this one may have been taken: nobody knows how it ended.
    pub is_in_doubt: bool,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The first attempt for a message.
    pub(in super::super) fn attempt() -> Attempt<'static> {
        let due_at = "2026-01-02T11:00:00Z".parse().unwrap();
        Attempt {
            id: MessageId::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap(),
            account: "alice",
            text: "Hello",
            due_at,
            created_at: due_at,
            number: 1,
            first_began_at: due_at,
            key: "01890a5d-ac96-774b-bcce-b302099a8057",
            rkey: "3mbg2k5ka2l2q",
            is_in_doubt: false,
        }
    }
}
