//! [`Post`]: a request as a receiver got it.

use crate::http::header;
use std::time::{Duration, SystemTime};

/// A request as it came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Post {
    /// When all of it was there.
    pub at: SystemTime,
    /// Its method, for instance `POST`.
    pub method: String,
    /// Its path with the query.
    pub path: String,
    /// Its headers in their order; names in lower case, values as they came.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// Whether the receiver took it: its answer says so, and it is none that repeats another under a key that the
    /// receiver honours.
    pub taken: bool,
}

impl Post {
    /// The first header `name`, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Its `Idempotency-Key`.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.header("idempotency-key")
    }

    /// Its body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// When all of it was there, in microseconds since 1970.
    #[must_use]
    pub fn at_micros(&self) -> i64 {
        let since = self.at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }
}
