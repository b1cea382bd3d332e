//! Where a listing goes on, as a text that only this interface reads.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use uuid::Uuid;

use crate::message::MessageId;
use crate::store::Cursor;

/// Writes a cursor down; `order` tells listings of different orders apart.
pub(super) fn write(cursor: &Cursor, order: u8) -> String {
    let mut bytes = vec![order];
    bytes.extend(cursor.due_at.as_microsecond().to_be_bytes());
    bytes.extend(cursor.id.as_u128().to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor of a listing with this order; `None` if it is something else.
pub(super) fn read(text: &str, order: u8) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (first, rest) = bytes.split_first()?;
    let (due_at, id) = rest.split_first_chunk()?;
    let due_at = Timestamp::from_microsecond(i64::from_be_bytes(*due_at)).ok()?;
    let id = MessageId::parse(&Uuid::from_slice(id).ok()?.to_string())?;
    (*first == order).then_some(Cursor { due_at, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back() {
        let cursor = Cursor { due_at: "2030-01-01T00:00:00.000001Z".parse().unwrap(), id: MessageId::new() };

        assert_eq!(read(&write(&cursor, 1), 1), Some(cursor));
    }

    #[test]
    fn what_is_none_is_not_read() {
        let cursor = Cursor { due_at: Timestamp::UNIX_EPOCH, id: MessageId::new() };
        let text = write(&cursor, 1);
        let far = URL_SAFE_NO_PAD.encode([[1].as_slice(), &[0x7f; 24]].concat());

        assert_eq!(read(&text, 2), None, "of another order");
        for text in ["", "x", "!!", &text[1..], &format!("{text}AAAA"), &far] {
            assert_eq!(read(text, 1), None, "{text}");
        }
    }
}
