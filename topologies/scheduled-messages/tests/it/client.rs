//! A caller of the interface, with a server and a store of its own.

use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use squall_scheduled_messages::{
    Begin, Begun, Claimed, Destination, Message, MessageId, Settle, Settlement, Store, Which,
};
use squall_topology::Config;
use tempfile::TempDir;

use crate::support::{Site, store};

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Null if it is no JSON.
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn kind(&self) -> &str {
        self.header("content-type").unwrap_or_default()
    }

    /// Status and name of a problem, which says so itself.
    pub(crate) fn problem(&self) -> (u16, &str) {
        assert_eq!(self.kind(), "application/problem+json", "{}", self.text);
        assert_eq!(self.body["status"], self.status, "{}", self.text);
        (self.status, self.body["type"].as_str().unwrap())
    }

    /// Where the first fault is.
    pub(crate) fn pointer(&self) -> &str {
        self.body["errors"][0]["pointer"].as_str().unwrap_or_else(|| panic!("no fault in {}", self.text))
    }
}

pub(crate) async fn ask(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null), text }
}

/// A server with a store, and somebody who asks it.
pub(crate) struct Caller {
    pub(crate) store: Store,
    pub(crate) site: Site,
    client: Client,
    // Last: it must outlive the files in it.
    _dir: TempDir,
}

impl Caller {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(webhooks: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path()).await;
        let site = Site::start(dir.path(), &store, webhooks).await;
        Self::of(dir, store, site)
    }

    /// With the destinations of a configuration.
    pub(crate) async fn configured(toml: &str) -> Self {
        let mut config = Config::parse("squall.toml", toml).unwrap();
        let destinations = config.parts::<Box<dyn Destination>>("destinations").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path()).await;
        let site = Site::to(dir.path(), &store, destinations).await;
        Self::of(dir, store, site)
    }

    fn of(dir: TempDir, store: Store, site: Site) -> Self {
        let client = squall_connect::http::Client::new(Default::default()).unwrap().into_inner();
        Self { store, site, client, _dir: dir }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.site.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        ask(self.request(Method::GET, path)).await
    }

    pub(crate) fn sending(&self, method: Method, path: &str, body: &Value) -> RequestBuilder {
        self.request(method, path).header("content-type", "application/json").body(body.to_string())
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        ask(self.sending(Method::POST, path, &body)).await
    }

    pub(crate) async fn patch(&self, id: MessageId, body: Value) -> Answer {
        ask(self.sending(Method::PATCH, &path(id, ""), &body)).await
    }

    /// Asks for a change that has no body.
    pub(crate) async fn change(&self, id: MessageId, what: &str) -> Answer {
        ask(self.request(Method::POST, &path(id, what))).await
    }

    /// Schedules a message for an hour from now.
    pub(crate) async fn scheduled(&self) -> MessageId {
        self.due(Timestamp::now() + 1.hour()).await
    }

    pub(crate) async fn due(&self, at: Timestamp) -> MessageId {
        self.store.insert(crate::support::message("inbox", at), "test").await.unwrap().id
    }

    /// Has an attempt begin at a message that is due.
    pub(crate) async fn sent_off(&self) -> (MessageId, Message) {
        let id = self.due(Timestamp::now()).await;
        (id, self.begin(self.claim(id, Which::First).await).await)
    }

    pub(crate) async fn claim(&self, id: MessageId, which: Which) -> Claimed {
        let caught = self.store.claim(which, Duration::from_secs(2), 100).await.unwrap();
        caught.claimed.into_iter().find(|claimed| claimed.id == id).unwrap()
    }

    pub(crate) async fn begin(&self, claimed: Claimed) -> Message {
        let Claimed { id, fence, version, attempts, .. } = claimed;
        let begin = Begin { id, fence, version, attempt: attempts + 1 };
        let Begun::Send(message) = self.store.begin(begin).await.unwrap() else { panic!("it did not begin") };
        *message
    }

    pub(crate) async fn settle(&self, message: &Message, settlement: Settlement) {
        assert!(self.store.settle(settled(message, settlement)).await.unwrap(), "the attempt was void");
    }

    pub(crate) async fn stop(self) {
        self.site.stop().await;
    }
}

pub(crate) fn path(id: MessageId, what: &str) -> String {
    let slash = if what.is_empty() { "" } else { "/" };
    format!("/api/v1/messages/{id}{slash}{what}")
}

/// A message that is good.
pub(crate) fn draft() -> Value {
    json!({"account": "me", "destination": "inbox", "text": "Hello", "in": "1h"})
}

/// A message that is good but for this.
pub(crate) fn draft_with(key: &str, value: Value) -> Value {
    let mut draft = draft();
    draft[key] = value;
    draft
}

/// How an attempt ended that began with this message.
fn settled(message: &Message, settlement: Settlement) -> Settle {
    Settle {
        id: message.id,
        fence: message.fence,
        attempt: message.attempts,
        began_at: message.began_at,
        ended_at: Timestamp::now(),
        settlement,
    }
}
