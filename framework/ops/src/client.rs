//! [`Client`]: asks a process that runs, over its interface, as `squall ctl` does.

mod flags;
mod told;

pub use told::{Told, encoded};

use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

use clap::{Arg, ArgMatches};
use serde::de::DeserializeOwned;
use serde_json::Value;
use squall_connect::http::{self, Answer, ClientOptions, ErrorKind};
pub use squall_connect::http::{Method, StatusCode};
use squall_topology::Secret;
use tokio::runtime::{Builder, Runtime};

use crate::StartError;
use told::Telling;

/// How long an answer may take. A rebalance waits for its tasks.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a stream may be silent: three of its heartbeats.
const SILENCE: Duration = Duration::from_secs(45);

/// The most that is read of an answer: two hundred components tell of themselves in less than one.
const LIMIT: usize = 16 << 20;

/// Asks a process that runs, over its interface, and waits for the answer.
///
/// ```
/// use squall_ops::{Client, exit};
///
/// let client = Client::new("http://127.0.0.1:9", None)?;
/// let error = client.get::<serde_json::Value>("/api/v1/info").unwrap_err();
///
/// assert_eq!(error.code(), exit::UNAVAILABLE); // nobody listens there
/// # Ok::<_, squall_ops::StartError>(())
/// ```
pub struct Client {
    http: http::Client,
    runtime: Runtime,
    /// Without a slash at its end.
    url: String,
    token: Option<Secret>,
    actor: Option<String>,
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body; all of it.
    pub body: Vec<u8>,
}

impl Client {
    /// Asks the process at this address, and shows it this token. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// The address is none that can be asked.
    pub fn new(url: &str, token: Option<Secret>) -> Result<Self, StartError> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            let why = "is no address; write it as http://127.0.0.1:8090";
            return Err(StartError::usage(format!("`{url}` {why}")));
        }
        let options = ClientOptions { timeout: PATIENCE, answer_limit: LIMIT, ..ClientOptions::default() };
        let http = http::Client::new(options).map_err(StartError::failed)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| StartError::failed(format!("cannot send anything: {error}")))?;
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { http, runtime, url, token, actor: None })
    }

    /// The flags that say which process is asked, and as whom.
    pub fn args() -> [Arg; 3] {
        flags::args()
    }

    /// Asks the process that the [flags](Self::args) name.
    ///
    /// # Errors
    ///
    /// The address is none that can be asked, or the file with the token cannot be read.
    pub fn of(args: &ArgMatches) -> Result<Self, StartError> {
        flags::client(args)
    }

    /// Says who asks, for what is written down about it.
    #[must_use]
    pub fn by(mut self, actor: impl Into<String>) -> Self {
        self.actor = Some(actor.into());
        self
    }

    /// Waits no longer than this for an answer; a minute unless it is said.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub(crate) fn within(mut self, timeout: Duration) -> Result<Self, StartError> {
        let connect_timeout = ClientOptions::default().connect_timeout.min(timeout);
        let options =
            ClientOptions { timeout, connect_timeout, answer_limit: LIMIT, ..ClientOptions::default() };
        self.http = http::Client::new(options).map_err(StartError::failed)?;
        Ok(self)
    }

    /// The address that is asked.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Reads what stands at a path, such as `/api/v1/info`.
    ///
    /// # Errors
    ///
    /// Nobody is there (exit code 69), or the answer refuses: with the sentence of its problem document.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, StartError> {
        self.read(self.ask(Method::GET, path, None)?)
    }

    /// Has something done.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: Option<&Value>) -> Result<T, StartError> {
        self.read(self.ask(
            Method::POST,
            path,
            body.map(|body| ("application/json", body.to_string().into())),
        )?)
    }

    /// Asks, and takes any answer, also one that refuses.
    ///
    /// `body` is a media type and what is sent.
    ///
    /// # Errors
    ///
    /// There was no whole answer: exit code 69.
    pub fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> Result<Reply, StartError> {
        let mut request = self.request(method, path);
        if let Some((media_type, body)) = body {
            request = request.header("Content-Type", media_type).body(body);
        }
        let answer = self.runtime.block_on(self.http.send(request));
        let Answer { status, body, is_whole, .. } = answer.map_err(|error| self.unreachable(&error))?;
        if is_whole {
            return Ok(Reply { status, body });
        }
        Err(StartError::unavailable(format!("the answer of {} broke off, or is too long", self.url)))
    }

    /// Follows a stream of events until it ends, or until `each` has enough of it.
    ///
    /// # Errors
    ///
    /// It was refused, or broke off (exit code 69); or that of `each`.
    pub fn follow(
        &self,
        path: &str,
        each: impl FnMut(&Told) -> Result<ControlFlow<()>, StartError>,
    ) -> Result<(), StartError> {
        self.follow_from(path, None, each)
    }

    /// The same behind the event with this number.
    ///
    /// # Errors
    ///
    /// As [`follow`](Self::follow).
    pub fn follow_from(
        &self,
        path: &str,
        last: Option<u64>,
        mut each: impl FnMut(&Told) -> Result<ControlFlow<()>, StartError>,
    ) -> Result<(), StartError> {
        let mut request = self.request(Method::GET, path).header("Accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        self.runtime.block_on(async {
            let stream = self.http.open(request, SILENCE).await;
            let mut stream = stream.map_err(|error| self.unreachable(&error))?;
            let status = stream.status();
            let (mut refusal, mut telling) = (Vec::new(), Telling::default());
            while let Some(piece) = stream.next().await.map_err(|error| self.unreachable(&error))? {
                if !status.is_success() {
                    refusal.extend(piece.iter().take(LIMIT - refusal.len()));
                    continue;
                }
                for told in telling.take(&piece) {
                    if each(&told)?.is_break() {
                        return Ok(());
                    }
                }
            }
            if status.is_success() { Ok(()) } else { Err(refused(status, &refusal)) }
        })
    }

    fn request(&self, method: Method, path: &str) -> http::RequestBuilder {
        let mut request = self.http.request(method, &format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            // It is marked as one that no log shows.
            request = request.bearer_auth(token.expose());
        }
        match &self.actor {
            Some(actor) => request.header("Squall-Actor", actor.as_bytes()),
            None => request,
        }
    }

    fn read<T: DeserializeOwned>(&self, Reply { status, body }: Reply) -> Result<T, StartError> {
        if !status.is_success() {
            return Err(refused(status, &body));
        }
        serde_json::from_slice(&body).map_err(|error| {
            StartError::failed(format!("{} answers, but not as this version does: {error}", self.url))
        })
    }

    fn unreachable(&self, error: &http::Error) -> StartError {
        let url = &self.url;
        match error.kind() {
            ErrorKind::Request => StartError::usage(format!("{url} cannot be asked: {error}")),
            ErrorKind::Connect => StartError::unavailable(format!(
                "nothing answers at {url}: {error}; give another address with --url, or start it"
            )),
            _ => StartError::unavailable(format!("{url} did not answer to the end: {error}")),
        }
    }
}

