//! [`Stream`]: an answer that is read while it comes.

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use tokio::time::timeout;

use super::Error;

/// An answer that is read while it comes, piece by piece.
pub struct Stream {
    response: Response,
    silence: Duration,
}

impl Stream {
    pub(super) fn new(response: Response, silence: Duration) -> Self {
        Self { response, silence }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next piece, as long as it happened to come; nothing behind the last one.
    ///
    /// # Errors
    ///
    /// It broke off, or nothing came for too long.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        match timeout(self.silence, self.response.chunk()).await {
            Ok(piece) => Ok(piece?.map(Into::into)),
            Err(_) => Err(Error::silence(format!("nothing came for {} s", self.silence.as_secs_f64()))),
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("status", &self.status()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use crate::http::{Client, ClientOptions, ErrorKind, Method};

    use super::*;

    /// A server that says what it is told to say, when it is told to, and the stream of its answer.
    async fn opened(options: ClientOptions, silence: Duration) -> (Stream, mpsc::Sender<&'static str>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (says, mut said) = mpsc::channel::<&'static str>(8);
        tokio::spawn(async move {
            let (mut caller, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            assert!(caller.read(&mut request).await.unwrap() > 0);
            caller.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            while let Some(piece) = said.recv().await {
                caller.write_all(piece.as_bytes()).await.unwrap();
            }
        });
        let client = Client::new(options).unwrap();
        (client.open(client.request(Method::GET, &url), silence).await.unwrap(), says)
    }

    const PATIENT: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_piece_is_there_before_the_next_one_is_sent() {
        let (mut stream, says) = opened(ClientOptions::default(), PATIENT).await;

        for piece in ["one", "two"] {
            says.send(piece).await.unwrap();
            assert_eq!(stream.next().await.unwrap().as_deref(), Some(piece.as_bytes()));
        }
        drop(says);
        assert_eq!(stream.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_stream_outlives_the_time_that_other_answers_have() {
        let minute = Duration::from_secs(60);
        let (mut stream, says) =
            opened(ClientOptions { timeout: minute, ..Default::default() }, 60 * minute).await;

        // What has a limit of a minute has passed it, and nothing else has.
        tokio::time::pause();
        tokio::time::advance(2 * minute).await;
        tokio::time::resume();
        says.send("late").await.unwrap();

        assert_eq!(stream.next().await.unwrap().as_deref(), Some(&b"late"[..]));
    }

    #[tokio::test]
    async fn silence_ends_it() {
        let (mut stream, _says) = opened(ClientOptions::default(), Duration::from_millis(20)).await;

        assert_eq!(stream.next().await.unwrap_err().kind(), ErrorKind::Timeout);
    }
}
