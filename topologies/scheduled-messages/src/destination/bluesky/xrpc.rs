//! Calls of the AT Protocol, and what their answers mean.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use squall_connect::http::{Answer, Client, Error};

use crate::destination::address::Address;
use crate::destination::answer::{describe, excerpt, line};
use crate::destination::{RateHints, Scope};

/// The window of the limit that counts addresses, not accounts.
const SHARED_WINDOW: &str = "w=300";

/// What a post costs its account.
const POINTS: u64 = 2;

/// A server of the AT Protocol.
pub(super) struct Xrpc<'a> {
    client: &'a Client,
    service: &'a Address,
    timeout: Duration,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It was done.
    Done,
    /// The token is not, or no longer, good.
    Token,
    /// Something else lies where the condition says that nothing does.
    Swap,
    /// There is no such record.
    Missing,
    /// Too many requests.
    Limited,
    /// A no that stays one.
    Refused,
    /// Nothing certain.
    Unknown,
}

/// What a server said.
#[derive(Debug)]
pub(super) struct Said {
    answer: Answer,
    fault: Fault,
}

#[derive(Debug, Default, Deserialize)]
struct Fault {
    error: Option<String>,
    message: Option<String>,
}

impl<'a> Xrpc<'a> {
    pub(super) fn new(client: &'a Client, service: &'a Address, timeout: Duration) -> Self {
        Self { client, service, timeout }
    }

    /// Calls a procedure.
    pub(super) async fn call(
        &self,
        method: &str,
        token: Option<&str>,
        input: &impl Serialize,
    ) -> Result<Said, Error> {
        let request = self.request(Method::POST, method, token);
        // What we serialize are texts and tables of them: it cannot fail, and an empty body would be refused.
        let body = serde_json::to_vec(input).unwrap_or_default();
        self.send(request.header(header::CONTENT_TYPE, "application/json").body(body)).await
    }

    /// Calls a procedure without input.
    pub(super) async fn call_bare(&self, method: &str, token: &str) -> Result<Said, Error> {
        self.send(self.request(Method::POST, method, Some(token))).await
    }

    /// Asks a question.
    pub(super) async fn ask(&self, method_and_query: &str) -> Result<Said, Error> {
        self.send(self.request(Method::GET, method_and_query, None)).await
    }

    fn request(&self, verb: Method, method: &str, token: Option<&str>) -> RequestBuilder {
        let url = self.service.below(&format!("xrpc/{method}"));
        let request = self.client.request(verb, &url).timeout(self.timeout);
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Said, Error> {
        let answer = self.client.send(request).await?;
        let fault = if answer.status.is_success() {
            Fault::default()
        } else {
            serde_json::from_slice(&answer.body).unwrap_or_default()
        };
        Ok(Said { answer, fault })
    }
}

impl Said {
    /// What it means: by the name of the error, for the status says too little. An answer without one is not the server's
    /// own, but of something in front of it that may well have let the request through.
    pub(super) fn meaning(&self) -> Meaning {
        let status = self.answer.status;
        match self.fault.error.as_deref() {
            _ if status.is_success() => Meaning::Done,
            _ if status.is_redirection() => Meaning::Refused,
            Some("ExpiredToken" | "InvalidToken" | "AuthMissing" | "AuthenticationRequired") => {
                Meaning::Token
            }
            Some("InvalidSwap") => Meaning::Swap,
            Some("RecordNotFound") => Meaning::Missing,
            Some("RateLimitExceeded") => Meaning::Limited,
            Some(_) if status.is_client_error() => Meaning::Refused,
            None if status.as_u16() == 429 => Meaning::Limited,
            _ => Meaning::Unknown,
        }
    }

    /// What was answered, if it is all there and has the form.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.answer.body).ok()
    }

    /// What it says about limits, counted in posts.
    pub(super) fn hints(&self) -> RateHints {
        let policy = self.answer.headers.get("ratelimit-policy").and_then(|policy| policy.to_str().ok());
        let is_shared =
            policy.is_some_and(|policy| policy.split(';').any(|part| part.trim() == SHARED_WINDOW));
        let scope = if is_shared { Scope::Destination } else { Scope::Account };
        let hints = RateHints::read(&self.answer.headers, Timestamp::now(), scope);
        match scope {
            Scope::Destination => hints,
            // The limit of an account is in points.
            Scope::Account => RateHints {
                limit: hints.limit.map(|points| points / POINTS),
                remaining: hints.remaining.map(|points| points / POINTS),
                ..hints
            },
        }
    }

    /// What was said, in words.
    pub(super) fn words(&self) -> String {
        match (&self.fault.error, &self.fault.message) {
            (Some(error), Some(message)) => {
                format!("answered {} {}: {}", self.answer.status.as_u16(), excerpt(error), excerpt(message))
            }
            (Some(error), None) => format!("answered {} {}", self.answer.status.as_u16(), excerpt(error)),
            // A body that tells of success tells nothing of an error, and may hold a token.
            (None, _) if self.answer.status.is_success() => {
                format!("answered {}, without what the protocol asks for", line(self.answer.status))
            }
            (None, _) => describe(&self.answer),
        }
    }
}