impl Reply {
    /// Whether it was refused.
    ///
    /// # Errors
    ///
    /// It was: with the sentence of the problem document.
    pub fn check(&self) -> Result<(), StartError> {
        if self.status.is_success() { Ok(()) } else { Err(refused(self.status, &self.body)) }
    }
}

/// What a problem document says, and below that what is wrong with each field; `None` if it is no such document.
///
/// ```
/// use squall_ops::client::sentence;
///
/// let problem = serde_json::json!({"detail": "It cannot be.", "errors": [{"pointer": "/in", "detail": "is no span"}]});
///
/// assert_eq!(sentence(&problem).as_deref(), Some("It cannot be\n  in is no span"));
/// ```
pub fn sentence(problem: &Value) -> Option<String> {
    let detail = problem.get("detail").and_then(Value::as_str)?;
    let mut sentence = detail.trim_end_matches('.').to_owned();
    for fault in problem.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let part = |key: &str| fault.get(key).and_then(Value::as_str).unwrap_or_default();
        let place = part("pointer").trim_start_matches('/');
        sentence.push_str("\n  ");
        sentence.push_str(if place.is_empty() { "it" } else { place });
        sentence.push(' ');
        sentence.push_str(part("detail"));
    }
    Some(sentence)
}

/// Why it was refused, in the words of the process that did.
fn refused(status: StatusCode, body: &[u8]) -> StartError {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    // A configuration with faults comes as it would be shown at the start.
    if let Some(diagnostics) = problem.get("diagnostics").and_then(Value::as_str) {
        return StartError::config(diagnostics);
    }
    let sentence = sentence(&problem).unwrap_or_else(|| format!("it was refused ({status})"));
    match status.as_u16() {
        401 => StartError::failed(format!("{sentence}; give it with --token-file FILE")),
        502..=504 => StartError::unavailable(sentence),
        _ => StartError::failed(sentence),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url).field("actor", &self.actor).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit;

    #[test]
    fn a_refusal_says_what_the_process_says() {
        let body =
            br#"{"detail": "It cannot be.", "errors": [{"pointer": "/inbox", "detail": "is 0; give 1"}]}"#;

        let error = refused(StatusCode::UNPROCESSABLE_ENTITY, body);

        assert_eq!(error, StartError::failed("It cannot be\n  inbox is 0; give 1"));
    }

    #[test]
    fn a_refusal_has_the_exit_code_of_its_kind() {
        let code = |status: u16, body: &[u8]| refused(StatusCode::from_u16(status).unwrap(), body).code();

        assert_eq!(code(409, b"{}"), exit::FAILURE);
        assert_eq!(code(503, b"{}"), exit::UNAVAILABLE);
        assert_eq!(code(422, br#"{"diagnostics": "error: no key `x`"}"#), exit::CONFIG);
        assert_eq!(code(500, b"<html>"), exit::FAILURE);
    }

    #[test]
    fn what_is_no_address_is_a_mistake_of_the_command_line() {
        for url in ["", "127.0.0.1:8090", "ftp://127.0.0.1/", "file:///etc/passwd"] {
            assert_eq!(Client::new(url, None).unwrap_err().code(), exit::USAGE, "{url}");
        }
        let client = Client::new("http://a b", None).unwrap();
        assert_eq!(client.get::<Value>("/").unwrap_err().code(), exit::USAGE);
    }

    #[test]
    fn the_token_is_not_shown() {
        let client = Client::new("http://127.0.0.1:9", Some(Secret::new("t0ken"))).unwrap();

        assert!(!format!("{client:?}").contains("t0ken"));
    }
}
