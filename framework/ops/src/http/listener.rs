//! Where the process listens.

use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use actix_web::{HttpServer, rt};

use super::server::{Connections, Server};
use super::streams::MOST as MOST_STREAMS;
use super::{Doors, handed, shared};
use crate::StartError;

/// Enough for an operator's pages and API; the work itself does not run on these threads.
const MOST_WORKERS: usize = 4;

/// Over all workers: as many as there may be streams, and as many beside them; few enough to leave files for the work.
/// Who comes then waits until another goes.
const CONNECTIONS: usize = 2 * MOST_STREAMS;

/// A client that needs longer for the head of its request is not served.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// Longer than the process waits for open requests, which is what counts.
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 3600;

/// A bound port at which nobody answers yet.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
    origin: Origin,
    pub(super) head_timeout: Duration,
}

/// Where a socket comes from, and so who else has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nobody.
    Own,
    /// Others have sockets of their own at the same port.
    Shared,
    /// Whoever started this process has the very same one, and keeps it.
    Handed,
}

impl Listener {
    fn new(socket: TcpListener, addr: SocketAddr, origin: Origin) -> Self {
        Self { socket, addr, origin, head_timeout: HEAD_TIMEOUT }
    }

    /// Binds the port.
    ///
    /// # Errors
    ///
    /// The port is in use, not allowed, or the address is not one of this machine.
    pub(crate) fn bind(wanted: SocketAddr) -> Result<Self, StartError> {
        let refused = |error| {
            StartError::unavailable(format!(
                "cannot listen on {wanted}: {error}; end the other process, or choose another address with --listen"
            ))
        };
        let socket = TcpListener::bind(wanted).map_err(refused)?;
        let addr = socket.local_addr().map_err(refused)?;
        Ok(Self::new(socket, addr, Origin::Own))
    }

    /// Takes a place at a port beside other processes that do so; connections come once it [serves](Self::serve).
    ///
    /// # Errors
    ///
    /// The port is held by a process that does not share it, not allowed, or the address is not one of this machine.
    pub(crate) fn share(wanted: SocketAddr) -> Result<Self, StartError> {
        if cfg!(not(target_os = "linux")) {
            return Err(StartError::usage("a port can be shared on Linux only; leave --share-port out"));
        }
        let refused = |error| {
            StartError::unavailable(format!(
                "cannot share {wanted}: {error}; a process that listens there must run as the same user and have been \
                 started with --share-port too"
            ))
        };
        let socket = shared::bind(wanted).map_err(refused)?;
        let addr = socket.local_addr().map_err(refused)?;
        Ok(Self::new(socket, addr, Origin::Shared))
    }

    /// Takes the socket that whoever started this process bound for it, if there is one.
    ///
    /// # Errors
    ///
    /// What was handed over is not one listening TCP socket.
    pub(crate) fn handed() -> Result<Option<Self>, StartError> {
        let Some(socket) = handed::take()? else { return Ok(None) };
        let addr = socket.local_addr().map_err(StartError::unavailable)?;
        Ok(Some(Self::new(socket, addr, Origin::Handed)))
    }

    /// The address with the real port.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Whether the socket was bound by whoever started this process.
    pub(crate) fn is_handed(&self) -> bool {
        self.origin == Origin::Handed
    }

    /// Whether the process before this one may still be on its way to the end.
    pub(crate) fn may_succeed(&self) -> bool {
        self.origin != Origin::Own
    }

    /// Starts to answer. Must be called within an actix system.
    ///
    /// # Errors
    ///
    /// The socket cannot be handed to the server.
    pub(crate) fn serve(self, doors: Doors) -> Result<Server, StartError> {
        let Self { socket, addr, origin, head_timeout } = self;
        let refused = |error| StartError::unavailable(format!("cannot listen on {addr}: {error}"));
        if origin == Origin::Shared {
            shared::listen(&socket).map_err(refused)?;
        }
        // What belongs to the server cannot be reached any more.
        let own = socket.try_clone().map_err(refused)?;
        let workers = thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_WORKERS));
        let connections = Connections::default();
        let counted = connections.clone();
        let streams = doors.streams().clone();
        let server = HttpServer::new(move || doors.clone())
            .on_connect(move |_, connection| {
                connection.insert(counted.one_more());
            })
            .workers(workers)
            .max_connections(CONNECTIONS.div_ceil(workers))
            .client_request_timeout(head_timeout)
            .shutdown_timeout(SHUTDOWN_TIMEOUT_SECONDS)
            // The process has its own idea of what a signal means.
            .disable_signals()
            .listen(socket)
            .map_err(refused)?
            .run();
        let handle = server.handle();
        rt::spawn(server);
        Ok(Server { handle, socket: own, origin, connections, streams })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit;

    #[test]
    fn a_port_in_use_is_one_sentence_and_69() {
        let first = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();

        let error = Listener::bind(first.addr()).unwrap_err();

        assert_eq!(error.code(), exit::UNAVAILABLE);
        assert!(error.to_string().starts_with(&format!("cannot listen on {}", first.addr())), "{error}");
        assert_eq!(error.to_string().lines().count(), 1);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_port_is_shared_only_by_those_who_both_want_to() {
        let first = Listener::share("127.0.0.1:0".parse().unwrap()).unwrap();
        shared::listen(&first.socket).unwrap();

        assert_eq!(Listener::share(first.addr()).unwrap().addr(), first.addr());
        Listener::bind(first.addr()).unwrap_err();
        let alone = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let error = Listener::share(alone.addr()).unwrap_err();
        assert_eq!(error.code(), exit::UNAVAILABLE);
        assert!(error.to_string().contains("with --share-port too"), "{error}");
    }
}
