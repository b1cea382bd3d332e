//! [`Parser`]: events out of bytes.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use super::{Event, Item};

/// What may stand before the first line.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Finds events in bytes, in whatever pieces they come, and never holds more of an event than its limit.
///
/// Lines end with `\n`, `\r\n` or `\r`. What is not UTF-8 becomes `U+FFFD`. An event that is cut off by the end of the
/// connection is none.
///
/// ```
/// use squall_connect::sse::{Event, Item, Parser};
///
/// let mut parser = Parser::new(1024);
/// parser.push(b": a comment\nid: 7\ndata: one\nda");
/// parser.push(b"ta: two\n\n");
///
/// let event = Event { kind: "message".into(), data: "one\ntwo".into(), id: Some("7".into()) };
/// assert_eq!(parser.next(), Some(Item::Event(event)));
/// assert_eq!(parser.next(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Parser {
    limit: usize,
    items: VecDeque<Item>,
    /// The line that has not ended.
    line: Vec<u8>,
    /// Bytes of the event that has not ended, those of `line` included.
    bytes: usize,
    is_first_line: bool,
    /// The last byte was `\r`: a `\n` that follows belongs to it.
    after_return: bool,
    /// It has grown too long: the rest of the event is passed over.
    is_too_long: bool,
    kind: String,
    data: String,
    has_data: bool,
    /// As the lines before said, for this event and all that follow.
    id: Option<Arc<str>>,
    pause: Option<Duration>,
}

impl Parser {
    /// A parser of a connection that begins. An event may have `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            items: VecDeque::new(),
            line: Vec::new(),
            bytes: 0,
            is_first_line: true,
            after_return: false,
            is_too_long: false,
            kind: String::new(),
            data: String::new(),
            has_data: false,
            id: None,
            pause: None,
        }
    }

    /// Says which event was the last one over an earlier connection.
    #[must_use]
    pub fn after(mut self, id: Option<Arc<str>>) -> Self {
        self.id = id;
        self
    }

    /// Reads a piece.
    pub fn push(&mut self, mut piece: &[u8]) {
        if mem::take(&mut self.after_return) {
            match piece.split_first() {
                Some((b'\n', rest)) => piece = rest,
                Some(_) => {}
                None => self.after_return = true,
            }
        }
        while let Some(end) = piece.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, rest) = piece.split_at(end);
            self.grow(line);
            self.end_line();
            piece = match rest {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.after_return = true;
                    &[]
                }
                [_, rest @ ..] => rest,
                [] => &[],
            };
        }
        self.grow(piece);
    }

    /// The next event of what was read.
    #[expect(clippy::should_implement_trait, reason = "after an end there may be more: no iterator")]
    pub fn next(&mut self) -> Option<Item> {
        self.items.pop_front()
    }

    /// How long the server wants us to wait before we come again, if it has said so.
    pub fn pause(&self) -> Option<Duration> {
        self.pause
    }

    fn grow(&mut self, piece: &[u8]) {
        self.bytes = self.bytes.saturating_add(piece.len());
        if self.bytes > self.limit {
            self.is_too_long = true;
            (self.data, self.kind) = Default::default();
        }
        // Where a line ends with nothing in it is all that is of interest then, and its `id`.
        let room = if self.is_too_long {
            self.limit.min(ID_MOST).saturating_sub(self.line.len())
        } else {
            usize::MAX
        };
        self.line.extend(piece.iter().take(room));
    }

    fn end_line(&mut self) {
        let line = mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let text = match mem::take(&mut self.is_first_line) {
            true => text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text),
            false => &text,
        };
        if text.is_empty() {
            self.end_event();
            return;
        }
        // A line with nothing before the colon is a comment.
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        self.field(field, value.strip_prefix(' ').unwrap_or(value));
    }

    fn field(&mut self, field: &str, value: &str) {
        match field {
            "id" if !value.contains('\0') => self.id = (!value.is_empty()).then(|| value.into()),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.pause = value.parse().ok().map(Duration::from_millis).or(self.pause);
            }
            _ if self.is_too_long => {}
            "event" => value.clone_into(&mut self.kind),
            "data" => {
                if mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            _ => {}
        }
    }

    fn end_event(&mut self) {
        self.bytes = 0;
        let (kind, data) = (mem::take(&mut self.kind), mem::take(&mut self.data));
        let has_data = mem::take(&mut self.has_data);
        if mem::take(&mut self.is_too_long) {
            self.items.push_back(Item::TooLong { limit: self.limit, id: self.id.clone() });
        } else if has_data && !data.is_empty() {
            let kind = if kind.is_empty() { "message".to_owned() } else { kind };
            self.items.push_back(Item::Event(Event { kind, data, id: self.id.clone() }));
        }
    }
}

/// Bytes of a line of an event that is too long: its `id` still counts, if it is no longer than that.
const ID_MOST: usize = 16 * 1024;

#[cfg(test)]
mod tests;
