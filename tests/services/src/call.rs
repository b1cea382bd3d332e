//! A call of a server's interface, for the rig's own purposes.

use crate::http::Reader;
use serde_json::Value;
use std::{io, net::SocketAddr, thread, time::Duration};
use tokio::{io::AsyncWriteExt, net::TcpStream, runtime::Builder, time::timeout};

const PATIENCE: Duration = Duration::from_secs(60);

/// A request with JSON, or without a body.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) body: Option<Value>,
}

impl Call<'_> {
    /// Sends it; gives the JSON of the answer.
    ///
    /// # Panics
    ///
    /// If the answer is none of success, or does not come within a minute.
    pub(crate) fn to(&self, address: SocketAddr) -> Value {
        let (status, value) = self.answer_of(address);
        assert!((200..300).contains(&status), "{} {}: {status} {value}", self.method, self.path);
        value
    }

    /// Sends it; gives status and JSON of the answer.
    ///
    /// # Panics
    ///
    /// If it does not come within a minute.
    pub(crate) fn answer_of(&self, address: SocketAddr) -> (u16, Value) {
        let path = self.path.split('?').next().unwrap_or_default();
        // On a thread of its own: a runtime of the caller must not be blocked by another on the same thread.
        let answered = thread::scope(|scope| {
            let called = scope.spawn(|| {
                let runtime = Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(async { timeout(PATIENCE, self.exchange(address)).await })?
            });
            called.join().unwrap_or_else(|_| Err(io::Error::other("the call panicked")))
        });
        match answered {
            Ok(answered) => answered,
            Err(error) => panic!("{} {path} at {address}: {error}", self.method),
        }
    }

    async fn exchange(&self, address: SocketAddr) -> io::Result<(u16, Value)> {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(self.text(address).as_bytes()).await?;
        let mut reader = Reader::new(stream);
        let head = reader.head().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let body = reader.body(head.of_answer(self.method)?).await?.content;
        let value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? };
        Ok((head.status(), value))
    }

    fn text(&self, address: SocketAddr) -> String {
        let (method, path) = (self.method, self.path);
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
        if let Some(token) = self.token {
            text.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        if let Some(body) = &self.body {
            let body = body.to_string();
            text.push_str(&format!(
                "content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ));
        } else {
            text.push_str("\r\n");
        }
        text
    }
}

/// The text at `pointer`, for instance `/record/text`.
///
/// # Panics
///
/// If there is none.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer).and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => panic!("there is no text at {pointer}"),
    }
}
