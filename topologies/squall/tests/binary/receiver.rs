//! A real receiver of webhooks.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver as Channel, Sender};
use std::thread;

/// Answers every request with 200, and tells its body.
pub(crate) struct Receiver {
    addr: SocketAddr,
    pub(crate) bodies: Channel<String>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (sender, bodies) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                thread::spawn(move || answer(&stream, &sender));
            }
        });
        Self { addr, bodies }
    }

    /// A `[destinations]` that leads here, by the name of `hook`.
    pub(crate) fn destination(&self) -> String {
        format!("[destinations.hook]\ntype = \"webhook\"\nurl = \"http://{}/\"\n", self.addr)
    }
}

/// Answers until the sender hangs up.
fn answer(mut stream: &TcpStream, bodies: &Sender<String>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap();
                }
                Some(_) => {}
                None if line.trim_end().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        bodies.send(String::from_utf8(body).unwrap()).ok()?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok()?;
    }
}
