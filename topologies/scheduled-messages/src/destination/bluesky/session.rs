//! Sessions: one an account, for all senders of the process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use squall_connect::http::Error;
use squall_topology::Secret;
use squall_topology::schema::JsonSchema;
use tokio::sync::Mutex;

use super::xrpc::{Meaning, Said, Xrpc};
use crate::destination::{Outcome, Scope, answer};

/// How long nobody signs in after it was refused: a wrong password must not use up what the account may do in a day.
const PAUSE: Duration = Duration::from_secs(300);

/// Who signs in, and how.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// The handle or the DID of the account.
    identifier: String,
    /// An app password of the account.
    password: Secret,
    #[serde(skip)]
    door: Door,
}

/// Only one at a time signs in or renews; the others wait and use the same session.
#[derive(Debug, Default)]
struct Door(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    session: Option<Arc<Session>>,
    /// Until when nobody signs in, and why.
    shut: Option<(Instant, Outcome)>,
}

/// The right to write in a repository, for a while.
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub(super) did: String,
    #[serde(rename = "accessJwt", deserialize_with = "secret")]
    pub(super) access: Secret,
    #[serde(rename = "refreshJwt", deserialize_with = "secret")]
    refresh: Secret,
}

#[derive(Serialize)]
struct Credentials<'a> {
    identifier: &'a str,
    password: &'a str,
}

impl Login {
    /// The session of this account; signs in if there is none.
    ///
    /// # Errors
    ///
    /// What it means for a message that there is none: never that the message may have been taken.
    pub(super) async fn session(&self, xrpc: &Xrpc<'_>) -> Result<Arc<Session>, Outcome> {
        let mut state = self.door.0.lock().await;
        match &state.session {
            Some(session) => Ok(Arc::clone(session)),
            None => self.sign_in(&mut state, xrpc).await,
        }
    }

    /// Another session than the one that is `spent`.
    ///
    /// # Errors
    ///
    /// As [`session`](Self::session).
    pub(super) async fn renewed(
        &self,
        spent: &Arc<Session>,
        xrpc: &Xrpc<'_>,
    ) -> Result<Arc<Session>, Outcome> {
        let mut state = self.door.0.lock().await;
        match &state.session {
            // Somebody else was faster.
            Some(session) if !Arc::ptr_eq(session, spent) => return Ok(Arc::clone(session)),
            _ => {}
        }
        let said = xrpc.call_bare("com.atproto.server.refreshSession", spent.refresh.expose()).await;
        let said = said.map_err(|error| unanswered(&error))?;
        match said.meaning() {
            Meaning::Done => state.enter(&said),
            Meaning::Limited | Meaning::Unknown => Err(not_now(&said)),
            // The server knows this session no more.
            _ => self.sign_in(&mut state, xrpc).await,
        }
    }

    async fn sign_in(&self, state: &mut State, xrpc: &Xrpc<'_>) -> Result<Arc<Session>, Outcome> {
        state.session = None;
        if let Some(outcome) = state.still_shut() {
            return Err(outcome);
        }
        let credentials = Credentials { identifier: &self.identifier, password: self.password.expose() };
        let said = xrpc.call("com.atproto.server.createSession", None, &credentials).await;
        let said = said.map_err(|error| unanswered(&error))?;
        match said.meaning() {
            Meaning::Done => state.enter(&said),
            Meaning::Limited => {
                let outcome = not_now(&said);
                Err(state.shut(said.hints().pause().unwrap_or(PAUSE), outcome))
            }
            Meaning::Unknown => Err(not_now(&said)),
            _ => {
                let error = format!(
                    "the account cannot sign in ({}); correct its identifier and password in the configuration",
                    said.words()
                );
                Err(state.shut(PAUSE, Outcome::Refused { error }))
            }
        }
    }
}

impl State {
    fn enter(&mut self, said: &Said) -> Result<Arc<Session>, Outcome> {
        let session = Arc::new(said.read::<Session>().ok_or_else(|| not_now(said))?);
        *self = Self { session: Some(Arc::clone(&session)), shut: None };
        Ok(session)
    }

    fn shut(&mut self, pause: Duration, outcome: Outcome) -> Outcome {
        self.shut = Some((Instant::now() + pause, outcome.clone()));
        outcome
    }

    fn still_shut(&self) -> Option<Outcome> {
        let (until, outcome) = self.shut.as_ref()?;
        let left = until.checked_duration_since(Instant::now())?;
        let mut outcome = outcome.clone();
        if let Outcome::Busy { after, .. } = &mut outcome {
            *after = Some(left);
        }
        Some(outcome)
    }
}

/// The server lets nobody in just now; the message was not even shown to it.
fn not_now(said: &Said) -> Outcome {
    let (after, scope) = match said.meaning() {
        Meaning::Limited => (said.hints().pause(), Scope::Account),
        _ => (said.hints().retry_after, Scope::Destination),
    };
    Outcome::Busy { error: format!("cannot sign in: {}", said.words()), after, scope }
}

fn unanswered(error: &Error) -> Outcome {
    match answer::missing(error) {
        Outcome::Unknown { error } => Outcome::Busy {
            error: format!("cannot sign in: {error}"),
            after: None,
            scope: Scope::Destination,
        },
        certain => certain,
    }
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

#[cfg(test)]
impl Login {
    /// Makes the session one that no server knows; with `for_good`, one that cannot be renewed either.
    pub(super) async fn spoil(&self, for_good: bool) {
        let mut state = self.door.0.lock().await;
        let session = state.session.take().unwrap();
        let refresh = if for_good { Secret::new("spoilt") } else { session.refresh.clone() };
        state.session =
            Some(Arc::new(Session { did: session.did.clone(), access: Secret::new("spoilt"), refresh }));
    }
}
