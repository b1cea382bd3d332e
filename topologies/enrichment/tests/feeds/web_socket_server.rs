//! A Jetstream that replays, drops, repeats, reorders, stalls and closes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

use crate::log::{End, Log, spoil};
use crate::thread::Thread;

/// A server on a thread of its own, until it is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) accepted: Arc<AtomicU64>,
    pub(crate) pings: Arc<AtomicU64>,
    _thread: Thread,
}

impl Server {
    /// One that goes wrong as the seed has it, or never.
    pub(crate) fn start(log: Log, seed: Option<u64>) -> Self {
        let mut thread = Thread::start();
        let listener = thread.listen();
        let url = format!("ws://{}/subscribe", listener.local_addr().unwrap());
        let accepted = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&accepted);
        let pings = Arc::new(AtomicU64::new(0));
        let pinged = Arc::clone(&pings);
        thread.run(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            let mut random = seed.map(fastrand::Rng::with_seed);
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Relaxed);
                let random = random.as_mut().map(fastrand::Rng::fork);
                tokio::spawn(serve(socket, log.clone(), random, Arc::clone(&pinged)));
            }
        });
        Self { url, accepted, pings, _thread: thread }
    }
}

async fn serve(
    socket: TcpStream,
    log: Log,
    mut random: Option<fastrand::Rng>,
    pings: Arc<AtomicU64>,
) -> Option<()> {
    if random.as_mut().is_some_and(|random| random.u8(..) < 25) {
        // Nobody is let in.
        return None;
    }
    let mut cursor = i64::MAX;
    #[expect(clippy::result_large_err, reason = "the library's own")]
    let head = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let query = request.uri().query().unwrap_or_default();
        let value = query.split('&').find_map(|pair| pair.strip_prefix("cursor="));
        cursor = value.and_then(|value| value.parse().ok()).unwrap_or(i64::MAX);
        Ok(response)
    };
    let mut socket = accept_hdr_async(socket, head).await.ok()?;
    let mut events = log.since(cursor);
    let end = random.as_mut().map_or(End::None, |random| spoil(&mut events, true, random));
    for (_, json) in events {
        socket.send(Message::text(json)).await.ok()?;
    }
    match end {
        End::Close => socket.close(None).await.ok()?,
        End::Break => return None,
        End::Stall => std::future::pending().await,
        // Pings are answered by whoever reads.
        End::None => {
            while let Some(Ok(message)) = socket.next().await {
                pings.fetch_add(u64::from(message.is_ping()), Relaxed);
            }
        }
    }
    Some(())
}
