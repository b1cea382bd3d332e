//! [`Server`]: how it ends without anybody noticing.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::time::{sleep, timeout};
use tracing::warn;

use super::listener::Origin;
use super::{Streams, shared};

/// How long a server that has a successor goes on: what was accepted comes to a worker, and connections in use are
/// closed by their next answer. Those that are closed afterwards have been idle for as long.
const CALM: Duration = Duration::from_millis(250);

/// How long it then turns new connections away, so that its queue empties: longer than handshakes under way last. Who
/// comes meanwhile waits for a second.
const TURN_AWAY: Duration = Duration::from_millis(100);

/// How long open requests may go on when nobody takes over.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// How long they may when somebody does: the successor has the new ones.
const SUCCESSION_TIMEOUT: Duration = Duration::from_secs(5);

/// How often is looked whether they are done.
const LOOK: Duration = Duration::from_millis(2);

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Server {
    pub(super) handle: ServerHandle,
    /// The same that the server has.
    pub(super) socket: TcpListener,
    pub(super) origin: Origin,
    pub(super) connections: Connections,
    pub(super) streams: Streams,
}

/// A place at a port, at which nobody is heard and nobody is refused.
#[derive(Debug)]
pub(crate) struct Place(#[expect(dead_code, reason = "it is there as long as it is held")] TcpListener);

impl Server {
    /// Ends it: open requests get a moment to finish, streams end at once, connections that are idle are closed.
    ///
    /// A shared port is kept if `keeps_place` says so at last, for a successor that does not listen yet.
    pub(crate) async fn stop(self, keeps_place: impl FnOnce() -> bool) -> Option<Place> {
        let Self { handle, socket, origin, connections, streams } = self;
        match origin {
            Origin::Own => {}
            Origin::Handed => {
                // New connections stay in the queue, which outlives this process.
                handle.pause().await;
                sleep(CALM).await;
            }
            Origin::Shared => {
                sleep(CALM).await;
                if let Err(error) = shared::turn_away(&socket) {
                    warn!(%error, "New connections cannot be turned away: some may be cut off.");
                }
                sleep(TURN_AWAY).await;
            }
        }
        let place = (origin == Origin::Shared && keeps_place()).then_some(Place(socket));
        // Not before: whoever listened to one comes back at once, and shall find the successor.
        streams.close();
        let patience = if origin == Origin::Own { STOP_TIMEOUT } else { SUCCESSION_TIMEOUT };
        let done = async {
            tokio::select! {
                () = handle.stop(true) => {}
                // The server itself looks once a second only.
                () = connections.gone() => {}
            }
        };
        if timeout(patience, done).await.is_err() {
            warn!(?patience, "Requests were still open when the server ended.");
        }
        place
    }
}

/// How many connections are open.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections(Arc<AtomicUsize>);

/// A connection that is open.
#[derive(Debug)]
pub(super) struct Open(Connections);

impl Connections {
    /// One more, until it is dropped.
    pub(super) fn one_more(&self) -> Open {
        self.0.fetch_add(1, Ordering::Relaxed);
        Open(self.clone())
    }

    /// Waits until none is open.
    async fn gone(&self) {
        while {
            sleep(LOOK).await;
            self.0.load(Ordering::Relaxed) > 0
        } {}
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
