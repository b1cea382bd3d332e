//! A client whose requests end.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{ClientBuilder, Method, RequestBuilder, StatusCode, Url, redirect, retry};

use super::addresses::PublicNames;
use super::guard::{self, GuardedNames};
use super::{Addresses, Error, Guard, Stream};
use crate::tls::tls;

/// A request has one end only, and that of a client holds for all that name none.
const NO_END: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Strangers name any number of hosts, and a connection that is kept is a file that is open.
const GUARDED_IDLE: Duration = Duration::from_secs(5);

/// The bounds of a [`Client`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// How long a request may take, from the first step to the last byte of the answer. 10 s by default.
    pub timeout: Duration,
    /// How long a connection may take to be made. 5 s by default.
    pub connect_timeout: Duration,
    /// How many bytes of an answer's body are read; the rest is left. 64 KiB by default.
    pub answer_limit: usize,
    /// Where it goes. Anywhere by default.
    pub addresses: Addresses,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            answer_limit: 64 * 1024,
            addresses: Addresses::Any,
        }
    }
}

/// An HTTP client with timeouts, a bounded answer and no redirects; its connections are kept and used again.
///
/// Connections belong to the runtime that made them, so each task should have a client of its own. Proxies of the
/// environment are not used.
///
/// ```
/// use squall_connect::http::{Client, ClientOptions};
///
/// let client = Client::new(ClientOptions::default())?;
/// let request = client.request(reqwest::Method::POST, "http://127.0.0.1:9/").body("hello");
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// assert!(client.send(request).await.is_err()); // nobody listens there
/// # });
/// # Ok::<_, squall_connect::http::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    client: reqwest::Client,
    options: ClientOptions,
    guard: Option<Arc<dyn Guard>>,
}

