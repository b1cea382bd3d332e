//! Where messages of HTTP/1.1 begin and end: [`Reader`], [`Head`].

use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncRead, AsyncReadExt};

/// No test sends more than this.
const LONGEST_HEAD: usize = 1 << 20;
const LONGEST_BODY: usize = 1 << 29;

/// The first line of a message and its headers, as they came.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) raw: Vec<u8>,
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    fn parse(raw: Vec<u8>) -> Result<Self> {
        let text = String::from_utf8_lossy(&raw);
        let mut lines = text.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let headers = lines.filter(|line| !line.is_empty()).map(|line| {
            let (name, value) = line.split_once(':').ok_or_else(|| wrong(&format!("no header: {line}")))?;
            Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        });
        let headers = headers.collect::<Result<_>>()?;
        Ok(Self { line, headers, raw })
    }

    /// The first header `name`, which is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The words of the first line.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.line.split(' ').nth(index).unwrap_or_default()
    }

    /// The status, if it is that of an answer.
    pub(crate) fn status(&self) -> u16 {
        self.word(1).parse().unwrap_or(0)
    }

    /// How the body of a request ends.
    pub(crate) fn of_request(&self) -> Result<Framing> {
        self.framing(Framing::Length(0))
    }

    /// How the body of an answer to a request with `method` ends.
    pub(crate) fn of_answer(&self, method: &str) -> Result<Framing> {
        let status = self.status();
        if method == "HEAD" || status < 200 || status == 204 || status == 304 {
            return Ok(Framing::Length(0));
        }
        self.framing(Framing::UntilClosed)
    }

    fn framing(&self, otherwise: Framing) -> Result<Framing> {
        let is_chunked = |value: &str| value.to_ascii_lowercase().ends_with("chunked");
        if self.header("transfer-encoding").is_some_and(is_chunked) {
            return Ok(Framing::Chunked);
        }
        match self.header("content-length") {
            Some(length) => Ok(Framing::Length(length.parse().map_err(|_| wrong("no content-length"))?)),
            None => Ok(otherwise),
        }
    }
}

/// The first header `name`, which is in lower case.
pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
}

/// How a body ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Framing {
    Length(usize),
    Chunked,
    UntilClosed,
}

/// A body, as it came and as it is meant.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) raw: Vec<u8>,
    pub(crate) content: Vec<u8>,
}

/// Reads message after message.
#[derive(Debug)]
pub(crate) struct Reader<S> {
    stream: S,
    buffer: Vec<u8>,
}

