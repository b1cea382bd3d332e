//! A client that says what it is told, byte for byte.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

/// A connection that is kept alive.
#[derive(Debug)]
pub struct Client(BufReader<TcpStream>);

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// Posts `body` with these lines of headers.
    pub fn post(&mut self, headers: &str, body: &str) {
        self.post_to("/hook", headers, body);
    }

    /// The same to another path.
    pub fn post_to(&mut self, path: &str, headers: &str, body: &str) {
        let length = body.len();
        let text =
            format!("POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// The next answer: its status and its body; `None` if the connection is closed instead.
    pub fn answer(&mut self) -> Option<(u16, Vec<u8>)> {
        let (mut head, mut length) = (Vec::new(), 0);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
            head.push(line);
        }
        let status = head[0].split(' ').nth(1).unwrap().parse().unwrap();
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        Some((status, body))
    }

    /// Posts and gives the status.
    pub fn exchange(&mut self, headers: &str, body: &str) -> Option<u16> {
        self.post(headers, body);
        self.answer().map(|(status, _)| status)
    }

    /// All that comes until the connection is closed.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        drop(self.0.read_to_end(&mut rest));
        rest
    }

    pub fn stream(&self) -> &TcpStream {
        self.0.get_ref()
    }
}
