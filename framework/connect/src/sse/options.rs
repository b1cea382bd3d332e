//! [`EventOptions`]: the bounds of a feed of events.

use std::time::Duration;

use squall_core::RetryPolicy;

/// The bounds of a feed of events, and its pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventOptions {
    /// How long it may take until the server has said that events follow. 10 s by default.
    pub connect_timeout: Duration,
    /// After which silence the connection is made anew; servers send comments to break it. 60 s by default.
    pub silence: Duration,
    /// How many bytes an event may have. 1 MiB by default.
    pub limit: usize,
    /// The pauses before another connection, as long as the server asks for no other; it never gives up. 500 ms by
    /// default, and 30 s at most.
    pub pauses: RetryPolicy,
}

impl Default for EventOptions {
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
