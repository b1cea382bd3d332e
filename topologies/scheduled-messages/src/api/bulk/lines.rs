//! A body, line by line.

use actix_web::web::{Buf as _, Bytes, BytesMut, Payload};
use futures_util::StreamExt as _;
use squall_ops::problem::BODY_LIMIT;

/// A line of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Which one, from one on; empty lines count.
    pub(super) number: u64,
    /// `None` if it was too long to be kept.
    pub(super) content: Option<Bytes>,
}

/// Why no further line comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The client is gone.
    Gone,
    /// The client sends nothing.
    Silent,
}

/// The longest line, in bytes: as long as a whole body elsewhere.
const LIMIT: usize = BODY_LIMIT;

/// The lines of a body, as they come in. No more than one line is kept.
pub(super) struct Lines {
    body: Payload,
    split: Split,
    is_over: bool,
}

impl Lines {
    pub(super) fn new(body: Payload) -> Self {
        Self { body, split: Split::default(), is_over: false }
    }

    /// The number of the last line that was seen.
    pub(super) fn number(&self) -> u64 {
        self.split.number
    }

    /// The next line that is not empty; may be dropped and asked again.
    pub(super) async fn next(&mut self) -> Result<Option<Line>, Broken> {
        loop {
            if let Some(line) = self.split.next(self.is_over) {
                return Ok(Some(line));
            }
            if self.is_over {
                return Ok(None);
            }
            match self.body.next().await {
                Some(Ok(bytes)) => self.split.kept.extend_from_slice(&bytes),
                Some(Err(_)) => return Err(Broken::Gone),
                None => self.is_over = true,
            }
        }
    }
}

/// Cuts bytes into lines.
#[derive(Debug, Default)]
struct Split {
    kept: BytesMut,
    /// How much of it has no end of a line.
    seen: usize,
    number: u64,
    /// The line that begins `kept` was longer than what is kept of one.
    is_too_long: bool,
}

impl Split {
    fn next(&mut self, is_over: bool) -> Option<Line> {
        loop {
            let content = self.cut(is_over)?;
            self.number += 1;
            let number = self.number;
            if std::mem::take(&mut self.is_too_long) || content.len() > LIMIT {
                return Some(Line { number, content: None });
            }
            if !content.trim_ascii().is_empty() {
                return Some(Line { number, content: Some(content) });
            }
        }
    }

    /// The bytes up to the end of a line, or up to the end of all.
    fn cut(&mut self, is_over: bool) -> Option<Bytes> {
        let end = self.kept.iter().skip(self.seen).position(|byte| *byte == b'\n');
        self.seen = match end {
            Some(end) => {
                let line = self.kept.split_to(self.seen + end);
                self.kept.advance(1);
                self.seen = 0;
                return Some(line.freeze());
            }
            None => self.kept.len(),
        };
        if is_over {
            self.seen = 0;
            let rest = self.kept.split().freeze();
            return (!rest.is_empty() || self.is_too_long).then_some(rest);
        }
        if self.seen > LIMIT {
            self.is_too_long = true;
            self.kept.clear();
            self.seen = 0;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&[u8]]) -> Vec<(u64, Option<String>)> {
        let mut split = Split::default();
        let mut lines = Vec::new();
        let last = [b"".as_slice()];
        for (at, piece) in pieces.iter().chain(&last).enumerate() {
            split.kept.extend_from_slice(piece);
            while let Some(line) = split.next(at == pieces.len()) {
                let content = line.content.map(|content| String::from_utf8(content.to_vec()).unwrap());
                lines.push((line.number, content));
            }
        }
        lines
    }

    fn line(number: u64, content: &str) -> (u64, Option<String>) {
        (number, Some(content.to_owned()))
    }

    #[test]
    fn lines_come_whole_however_they_arrive() {
        let expected = [line(1, "one"), line(2, "two\r"), line(3, "three")];

        assert_eq!(split(&[b"one\ntwo\r\nthree"]), expected);
        assert_eq!(split(&[b"o", b"ne\nt", b"wo\r", b"\nthree\n"]), expected);
    }

    #[test]
    fn empty_lines_count_and_are_passed_over() {
        assert_eq!(split(&[b"\n \r\none\n\n"]), [line(3, "one")]);
        assert_eq!(split(&[b""]), []);
    }

    #[test]
    fn a_line_that_is_too_long_is_not_kept_and_the_next_one_is() {
        let long = vec![b'x'; LIMIT + 1];

        assert_eq!(split(&[&long, b"\nnext"]), [(1, None), line(2, "next")]);
        assert_eq!(split(&[&long, &long, b"\nnext"]), [(1, None), line(2, "next")]);
        assert_eq!(split(&[&long]), [(1, None)]);
        assert_eq!(split(&[&long, b"y", b"\n"]), [(1, None)]);
    }
}
