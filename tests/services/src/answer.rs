//! [`Answer`]: what a receiver answers.

use std::time::Duration;

/// An answer of a [`Receiver`](crate::Receiver), and whether the receiver has taken what it answers to: it has if the
/// status is 200 to 299, and if no proper answer comes.
///
/// ```
/// use squall_services::Answer;
/// use std::time::Duration;
///
/// let busy = Answer::status(429).header("retry-after", "2").delayed(Duration::from_millis(5));
/// assert!(!busy.takes());
/// assert!(Answer::never().takes());
/// assert!(!Answer::close().taking(false).takes());
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    pub(crate) manner: Manner,
    pub(crate) delay: Duration,
    takes: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// These bytes; more requests may follow.
    Proper(Vec<u8>),
    /// These bytes, and the end of the connection.
    Garbage(&'static [u8]),
    /// The end of the connection.
    Close,
    /// Nothing, and the connection stays open.
    Never,
}

impl Answer {
    /// An answer with `status`, without headers, with an empty body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        let manner = Manner::Proper(format!("HTTP/1.1 {status} .\r\ncontent-length: 0\r\n\r\n").into());
        Self { manner, delay: Duration::ZERO, takes: (200..300).contains(&status) }
    }

    /// 307 to `location`, which may lie anywhere.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::status(307).header("location", location)
    }

    /// Silence: the connection stays open, and nothing comes.
    #[must_use]
    pub fn never() -> Self {
        Self { manner: Manner::Never, delay: Duration::ZERO, takes: true }
    }

    /// The end of the connection.
    #[must_use]
    pub fn close() -> Self {
        Self { manner: Manner::Close, ..Self::never() }
    }

    /// Bytes that are no HTTP, and the end of the connection.
    #[must_use]
    pub fn garbage() -> Self {
        Self { manner: Manner::Garbage(b"\x16\x03\x01\0\xff no HTTP at all \0\r\n\r\n"), ..Self::never() }
    }

    /// With one more header; of no effect where there is no proper answer.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Manner::Proper(bytes) = &mut self.manner {
            let line_end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
            bytes.splice(line_end..line_end, format!("{name}: {value}\r\n").into_bytes());
        }
        self
    }

    /// With this body instead; of no effect where there is no proper answer.
    #[must_use]
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        if let Manner::Proper(bytes) = &mut self.manner {
            let text = String::from_utf8_lossy(bytes);
            let head = text.split("\r\n\r\n").next().unwrap_or_default();
            let lines = head.split("\r\n").filter(|line| !line.starts_with("content-length:"));
            let mut changed = lines.collect::<Vec<_>>().join("\r\n").into_bytes();
            changed.extend(format!("\r\ncontent-length: {}\r\n\r\n", body.as_ref().len()).bytes());
            changed.extend(body.as_ref());
            *bytes = changed;
        }
        self
    }

    /// Sent this long after the request has come.
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// With another say on whether the receiver has taken what it answers to.
    #[must_use]
    pub fn taking(mut self, takes: bool) -> Self {
        self.takes = takes;
        self
    }

    /// Whether the receiver has taken what it answers to.
    #[must_use]
    pub fn takes(&self) -> bool {
        self.takes
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Manner};

    #[test]
    fn headers_and_bodies_stand_where_they_belong() {
        let answer = Answer::status(503).header("a", "b").body("not now").header("c", "d");
        let Manner::Proper(bytes) = answer.manner else { panic!("it is proper") };
        let wanted = "HTTP/1.1 503 .\r\nc: d\r\na: b\r\ncontent-length: 7\r\n\r\nnot now";
        assert_eq!(String::from_utf8(bytes).unwrap(), wanted);
    }
}