impl Client {
    /// Makes a client.
    ///
    /// Without certificates on this machine, addresses with `https` fail and a warning says so.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn new(options: ClientOptions) -> Result<Self, Error> {
        let builder = match options.addresses {
            Addresses::Any => builder(options)?,
            Addresses::Public => builder(options)?.dns_resolver(PublicNames),
        };
        Ok(Self { client: builder.build()?, options, guard: None })
    }

    /// Makes a client for addresses that strangers choose: it goes where `guard` lets it, and nowhere else.
    ///
    /// `options.addresses` has no say here. One connection to each host is kept, for five seconds.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn guarded(options: ClientOptions, guard: Arc<dyn Guard>) -> Result<Self, Error> {
        let builder = builder(options)?
            .dns_resolver(GuardedNames(Arc::clone(&guard)))
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(GUARDED_IDLE);
        Ok(Self { client: builder.build()?, options, guard: Some(guard) })
    }

    /// The client inside, for what `send` is too narrow for: an answer of any length, for example.
    pub fn into_inner(self) -> reqwest::Client {
        self.client
    }

    /// Begins a request; `send` sends it.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request and reads the answer, up to the limit of the options.
    ///
    /// # Errors
    ///
    /// There was no answer, not even its head. An answer that refuses is no error: see its status.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, Error> {
        self.send_for(request, self.options.answer_limit).await
    }

    /// Sends a request and reads up to `limit` bytes of the answer.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn send_for(&self, request: RequestBuilder, limit: usize) -> Result<Answer, Error> {
        let (client, request) = request.build_split();
        let request = request?;
        self.check(request.url())?;
        let mut response = client.execute(request).await?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        // A status counts from when it was said: what breaks off after it, or drips until the time is up, is left out.
        let is_whole = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = limit - body.len();
                    body.extend(chunk.iter().take(room));
                    if chunk.len() > room {
                        break false;
                    }
                }
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        Ok(Answer { status, headers, body, is_whole })
    }

    /// Sends a request whose answer is read while it comes, for as long as it comes.
    ///
    /// The head of the answer has the time of the options; from then on only `silence` ends it: the longest time
    /// between two pieces.
    ///
    /// # Errors
    ///
    /// There was no answer, not even its head.
    pub async fn open(&self, request: RequestBuilder, silence: Duration) -> Result<Stream, Error> {
        let (client, request) = request.build_split();
        let mut request = request?;
        self.check(request.url())?;
        *request.timeout_mut() = Some(NO_END);
        let response = match tokio::time::timeout(self.options.timeout, client.execute(request)).await {
            Ok(response) => response?,
            Err(_) => return Err(Error::silence("it did not begin")),
        };
        Ok(Stream::new(response, silence))
    }

    /// Refuses an address that is written out: no name is resolved then.
    fn check(&self, url: &Url) -> Result<(), Error> {
        match &self.guard {
            None => Ok(self.options.addresses.check(url)?),
            Some(guard) => Ok(guard::check(&**guard, url)?),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, up to the limit, or as much as came before it broke off or the time was up.
    pub body: Vec<u8>,
    /// Whether `body` is all of it.
    pub is_whole: bool,
}

/// What holds for every client.
fn builder(options: ClientOptions) -> Result<ClientBuilder, Error> {
    Ok(reqwest::Client::builder()
        .timeout(options.timeout)
        .connect_timeout(options.connect_timeout)
        .redirect(redirect::Policy::none())
        // Whether a request may be sent twice is for the caller to decide.
        .retry(retry::never())
        .no_proxy()
        .user_agent(concat!("squall/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls()?))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::http::ErrorKind;

    /// Gives one caller what a server would say, or nothing at all.
    async fn server(says: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut caller, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let read = caller.read(&mut request).await.unwrap();
            assert!(read > 0);
            caller.write_all(says.as_bytes()).await.unwrap();
            // It stays on the line.
            std::future::pending::<()>().await;
        });
        format!("http://{address}/")
    }

    async fn get(options: ClientOptions, url: &str) -> Result<Answer, Error> {
        let client = Client::new(options).unwrap();
        client.send(client.request(Method::GET, url)).await
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_followed() {
        let url =
            server("HTTP/1.1 302 Found\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n").await;

        let answer = get(ClientOptions::default(), &url).await.unwrap();

        assert_eq!(answer.status, 302);
    }

    #[tokio::test]
    async fn no_more_of_an_answer_is_read_than_allowed() {
        let url = server("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\nfar too much").await;

        let answer = get(ClientOptions { answer_limit: 3, ..ClientOptions::default() }, &url).await.unwrap();

        assert_eq!(answer.body, b"far");
        assert!(!answer.is_whole);
    }

    #[tokio::test]
    async fn a_status_counts_even_if_its_body_never_ends() {
        let url = server("HTTP/1.1 201 Created\r\ncontent-length: 1000\r\n\r\ndrip").await;

        let options = ClientOptions { timeout: Duration::from_secs(3), ..ClientOptions::default() };
        let answer = get(options, &url).await.unwrap();

        assert_eq!(
            (answer.status.as_u16(), answer.body.as_slice(), answer.is_whole),
            (201, &b"drip"[..], false)
        );
    }

    #[tokio::test]
    async fn a_client_for_the_public_internet_goes_nowhere_else() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let public = ClientOptions { addresses: Addresses::Public, ..ClientOptions::default() };

        // The second is what a name does that its owner points at us.
        for host in ["127.0.0.1", "localhost"] {
            let error = get(public, &format!("http://{host}:{port}/")).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotPublic, "{host}: {error}");
            assert!(error.to_string().contains("not an address of the public internet"), "{error}");
        }

        let any = get(
            ClientOptions { timeout: Duration::from_millis(1), ..ClientOptions::default() },
            &format!("http://localhost:{port}/"),
        )
        .await;
        assert_ne!(any.unwrap_err().kind(), ErrorKind::NotPublic);
    }

    #[tokio::test]
    async fn a_server_that_never_answers_is_a_timeout() {
        let url = server("").await;

        let options = ClientOptions { timeout: Duration::from_millis(20), ..ClientOptions::default() };
        let error = get(options, &url).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Timeout);
    }

    #[tokio::test]
    async fn nobody_at_the_address_is_told_apart_from_a_broken_answer() {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let garbage = server("SSH-2.0-OpenSSH\r\n\r\n").await;

        let nobody =
            get(ClientOptions::default(), &format!("http://{closed}/?token=secret")).await.unwrap_err();
        let broken = get(ClientOptions::default(), &garbage).await.unwrap_err();

        assert_eq!(nobody.kind(), ErrorKind::Connect);
        assert_eq!(broken.kind(), ErrorKind::Broken);
        assert!(!nobody.to_string().contains("secret"), "{nobody}");
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_never_sent() {
        let error = get(ClientOptions::default(), "not an address").await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Request);
    }
}
