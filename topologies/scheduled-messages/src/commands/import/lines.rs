//! [`Lines`]: what is imported, part by part, each line with a key by which a repetition is known.

use std::collections::HashMap;
use std::io::{self, BufRead};

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// The most lines of a part.
const LINES: usize = 1000;

/// No line is added to a part that has so many bytes.
const BYTES: usize = 512 * 1024;

/// The name of the key in a line.
const KEY: &str = "idempotency_key";

/// What is imported.
pub(super) struct Lines<R> {
    reader: R,
    name: String,
    /// How often each line without a key came.
    seen: HashMap<[u8; 20], u32>,
    number: u64,
    bytes: u64,
}

/// Some lines, to be sent at once.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) body: Vec<u8>,
    /// Where each of them stands in the file, from one on.
    pub(super) numbers: Vec<u64>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R, name: &str) -> Self {
        Self { reader, name: name.to_owned(), seen: HashMap::new(), number: 0, bytes: 0 }
    }

    /// How much was read.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next lines that are not empty; `None` behind the last one.
    pub(super) fn part(&mut self) -> io::Result<Option<Part>> {
        let (mut part, mut line) = (Part::default(), Vec::new());
        while part.numbers.len() < LINES && part.body.len() < BYTES {
            line.clear();
            let read = self.reader.read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            self.number += 1;
            self.bytes += read as u64;
            let content = line.trim_ascii();
            if !content.is_empty() {
                part.body.extend(self.with_key(content));
                part.body.push(b'\n');
                part.numbers.push(self.number);
            }
        }
        Ok((!part.numbers.is_empty()).then_some(part))
    }

    /// A line with a key. What is no object stays as it is: the answer says what is wrong with it.
    fn with_key(&mut self, line: &[u8]) -> Vec<u8> {
        let fields = serde_json::from_slice::<Map<String, Value>>(line).ok();
        let Some(fields) = fields.filter(|fields| !fields.contains_key(KEY)) else { return line.to_owned() };
        let Some(open) = line.strip_suffix(b"}") else { return line.to_owned() };
        let comma = if fields.is_empty() { "" } else { "," };
        let key = self.key(line);
        [open, format!("{comma}\"{KEY}\":\"{key}\"}}").as_bytes()].concat()
    }

    /// What the line says, how often it was said before, and the name of the import: the same at every repetition.
    fn key(&mut self, line: &[u8]) -> String {
        let digest = Sha256::new().chain_update(&self.name).chain_update([0]).chain_update(line).finalize();
        let mut short = [0; 20];
        short.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        let count = self.seen.entry(short).or_default();
        *count += 1;
        let hex: String = short.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("import-{hex}-{count}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, name: &str) -> Vec<Part> {
        let mut lines = Lines::new(text.as_bytes(), name);
        std::iter::from_fn(|| lines.part().unwrap()).collect()
    }

    fn keys(text: &str, name: &str) -> Vec<String> {
        let bodies: Vec<u8> = parts(text, name).into_iter().flat_map(|part| part.body).collect();
        let lines = bodies.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        let key = |line| serde_json::from_slice::<Value>(line).unwrap()[KEY].as_str().unwrap().to_owned();
        lines.map(key).collect()
    }

    #[test]
    fn a_repetition_has_the_same_keys_and_a_line_that_stands_there_twice_has_two() {
        let file = "{\"text\": \"a\"}\n\n{}\n{\"text\": \"a\"} \n";

        let first = keys(file, "");

        assert_eq!(first, keys(file, ""));
        assert_eq!(first.len(), 3);
        assert_ne!(first[0], first[2]);
        assert_ne!(first, keys(file, "again"));
        assert!(first.iter().all(|key| key.len() < 255 && key.is_ascii()));
    }

    #[test]
    fn a_key_that_is_given_stays_and_so_does_what_is_no_message() {
        let lines = ["{\"idempotency_key\": \"mine\", \"text\": \"a\"}", "[1]", "{", "\u{fffd}"];

        let parts = parts(&lines.join("\r\n"), "");

        assert_eq!(parts.len(), 1);
        assert_eq!(String::from_utf8(parts[0].body.clone()).unwrap(), format!("{}\n", lines.join("\n")));
    }

    #[test]
    fn lines_are_cut_into_parts_with_their_places_in_the_file() {
        let file = format!("\n{}", "{\"a\": 1}\n".repeat(LINES + 1));

        let parts = parts(&file, "");

        assert_eq!(parts.iter().map(|part| part.numbers.len()).collect::<Vec<_>>(), [LINES, 1]);
        assert_eq!((parts[0].numbers[0], parts[1].numbers[0]), (2, LINES as u64 + 2));
        let long = format!("\"{}\"\n", "x".repeat(BYTES)).repeat(2);
        assert_eq!(super::tests::parts(&long, "").len(), 2);
    }
}
