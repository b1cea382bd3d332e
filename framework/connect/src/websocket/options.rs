//! [`FrameOptions`]: the bounds of a connection.

use std::time::Duration;

use squall_core::RetryPolicy;

/// The bounds of a feed of frames, and its pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameOptions {
    /// How long it may take to be connected, with all that is said before the first frame. 10 s by default.
    pub connect_timeout: Duration,
    /// After which silence the other side counts as gone. After half of it it is sent a ping. 60 s by default.
    pub silence: Duration,
    /// How many bytes a message may have. 1 MiB by default.
    pub limit: usize,
    /// The pauses before another connection; it never gives up. 500 ms by default, and 30 s at most.
    pub pauses: RetryPolicy,
}

impl Default for FrameOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            silence: Duration::from_secs(60),
            limit: 1024 * 1024,
            pauses: RetryPolicy {
                attempts: u32::MAX,
                backoff: Duration::from_millis(500),
                max_backoff: Duration::from_secs(30),
            },
        }
    }
}
