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
