//! Why a link leads nowhere.

use squall_connect::http::{Error, ErrorKind};

/// Why a link leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreachable {
    NotAUrl,
    TooLong,
    Scheme,
    Port,
    PrivateAddress,
    NoSuchName,
    NoConnection,
    Timeout,
    Broken,
    Loop,
    TooManyHops,
    BadRedirect,
    Busy,
    HostDown,
}

impl Unreachable {
    /// The reason as it stands in an event.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NotAUrl => "not_a_url",
            Self::TooLong => "too_long",
            Self::Scheme => "scheme",
            Self::Port => "port",
            Self::PrivateAddress => "private_address",
            Self::NoSuchName => "no_such_name",
            Self::NoConnection => "no_connection",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::Loop => "loop",
            Self::TooManyHops => "too_many_hops",
            Self::BadRedirect => "bad_redirect",
            Self::Busy => "busy",
            Self::HostDown => "host_down",
        }
    }

    /// Whether the host did not even answer.
    pub(super) fn is_silence(self) -> bool {
        matches!(self, Self::NoConnection | Self::Timeout)
    }
}

impl From<&Error> for Unreachable {
    fn from(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Refused | ErrorKind::NotPublic => Self::PrivateAddress,
            ErrorKind::NoSuchName => Self::NoSuchName,
            ErrorKind::Connect => Self::NoConnection,
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::Request => Self::NotAUrl,
            _ => Self::Broken,
        }
    }
}
