//! [`Told`]: one event of a stream, as the process sent it.

use std::fmt::Write as _;

use serde_json::Value;

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What kind it is: `event`, `tuple`, `stats`, …
    pub kind: String,
    /// What it says, as JSON in one line.
    pub data: String,
}

impl Told {
    /// What it says; null if that is no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_default()
    }
}

/// Puts the pieces of a stream together to events.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// The line that is not complete.
    rest: Vec<u8>,
    next: Told,
}

impl Telling {
    /// The events that are complete with this piece.
    pub(super) fn take(&mut self, piece: &[u8]) -> Vec<Told> {
        self.rest.extend_from_slice(piece);
        let mut told = Vec::new();
        while let Some(end) = self.rest.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            told.extend(self.line(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n'])));
        }
        told
    }

    /// An empty line ends an event; one without data is none.
    fn line(&mut self, line: &str) -> Option<Told> {
        if line.is_empty() {
            let told = std::mem::take(&mut self.next);
            return (!told.data.is_empty()).then_some(told);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.next.kind = value.to_owned(),
            "data" => {
                if !self.next.data.is_empty() {
                    self.next.data.push('\n');
                }
                self.next.data.push_str(value);
            }
            // A comment, a number, or what a later version has.
            _ => {}
        }
        None
    }
}

/// A text as it stands in a path or in a query.
///
/// ```
/// use squall_ops::client::encoded;
///
/// assert_eq!(encoded("word count/2"), "word%20count%2F2");
/// ```
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Into a String it always goes.
            let _always = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: &str, data: &str) -> Told {
        Told { kind: kind.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn events_are_the_same_wherever_the_stream_is_cut() {
        let stream = "retry: 2000\nevent: hello\nid: 3\ndata: {\"a\": 1}\n\n:\n\nevent: event\r\ndata: é\r\ndata:f\r\n\r\ndata: cut";
        for size in 1..stream.len() {
            let mut telling = Telling::default();
            let all: Vec<Told> =
                stream.as_bytes().chunks(size).flat_map(|piece| telling.take(piece)).collect();

            assert_eq!(all, [told("hello", "{\"a\": 1}"), told("event", "é\nf")], "pieces of {size}");
        }
    }

    #[test]
    fn nothing_leaves_its_place_in_a_path() {
        assert_eq!(encoded("../x?y=1&z#ü"), "..%2Fx%3Fy%3D1%26z%23%C3%BC");
    }
}
