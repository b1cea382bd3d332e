//! How a post gets into a repository once.

use std::sync::Arc;

use squall_connect::http::Error;

use super::record::{COLLECTION, Found, Put, Written};
use super::session::{Login, Session};
use super::xrpc::{Meaning, Said, Xrpc};
use crate::destination::{Attempt, Outcome, RateHints, Reconciled, Reply, Scope, answer};

/// What lies under the key of a message.
enum Lies {
    Ours { uri: String },
    Another { uri: String },
    Nothing,
    Unclear { error: String },
}

/// Writes the post, with a new session if the one there was has run out.
pub(super) async fn post(xrpc: &Xrpc<'_>, login: &Login, attempt: Attempt<'_>) -> Reply {
    let session = match login.session(xrpc).await {
        Ok(session) => session,
        Err(outcome) => return outcome.into(),
    };
    let (session, said) = match put(xrpc, &session, attempt).await {
        Ok(said) if said.meaning() == Meaning::Token => match login.renewed(&session, xrpc).await {
            Ok(session) => {
                let said = put(xrpc, &session, attempt).await;
                (session, said)
            }
            Err(outcome) => return outcome.into(),
        },
        said => (session, said),
    };
    match said {
        Ok(said) => {
            let hints = said.hints();
            Reply { outcome: judge(xrpc, &session, attempt, &said, hints).await, hints }
        }
        Err(error) => answer::missing(&error).into(),
    }
}

/// Looks whether the post is there.
pub(super) async fn reconcile(xrpc: &Xrpc<'_>, login: &Login, attempt: Attempt<'_>) -> Reconciled {
    let session = match login.session(xrpc).await {
        Ok(session) => session,
        Err(Outcome::Refused { error } | Outcome::Busy { error, .. } | Outcome::Unknown { error }) => {
            return Reconciled::Unable { error };
        }
        Err(Outcome::Accepted { receipt }) => return Reconciled::Found { receipt },
    };
    match look(xrpc, &session, attempt).await {
        Lies::Ours { uri } => Reconciled::Found { receipt: Some(uri) },
        Lies::Nothing => Reconciled::Absent,
        Lies::Another { uri } => Reconciled::Unable { error: another(&uri) },
        Lies::Unclear { error } => Reconciled::Unable { error },
    }
}

async fn put(xrpc: &Xrpc<'_>, session: &Arc<Session>, attempt: Attempt<'_>) -> Result<Said, Error> {
    let put = Put::new(&session.did, attempt);
    xrpc.call("com.atproto.repo.putRecord", Some(session.access.expose()), &put).await
}

async fn judge(
    xrpc: &Xrpc<'_>,
    session: &Session,
    attempt: Attempt<'_>,
    said: &Said,
    hints: RateHints,
) -> Outcome {
    let error = said.words();
    match said.meaning() {
        // The same again is answered as the first time.
        Meaning::Done => match said.read::<Written>() {
            Some(Written { uri }) => Outcome::Accepted { receipt: Some(uri) },
            None => Outcome::Unknown { error },
        },
        Meaning::Swap => match look(xrpc, session, attempt).await {
            Lies::Ours { uri } => Outcome::Accepted { receipt: Some(uri) },
            Lies::Another { uri } => Outcome::Refused { error: another(&uri) },
            Lies::Nothing => Outcome::Refused {
                error: "something lay under the key of this message and was deleted meanwhile; it is not \
                        posted again"
                    .to_owned(),
            },
            Lies::Unclear { error } => Outcome::Unknown { error },
        },
        Meaning::Limited => Outcome::Busy { error, after: hints.pause(), scope: hints.scope },
        // A session that is a moment old is not accepted either.
        Meaning::Token => Outcome::Busy { error, after: None, scope: Scope::Account },
        Meaning::Refused | Meaning::Missing => Outcome::Refused { error },
        Meaning::Unknown => Outcome::Unknown { error },
    }
}

async fn look(xrpc: &Xrpc<'_>, session: &Session, attempt: Attempt<'_>) -> Lies {
    let Attempt { rkey, text, .. } = attempt;
    let question =
        format!("com.atproto.repo.getRecord?repo={}&collection={COLLECTION}&rkey={rkey}", session.did);
    let said = match xrpc.ask(&question).await {
        Ok(said) => said,
        Err(error) => return Lies::Unclear { error: error.to_string() },
    };
    match (said.meaning(), said.read::<Found>()) {
        (Meaning::Done, Some(Found { uri, value })) if value.text.as_deref() == Some(text) => {
            Lies::Ours { uri }
        }
        (Meaning::Done, Some(Found { uri, .. })) => Lies::Another { uri },
        (Meaning::Missing, _) => Lies::Nothing,
        _ => Lies::Unclear { error: said.words() },
    }
}

fn another(uri: &str) -> String {
    let uri = answer::excerpt(uri);
    format!("something else lies under the key of this message, perhaps an earlier text of it: {uri}")
}
