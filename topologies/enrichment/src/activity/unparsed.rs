//! Why a line is no activity.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a line is no activity: what is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Unparsed {
    what: String,
    /// The byte of the line, from 1, where that is known.
    column: Option<usize>,
}

impl Unparsed {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), column: None }
    }

    /// An error of a member that was read on its own, where its column says nothing.
    pub(super) fn within(member: &str, error: serde_json::Error) -> Self {
        Self::new(format!("in `{member}`: {}", Self::from(error).what))
    }

    /// The byte of the line at which it was noticed, from 1, where that is known.
    pub fn column(&self) -> Option<usize> {
        self.column
    }
}

impl From<serde_json::Error> for Unparsed {
    fn from(error: serde_json::Error) -> Self {
        let what = if error.is_data() {
            let text = error.to_string();
            // The place is said once, and a line of NDJSON is always line 1 to the parser.
            text.split(" at line ").next().unwrap_or(&text).to_owned()
        } else {
            // What the parser was about to read says nothing to who has a broken line.
            "this is not JSON; expected one JSON object a line".to_owned()
        };
        Self { what, column: (error.column() > 0).then(|| error.column()) }
    }
}

impl fmt::Display for Unparsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "column {column}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}
