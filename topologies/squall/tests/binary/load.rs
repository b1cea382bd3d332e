//! Clients that ask without a pause, and take nothing for an answer but an answer. Only a connection that was closed for
//! being idle is made anew, as HTTP wants it.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// More than a process needs to end and another to start; whoever waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that has been idle for so long may be closed at any time.
const IDLE: Duration = Duration::from_millis(250);

/// What became of all requests.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) answered: usize,
    /// Each with what went wrong.
    pub(crate) failed: Vec<String>,
    /// The texts of the messages that were accepted.
    pub(crate) accepted: Vec<String>,
    /// The longest that anybody waited for an answer.
    pub(crate) longest: Duration,
}

/// Clients that run until they are told to stop.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Told>>,
}

impl Load {
    /// Two clients that keep their connections as long as they are let, and two that make a new one each time. Each
    /// asks for health and posts a message in turn.
    pub(crate) fn start(addr: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicUsize::new(0));
        let client = |number: usize| {
            let mut client =
                Client { addr: addr.to_owned(), keeps: number.is_multiple_of(2), connection: None };
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            thread::spawn(move || client.run(number, &stop, &answered))
        };
        let clients = (0..4).map(client).collect();
        Self { stop, answered, clients }
    }

    /// Waits until so many more requests were answered.
    pub(crate) fn wait_for(&self, more: usize) {
        let (goal, until) = (self.answered.load(Ordering::SeqCst) + more, Instant::now() + PATIENCE);
        while self.answered.load(Ordering::SeqCst) < goal {
            assert!(Instant::now() < until, "nobody answers");
            thread::yield_now();
        }
    }

    pub(crate) fn stop(self) -> Told {
        self.stop.store(true, Ordering::SeqCst);
        let mut all = Told::default();
        for client in self.clients {
            let told = client.join().unwrap();
            all.answered += told.answered;
            all.failed.extend(told.failed);
            all.accepted.extend(told.accepted);
            all.longest = all.longest.max(told.longest);
        }
        all
    }
}

struct Client {
    addr: String,
    /// Whether it uses a connection again.
    keeps: bool,
    /// The one that may be used again, and since when it is idle.
    connection: Option<(BufReader<TcpStream>, Instant)>,
}

impl Client {
    fn run(&mut self, number: usize, stop: &AtomicBool, answered: &AtomicUsize) -> Told {
        let mut told = Told::default();
        for round in 0.. {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            let text = format!("message {number}-{round}.");
            let message = (round % 2 == 1).then_some(text);
            let was_open = self.connection.is_some();
            let since = Instant::now();
            match self.ask(message.as_deref()) {
                Ok(200..300) => {
                    told.answered += 1;
                    told.accepted.extend(message);
                    answered.fetch_add(1, Ordering::SeqCst);
                }
                Ok(status) => told.failed.push(format!("{status} to {message:?}")),
                Err(error) => {
                    self.connection = None;
                    told.failed.push(format!("{error} after {:?}, {message:?}, {was_open}", since.elapsed()));
                }
            }
            told.longest = told.longest.max(since.elapsed());
        }
        told
    }

    /// Asks for health, or posts a message to be sent at once; returns the status.
    fn ask(&mut self, message: Option<&str>) -> io::Result<u16> {
        match self.connection.take() {
            Some((open, since)) if !is_closed(open.get_ref())? => {
                let idle = since.elapsed();
                match self.ask_over(open, message) {
                    // It may have been closed between the look and the request: it is asked anew.
                    Err(error) if idle >= IDLE && is_no_answer(&error) => {}
                    answer => return answer,
                }
            }
            _ => {}
        }
        self.ask_over(BufReader::new(TcpStream::connect(&self.addr)?), message)
    }

    fn ask_over(&mut self, mut reader: BufReader<TcpStream>, message: Option<&str>) -> io::Result<u16> {
        reader.get_ref().set_read_timeout(Some(PATIENCE))?;
        let (head, body) = match message {
            None => ("GET /livez", String::new()),
            Some(text) => (
                "POST /api/v1/messages",
                format!(r#"{{"account":"me","destination":"hook","text":"{text}","in":"0s"}}"#),
            ),
        };
        let connection = if self.keeps { "keep-alive" } else { "close" };
        let (addr, length) = (&self.addr, body.len());
        let request = format!(
            "{head} HTTP/1.1\r\nHost: {addr}\r\nConnection: {connection}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        reader.get_mut().write_all(request.as_bytes())?;
        let (status, keeps) = read_answer(&mut reader)?;
        self.connection = (self.keeps && keeps).then(|| (reader, Instant::now()));
        Ok(status)
    }
}

/// Whether the other side hung up without a word.
fn is_no_answer(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
}

/// Whether the other side has hung up: whoever keeps connections looks before he uses one again.
fn is_closed(stream: &TcpStream) -> io::Result<bool> {
    stream.set_nonblocking(true)?;
    let seen = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    Ok(!matches!(seen, Err(error) if error.kind() == io::ErrorKind::WouldBlock))
}

/// Returns the status, and whether the connection can be used again.
fn read_answer(reader: &mut BufReader<TcpStream>) -> io::Result<(u16, bool)> {
    let (mut status, mut length, mut keeps) = (None, 0, true);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            let is_begun = status.is_some();
            let kind = if is_begun { io::ErrorKind::InvalidData } else { io::ErrorKind::UnexpectedEof };
            return Err(kind.into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        match line.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().map_err(io::Error::other)?,
            Some(("connection", value)) => keeps = value != "close",
            Some(_) => {}
            None => status = line.split(' ').nth(1).and_then(|status| status.parse().ok()),
        }
    }
    reader.read_exact(&mut vec![0; length]).map_err(io::Error::other)?;
    Ok((status.ok_or(io::ErrorKind::InvalidData)?, keeps))
}
