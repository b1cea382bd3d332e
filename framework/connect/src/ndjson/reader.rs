//! Lines of bounded length out of bytes.

use std::io::{self, BufRead, BufReader, Read};

use super::line::{Line, LineFault, Unreadable};

/// 64 KiB: one read of a pipe, and a few hundred short lines.
const BUFFER_BYTES: usize = 64 * 1024;

/// What editors of some systems put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One line of the input, or the reason why there is none.
pub(super) type LineResult = Result<Line, Unreadable>;

/// Cuts bytes into lines, and never holds more than one line of the permitted length.
///
/// `\n` and `\r\n` end a line, and so does the end of the input. Lines of nothing but blanks are counted as lines
/// and passed over.
#[derive(Debug)]
pub(super) struct LineReader<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    limit: usize,
    number: u64,
    blank: u64,
    /// Lines at the beginning that are passed over.
    skipped: u64,
}

impl<R: Read> LineReader<R> {
    pub(super) fn new(input: R, limit: usize) -> Self {
        let input = BufReader::with_capacity(BUFFER_BYTES, input);
        Self { input, line: Vec::new(), limit, number: 0, blank: 0, skipped: 0 }
    }

    /// Passes over so many lines at the beginning.
    pub(super) fn skipping(mut self, lines: u64) -> Self {
        self.skipped = lines;
        self
    }

    /// The next line that is not blank, or `None` at the end.
    pub(super) fn next_line(&mut self) -> io::Result<Option<LineResult>> {
        loop {
            self.line.clear();
            let Some(whole) = self.fill_line()? else { return Ok(None) };
            self.number += 1;
            if self.number <= self.skipped {
                continue;
            }
            if !whole {
                return Ok(Some(Err(self.unreadable(LineFault::TooLong { limit: self.limit }))));
            }
            let line = self.content();
            if line.trim_ascii().is_empty() {
                self.blank += 1;
                continue;
            }
            let result = match std::str::from_utf8(line) {
                Ok(text) => Ok(Line::new(self.number, text)),
                Err(error) => Err(self.unreadable(LineFault::NotUtf8 { byte: error.valid_up_to() + 1 })),
            };
            return Ok(Some(result));
        }
    }

    /// Whether the next line may have to be waited for.
    pub(super) fn may_block(&self) -> bool {
        !self.input.buffer().contains(&b'\n')
    }

    /// The number of the last line that was begun, from 1; 0 before the first.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Lines passed over so far, since there was nothing in them.
    pub(super) fn blank(&self) -> u64 {
        self.blank
    }

    /// Reads to the end of the line: `Some(false)` if it is too long, `None` at the end of the input.
    fn fill_line(&mut self) -> io::Result<Option<bool>> {
        let mut begun = false;
        let mut whole = true;
        loop {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                return Ok(begun.then_some(whole && self.content().len() <= self.limit));
            }
            begun = true;
            let end = buffer.iter().position(|&byte| byte == b'\n');
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or(buffer);
            // One more than the limit, for the `\r` of a line that is exactly as long as it may be.
            whole = whole && self.line.len() + part.len() <= self.limit + BYTE_ORDER_MARK.len() + 1;
            if whole {
                self.line.extend_from_slice(part);
            }
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(Some(whole && self.content().len() <= self.limit));
            }
        }
    }

    /// The line without its end and without the mark that may stand before the first.
    fn content(&self) -> &[u8] {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        if self.number <= 1 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line }
    }

    fn unreadable(&self, fault: LineFault) -> Unreadable {
        Unreadable { number: self.number, fault }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], limit: usize) -> Vec<LineResult> {
        let mut reader = LineReader::new(bytes, limit);
        std::iter::from_fn(|| reader.next_line().unwrap()).collect()
    }

    fn line(number: u64, text: &str) -> LineResult {
        Ok(Line::new(number, text))
    }

    fn fault(number: u64, fault: LineFault) -> LineResult {
        Err(Unreadable { number, fault })
    }

    #[test]
    fn lines_end_with_either_line_end_or_with_the_input() {
        assert_eq!(read(b"a\nb\r\nc", 9), [line(1, "a"), line(2, "b"), line(3, "c")]);
        assert_eq!(read(b"a\n", 9), [line(1, "a")]);
        assert_eq!(read(b"", 9), []);
    }

    #[test]
    fn blank_lines_count_as_lines_and_are_passed_over() {
        let mut reader = LineReader::new(&b"\n \t\r\na\n\n"[..], 9);

        assert_eq!(reader.next_line().unwrap(), Some(line(3, "a")));
        assert_eq!(reader.next_line().unwrap(), None);
        assert_eq!((reader.number(), reader.blank()), (4, 3));
    }

    #[test]
    fn a_line_that_is_too_long_is_named_and_the_next_one_read() {
        let mut bytes = vec![b'x'; 300_000];
        bytes.extend_from_slice(b"\n12345\r\n123456\n1");

        assert_eq!(
            read(&bytes, 5),
            [
                fault(1, LineFault::TooLong { limit: 5 }),
                line(2, "12345"),
                fault(3, LineFault::TooLong { limit: 5 }),
                line(4, "1"),
            ]
        );
    }

    #[test]
    fn a_line_that_is_too_long_at_the_end_of_the_input_is_named() {
        assert_eq!(read(b"123456", 5), [fault(1, LineFault::TooLong { limit: 5 })]);
        assert_eq!(read(b"1234567890123", 5), [fault(1, LineFault::TooLong { limit: 5 })]);
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_named_with_line_and_byte() {
        let found = read(b"ok\nab\xff\nok", 9);

        assert_eq!(found, [line(1, "ok"), fault(2, LineFault::NotUtf8 { byte: 3 }), line(3, "ok")]);
        assert_eq!(
            found[1].as_ref().unwrap_err().to_string(),
            "line 2: byte 3 is not UTF-8; the line was skipped"
        );
    }

    #[test]
    fn a_byte_order_mark_before_the_first_line_is_no_part_of_it() {
        assert_eq!(read(b"\xef\xbb\xbf{}\n\xef\xbb\xbf{}", 5), [line(1, "{}"), line(2, "\u{feff}{}")]);
    }

    #[test]
    fn nul_bytes_are_kept_for_the_parser_to_refuse() {
        assert_eq!(read(b"a\0b\n", 9), [line(1, "a\0b")]);
    }

    #[test]
    fn lines_that_are_passed_over_keep_their_numbers_for_the_others() {
        let mut reader = LineReader::new(&b"one\n\nthree\nfour"[..], 9).skipping(2);

        let lines: Vec<_> = std::iter::from_fn(|| reader.next_line().unwrap()).collect();

        assert_eq!(lines, [line(3, "three"), line(4, "four")]);
        assert_eq!(reader.blank(), 0);
    }
}