impl<S: AsyncRead + Unpin> Reader<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::with_capacity(16 << 10) }
    }

    /// Reads what has come; whether the other side has not closed. Nothing is lost if it is cancelled.
    pub(crate) async fn fill(&mut self) -> Result<bool> {
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }

    /// Takes all that was read.
    pub(crate) fn take_all(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    /// The head of the next message; `None` if the other side closed before it. Nothing is lost if it is cancelled.
    pub(crate) async fn head(&mut self) -> Result<Option<Head>> {
        let mut searched: usize = 0;
        loop {
            let rest = self.buffer.get(searched..).unwrap_or_default();
            if let Some(at) = rest.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let end = searched + at + 4;
                return Head::parse(self.take(end)).map(Some);
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(wrong("the head is too long"));
            }
            searched = self.buffer.len().saturating_sub(3);
            if !self.fill().await? {
                return if self.buffer.is_empty() { Ok(None) } else { Err(cut()) };
            }
        }
    }

    /// The body that follows a head.
    pub(crate) async fn body(&mut self, framing: Framing) -> Result<Body> {
        match framing {
            Framing::Length(length) => {
                let raw = self.bytes(length).await?;
                Ok(Body { content: raw.clone(), raw })
            }
            Framing::UntilClosed => {
                while self.fill().await? {}
                let raw = self.take_all();
                Ok(Body { content: raw.clone(), raw })
            }
            Framing::Chunked => self.chunks().await,
        }
    }

    async fn chunks(&mut self) -> Result<Body> {
        let mut body = Body::default();
        loop {
            let line = self.line().await?;
            let size = String::from_utf8_lossy(&line);
            let size = size.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| wrong("no size of a chunk"))?;
            body.raw.extend_from_slice(&line);
            if size == 0 {
                break;
            }
            let chunk = self.bytes(size.saturating_add(2)).await?;
            body.content.extend_from_slice(chunk.get(..size).unwrap_or_default());
            body.raw.extend_from_slice(&chunk);
        }
        loop {
            let trailer = self.line().await?;
            body.raw.extend_from_slice(&trailer);
            if trailer == b"\r\n" {
                return Ok(body);
            }
        }
    }

    async fn line(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some(at) = self.buffer.windows(2).position(|bytes| bytes == b"\r\n") {
                return Ok(self.take(at + 2));
            }
            if !self.fill().await? {
                return Err(cut());
            }
        }
    }

    async fn bytes(&mut self, length: usize) -> Result<Vec<u8>> {
        if length > LONGEST_BODY {
            return Err(wrong("the body is too long"));
        }
        while self.buffer.len() < length {
            if !self.fill().await? {
                return Err(cut());
            }
        }
        Ok(self.take(length))
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        if length == self.buffer.len() {
            return self.take_all();
        }
        self.buffer.drain(..length).collect()
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

fn cut() -> Error {
    Error::new(ErrorKind::UnexpectedEof, "closed in the middle of a message")
}

#[cfg(test)]
mod tests {
    use super::{Framing, Reader};

    /// Reads `messages`, a request each, in pieces of every size.
    async fn read(messages: &'static [u8]) -> Vec<(String, Vec<u8>, usize)> {
        let mut all = Vec::new();
        for size in 1..=messages.len() {
            let mut stream = in_pieces(messages, size);
            let mut reader = Reader::new(&mut stream);
            let mut read = Vec::new();
            while let Some(head) = reader.head().await.unwrap() {
                let body = reader.body(head.of_request().unwrap()).await.unwrap();
                read.push((head.line, body.content, head.raw.len() + body.raw.len()));
            }
            all.push(read);
        }
        let first = all.remove(0);
        assert!(all.iter().all(|read| *read == first));
        first
    }

    /// A stream that gives `size` bytes at a time.
    fn in_pieces(bytes: &'static [u8], size: usize) -> impl tokio::io::AsyncRead + Unpin {
        struct Pieces(&'static [u8], usize);
        impl tokio::io::AsyncRead for Pieces {
            fn poll_read(
                mut self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
                into: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                let (piece, rest) = self.0.split_at(self.1.min(self.0.len()).min(into.remaining()));
                into.put_slice(piece);
                self.0 = rest;
                std::task::Poll::Ready(Ok(()))
            }
        }
        Pieces(bytes, size)
    }

    #[tokio::test]
    async fn messages_end_where_they_say_however_they_come() {
        let messages = b"POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\nPOST /b HTTP/1.1\r\n\
            Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n\
            GET /c HTTP/1.1\r\n\r\n";
        let read = read(messages).await;
        let wanted = [("/a", b"\r\n\r\n".as_slice()), ("/b", b"abc0123456789"), ("/c", b"")];
        assert_eq!(read.len(), wanted.len());
        for ((line, content, _), (path, body)) in read.iter().zip(wanted) {
            assert_eq!((line.split(' ').nth(1), content.as_slice()), (Some(path), body));
        }
        assert_eq!(read.iter().map(|(_, _, length)| length).sum::<usize>(), messages.len());
    }

    #[tokio::test]
    async fn an_answer_without_a_length_ends_when_it_is_closed_unless_it_has_no_body() {
        let answers = b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.0 200 OK\r\n\r\nall of it";
        let mut stream = in_pieces(answers, 7);
        let mut reader = Reader::new(&mut stream);
        let head = reader.head().await.unwrap().unwrap();
        assert_eq!(head.of_answer("POST").unwrap(), Framing::Length(0));
        let head = reader.head().await.unwrap().unwrap();
        assert_eq!(head.of_answer("HEAD").unwrap(), Framing::Length(0));
        assert_eq!(head.of_answer("POST").unwrap(), Framing::UntilClosed);
        assert_eq!(reader.body(Framing::UntilClosed).await.unwrap().content, b"all of it");
    }

    #[tokio::test]
    async fn what_is_cut_short_is_an_error() {
        for cut in
            [b"POST / HTTP/1.1\r\nContent-Le".as_slice(), b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"]
        {
            let mut stream = in_pieces(cut, 100);
            let mut reader = Reader::new(&mut stream);
            let head = reader.head().await;
            let failed = match head {
                Ok(Some(head)) => reader.body(head.of_request().unwrap()).await.is_err(),
                Ok(None) => false,
                Err(_) => true,
            };
            assert!(failed);
        }
    }
}
