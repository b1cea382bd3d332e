//! [`Tapped`]: one tuple as text.

use std::{
    io,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Serialize, Serializer};

use crate::panics::caught;

/// A tuple that a task has emitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tapped {
    /// When it was handed over; serialised as seconds since 1970.
    #[serde(serialize_with = "seconds")]
    pub at: SystemTime,
    /// The component that emitted it.
    pub component: String,
    /// Which of its tasks.
    pub task: usize,
    /// Into which of its streams.
    pub stream: &'static str,
    /// The tuple as JSON, at most [`Tapped::MOST`] bytes of it.
    pub tuple: String,
    /// The JSON was longer: `tuple` is the beginning of it.
    pub cut: bool,
    /// The tuple's `Serialize` answered `Err` or panicked: `tuple` is a JSON string that says so.
    pub failed: bool,
}

impl Tapped {
    /// Bytes of JSON that are kept of a tuple.
    pub const MOST: usize = 16 * 1024;
    /// Bytes that are kept of what a `Serialize` said.
    const COMPLAINT: usize = 500;

    pub(super) fn of<T: Serialize>(tuple: &T, component: &str, task: usize, stream: &'static str) -> Self {
        let at = SystemTime::now();
        let mut page = Page::default();
        let end = caught(|| serde_json::to_writer(&mut page, tuple));
        let complaint = match end {
            Ok(Ok(())) => None,
            Ok(Err(_)) if page.is_full => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(panicked) => Some(panicked.to_string()),
        };
        let failed = complaint.is_some();
        let text = complaint.map(|complaint| quoted(&complaint));
        let (cut, tuple) = text.map_or_else(|| (page.is_full, page.into_text()), |text| (false, text));
        Self { at, component: component.to_owned(), task, stream, tuple, cut, failed }
    }
}

fn quoted(complaint: &str) -> String {
    let complaint = complaint.get(..complaint.floor_char_boundary(Tapped::COMPLAINT)).unwrap_or_default();
    let sentence = format!("the tuple could not be turned into JSON: {complaint}");
    serde_json::Value::String(sentence).to_string()
}

fn seconds<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64())
}

/// Takes so much and no more: then it answers `Err`, so that a huge tuple is not written to its end.
#[derive(Default)]
struct Page {
    bytes: Vec<u8>,
    is_full: bool,
}

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = Tapped::MOST - self.bytes.len();
        let fitting = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.bytes.extend_from_slice(fitting);
        if fitting.len() == bytes.len() {
            return Ok(bytes.len());
        }
        self.is_full = true;
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    /// What was written, without half a character at its end.
    fn into_text(self) -> String {
        String::from_utf8(self.bytes).unwrap_or_else(|error| {
            let whole = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(whole);
            String::from_utf8(bytes).unwrap_or_default()
        })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn sample(tuple: &impl Serialize) -> Tapped {
        Tapped::of(tuple, "words", 3, "default")
    }

    #[test]
    fn a_long_tuple_is_cut_between_characters() {
        let tapped = sample(&"é".repeat(Tapped::MOST));
        assert!(tapped.cut && !tapped.failed);
        // The quotation mark shifts the characters by one: the last one would not be whole.
        assert_eq!(tapped.tuple.len(), Tapped::MOST - 1);
        assert!(tapped.tuple.starts_with("\"éé") && tapped.tuple.ends_with('é'));
    }

    #[test]
    fn a_tuple_of_just_the_length_is_not_cut() {
        let tapped = sample(&"x".repeat(Tapped::MOST - 2));
        assert!(!tapped.cut && tapped.tuple.len() == Tapped::MOST);
    }

    #[test]
    fn what_cannot_be_json_says_why() {
        let tapped = sample(&BTreeMap::from([((1, 2), 3)]));
        assert!(tapped.failed && !tapped.cut);
        let said: String = serde_json::from_str(&tapped.tuple).unwrap();
        assert!(said.starts_with("the tuple could not be turned into JSON: "), "{said}");
    }
}
