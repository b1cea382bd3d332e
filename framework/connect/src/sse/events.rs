//! [`Events`]: the events of a server, on one connection after the other.

use std::fmt;

use super::connection::Connection;
use super::{Error, ErrorKind, EventOptions, Item};
use crate::feed::Link;
use crate::http::{Client, ClientOptions};

/// Where a connection goes, and where the feed goes on.
#[derive(Clone, PartialEq, Eq)]
pub struct Resume {
    /// The address.
    pub address: String,
    /// What was had last, if there was anything.
    pub last_event_id: Option<String>,
}

/// The events of a server, on one connection after the other.
///
/// Nothing is read ahead beyond what the sockets hold, and the rest of what came with an event.
///
/// ```
/// use squall_connect::sse::{EventOptions, Events, Resume};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let mut events = Events::new(EventOptions::default())?;
/// let from = || Resume { address: "not an address".to_owned(), last_event_id: None };
///
/// assert!(events.next(from).await.is_err());
/// # Ok::<_, squall_connect::sse::Error>(()) }).unwrap();
/// ```
pub struct Events {
    client: Client,
    options: EventOptions,
    link: Link<Connection>,
}

impl Events {
    /// A feed that is not connected yet.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn new(options: EventOptions) -> Result<Self, Error> {
        let client = Client::new(ClientOptions {
            timeout: options.connect_timeout,
            connect_timeout: options.connect_timeout,
            ..ClientOptions::default()
        });
        let client = client.map_err(|error| Error::new(ErrorKind::Request, error))?;
        Ok(Self { client, options, link: Link::new(options.pauses) })
    }

    /// What comes next. `resume` says where a connection goes that has to be made.
    ///
    /// # Errors
    ///
    /// Only what no further connection mends: the address is none, or the server says that it is
    /// [over](ErrorKind::Over).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped, and a connection that is being made goes on being made.
    pub async fn next(&mut self, mut resume: impl FnMut() -> Resume) -> Result<Item, Error> {
        let (client, options) = (&self.client, self.options);
        self.link.next(|| Box::pin(Connection::make(client.clone(), resume(), options))).await
    }

    /// Whether it is connected.
    pub fn is_connected(&self) -> bool {
        self.link.is_open()
    }
}

impl fmt::Debug for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // There may be a secret in the address.
        f.debug_struct("Resume").field("last_event_id", &self.last_event_id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("is_connected", &self.is_connected()).finish_non_exhaustive()
    }
}
