//! Where values come from: the file, environment variables, flags.

use std::{fmt, ops::Range};

use super::mask;

/// A range of bytes in one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) source: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    pub(super) fn new(source: usize, at: Range<usize>) -> Self {
        Self { source, start: at.start, end: at.end }
    }

    pub(super) fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// What a source is, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    File(String),
    Variable(String),
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(path),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Flag(path) => write!(f, "--set {path}"),
        }
    }
}

pub(super) struct Source {
    pub(super) origin: Origin,
    pub(super) text: String,
}

impl Source {
    /// The range of the line that holds the byte `at`, without its end.
    pub(super) fn line(&self, at: usize) -> Range<usize> {
        let (before, after) = self.text.split_at_checked(at).unwrap_or((&self.text, ""));
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let end = before.len() + after.find(['\n', '\r']).unwrap_or(after.len());
        start..end.max(start)
    }

    /// The text in `range`, with stars in place of what must not be shown.
    pub(super) fn redacted(&self, range: Range<usize>, hidden: &[Range<usize>]) -> String {
        let start = range.start;
        let text = self.text.get(range).unwrap_or_default();
        let mut here: Vec<_> = hidden
            .iter()
            .map(|range| range.start.saturating_sub(start)..range.end.saturating_sub(start))
            .collect();
        here.extend(mask::secrets_of_urls(text));
        mask::stars(text, &here)
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub(super) fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let column = self.text.get(self.line(at).start..at).map_or(0, |line| line.chars().count());
        (before.matches('\n').count() + 1, column + 1)
    }
}
