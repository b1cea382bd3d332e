//! An HTTP client that tells when nobody answered.

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than any answer takes: whoever waits for it longer has found a fault.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client with one connection, which is kept.
pub(crate) struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub(crate) fn of(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends a request; gives status and JSON of the answer. An error leaves open whether it was served.
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        header: &str,
        body: &str,
    ) -> io::Result<(u16, Value)> {
        let answered = self.exchange(method, path, header, body);
        if answered.is_err() {
            self.stream = None;
        }
        answered
    }

    fn exchange(&mut self, method: &str, path: &str, header: &str, body: &str) -> io::Result<(u16, Value)> {
        let address = self.address;
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                none.insert(BufReader::new(stream))
            }
        };
        let kind = if path.ends_with("/bulk") { "application/x-ndjson" } else { "application/json" };
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{header}\r\n{body}"
        );
        stream.get_mut().write_all(request.as_bytes())?;
        let (status, length) = head(stream)?;
        let mut body = Vec::new();
        match length {
            Some(length) => {
                body.resize(length, 0);
                stream.read_exact(&mut body)?;
            }
            None => chunks(stream, &mut body)?,
        }
        let value = serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
        Ok((status, value))
    }
}

/// The status, and the length unless it comes in chunks.
fn head(stream: &mut BufReader<TcpStream>) -> io::Result<(u16, Option<usize>)> {
    let status = line(stream)?.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or(ErrorKind::InvalidData)?;
    let mut length = Some(0);
    loop {
        let header = line(stream)?.to_ascii_lowercase();
        if header.is_empty() {
            return Ok((status, length));
        }
        if let Some(given) = header.strip_prefix("content-length:") {
            length = given.trim().parse().ok();
        } else if header.starts_with("transfer-encoding:") {
            length = None;
        }
    }
}

fn chunks(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let size = usize::from_str_radix(&line(stream)?, 16).map_err(|_| ErrorKind::InvalidData)?;
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk)?;
        if size == 0 {
            return Ok(());
        }
        body.extend(&chunk[..size]);
    }
}

fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}
