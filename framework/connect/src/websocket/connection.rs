//! A connection that was made.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{Sink, Stream};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message, protocol::WebSocketConfig};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use super::{Error, ErrorKind, FrameOptions};
use crate::feed::Connected;
use crate::tls::tls;

/// A connection that was made, and that is alive as long as the other side answers pings.
pub(super) struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Half of the silence after which the other side counts as gone.
    half: Duration,
    quiet: Pin<Box<Sleep>>,
    /// It was asked whether it is there, and nothing came since.
    is_asked: bool,
}

impl Connection {
    pub(super) async fn make(address: String, options: FrameOptions) -> Result<Self, Error> {
        let tls = tls().map_err(|error| Error::new(ErrorKind::Address, format!("no TLS: {error}")))?;
        let limits = WebSocketConfig::default()
            .max_message_size(Some(options.limit))
            .max_frame_size(Some(options.limit));
        let connecting = connect_async_tls_with_config(
            address,
            Some(limits),
            true,
            Some(Connector::Rustls(Arc::new(tls))),
        );
        let (socket, _) = match timeout(options.connect_timeout, connecting).await {
            Ok(made) => made.map_err(Error::of_connecting)?,
            Err(_) => {
                let detail = format!("no connection within {} s", options.connect_timeout.as_secs_f64());
                return Err(Error::new(ErrorKind::Connect, detail));
            }
        };
        let half = options.silence / 2;
        Ok(Self { socket, half, quiet: Box::pin(sleep(half)), is_asked: false })
    }

    /// Whoever reads slowly must not take the other side for silent: what came counts before the time does.
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<String, Error>> {
        loop {
            while let Poll::Ready(came) = Pin::new(&mut self.socket).poll_next(cx) {
                self.is_asked = false;
                self.quiet.as_mut().reset(Instant::now() + self.half);
                match came {
                    Some(Ok(Message::Text(text))) => return Poll::Ready(Ok(text.as_str().to_owned())),
                    Some(Ok(Message::Binary(_))) => {
                        let detail = "a binary message came, and this feed is one of texts";
                        return Poll::Ready(Err(Error::new(ErrorKind::Closed, detail)));
                    }
                    Some(Ok(Message::Close(said))) => return Poll::Ready(Err(closed(said.as_ref()))),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Poll::Ready(Err(Error::of_reading(error))),
                    None => return Poll::Ready(Err(closed(None))),
                }
            }
            ready!(self.quiet.as_mut().poll(cx));
            if self.is_asked {
                let silence = (self.half * 2).as_secs_f64();
                let detail = format!("the server has said nothing for {silence} s, and answers no ping");
                return Poll::Ready(Err(Error::new(ErrorKind::Silent, detail)));
            }
            self.is_asked = true;
            self.quiet.as_mut().reset(Instant::now() + self.half);
            self.ask(cx);
        }
    }

    /// What cannot be sent is as good as not answered.
    fn ask(&mut self, cx: &mut Context<'_>) {
        let mut socket = Pin::new(&mut self.socket);
        if let Poll::Ready(Ok(())) = socket.as_mut().poll_ready(cx)
            && socket.as_mut().start_send(Message::Ping(Bytes::new())).is_ok()
        {
            drop(socket.poll_flush(cx));
        }
    }
}

impl Connected for Connection {
    type Item = String;
    type Error = Error;

    async fn next(&mut self) -> Result<String, Error> {
        poll_fn(|cx| self.poll_message(cx)).await
    }

    fn is_final(error: &Error) -> bool {
        matches!(error.kind(), ErrorKind::Address | ErrorKind::TooLong)
    }
}

fn closed(said: Option<&tokio_tungstenite::tungstenite::protocol::CloseFrame>) -> Error {
    let why = said.map(|said| format!(" with {}", said.code)).unwrap_or_default();
    Error::new(ErrorKind::Closed, format!("the server closed the connection{why}"))
}
