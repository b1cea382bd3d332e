//! [`Frames`]: the texts that come over a WebSocket, on one connection after the other.

use std::fmt;

use super::connection::Connection;
use super::{Error, FrameOptions};
use crate::feed::Link;

/// The text messages of a server, on one connection after the other.
///
/// Nothing is read ahead beyond what the sockets hold: whoever takes messages slowly slows the server down. The
/// connection belongs to the runtime on which [`next`](Self::next) was awaited first.
///
/// ```
/// use squall_connect::websocket::{FrameOptions, Frames};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let mut frames = Frames::new(FrameOptions::default());
/// let error = frames.next(|| "gopher://example.com/".to_owned()).await.unwrap_err();
///
/// assert!(error.to_string().contains("wss://"), "{error}");
/// # });
/// ```
pub struct Frames {
    options: FrameOptions,
    link: Link<Connection>,
}

impl Frames {
    /// A feed that is not connected yet.
    pub fn new(options: FrameOptions) -> Self {
        Self { options, link: Link::new(options.pauses) }
    }

    /// The next message. `address` says where a connection goes that has to be made: there it says where the feed goes
    /// on, by its own means.
    ///
    /// # Errors
    ///
    /// Only what no further connection mends: the address is none, or a message is longer than the limit.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped, and a connection that is being made goes on being made.
    pub async fn next(&mut self, mut address: impl FnMut() -> String) -> Result<String, Error> {
        let options = self.options;
        self.link.next(|| Box::pin(Connection::make(address(), options))).await
    }

    /// Whether it is connected.
    pub fn is_connected(&self) -> bool {
        self.link.is_open()
    }
}

impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames").field("is_connected", &self.is_connected()).finish_non_exhaustive()
    }
}
