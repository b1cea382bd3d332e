//! Where the process listens.

use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::task::JoinHandle;
use actix_web::{HttpServer, rt};

use super::Doors;
use crate::StartError;

/// Enough for an operator's pages and API; the work itself does not run on these threads.
const MOST_WORKERS: usize = 4;

/// Per worker: more than browsers and callers open, and few enough to leave files for the work.
const CONNECTIONS: usize = 1024;

/// A client that needs longer for the head of its request is not served.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long open requests may go on after the topologies have ended.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// A bound port at which nobody answers yet.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
}

impl Listener {
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
        Ok(Self { socket, addr })
    }

    /// The address with the real port.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Starts to answer. Must be called within an actix system.
    ///
    /// # Errors
    ///
    /// The socket cannot be handed to the server.
    pub(crate) fn serve(self, doors: Doors) -> Result<Server, StartError> {
        let workers = thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_WORKERS));
        let server = HttpServer::new(move || doors.clone())
            .workers(workers)
            .max_connections(CONNECTIONS)
            .client_request_timeout(HEAD_TIMEOUT)
            .shutdown_timeout(1)
            // The process has its own idea of what a signal means.
            .disable_signals()
            .listen(self.socket)
            .map_err(|error| StartError::unavailable(format!("cannot listen on {}: {error}", self.addr)))?
            .run();
        let handle = server.handle();
        Ok(Server { handle, task: rt::spawn(server) })
    }
}

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Server {
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Ends it: open requests get a moment to finish.
    pub(crate) async fn stop(self) {
        let graceful = async {
            self.handle.stop(true).await;
            // It was told to stop: how it puts that does not matter any more.
            drop(self.task.await);
        };
        if rt::time::timeout(STOP_TIMEOUT, graceful).await.is_err() {
            // Not awaited: the process ends next, and every connection with it.
            drop(self.handle.stop(false));
        }
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
}
