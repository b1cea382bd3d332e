//! A feed of events that replays, repeats, stalls and closes.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::log::{End, Log, spoil};
use crate::thread::Thread;

/// A server on a thread of its own, until it is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    _thread: Thread,
}

impl Server {
    /// One that goes wrong as the seed has it, or never. It says that it is over where `is_finite`.
    pub(crate) fn start(log: Log, seed: Option<u64>, is_finite: bool) -> Self {
        let mut thread = Thread::start();
        let listener = thread.listen();
        let url = format!("http://{}/v2/stream/recentchange", listener.local_addr().unwrap());
        thread.run(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            let mut random = seed.map(fastrand::Rng::with_seed);
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let random = random.as_mut().map(fastrand::Rng::fork);
                tokio::spawn(serve(socket, log.clone(), random, is_finite));
            }
        });
        Self { url, _thread: thread }
    }
}

async fn serve(
    socket: TcpStream,
    log: Log,
    mut random: Option<fastrand::Rng>,
    is_finite: bool,
) -> Option<()> {
    let mut socket = BufReader::new(socket);
    let mut from = 0;
    loop {
        let mut line = String::new();
        socket.read_line(&mut line).await.ok()?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(id) = line.strip_prefix("last-event-id: ") {
            // [{"topic":"t","partition":0,"offset":7}]
            from = id.rsplit(':').next()?.trim_end_matches("}]").parse::<i64>().ok()? + 1;
        }
    }
    if random.as_mut().is_some_and(|random| random.u8(..) < 25) {
        socket.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await.ok()?;
        return None;
    }
    let mut events = log.since(from);
    if events.is_empty() && is_finite {
        socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.ok()?;
        return None;
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n:ok\nretry: 1\n\n";
    socket.write_all(head.as_bytes()).await.ok()?;
    let mut end = random.as_mut().map_or(End::None, |random| spoil(&mut events, false, random));
    for (offset, json) in events {
        let id = format!(r#"[{{"topic":"t","partition":0,"offset":{offset}}}]"#);
        let text = format!("event: message\r\nid: {id}\r\ndata: {json}\r\n\r\n");
        socket.write_all(text.as_bytes()).await.ok()?;
    }
    if end == End::Break {
        socket.write_all(b"id: [{\"offset\":99999999}]\ndata: {\"half\":").await.ok()?;
    }
    if is_finite && end == End::None {
        end = End::Close;
    }
    if matches!(end, End::None | End::Stall) {
        std::future::pending().await
    }
    socket.shutdown().await.ok()
}
