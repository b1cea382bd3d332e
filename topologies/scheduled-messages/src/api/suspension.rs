//! Holding an account, or all of them.

use actix_web::http::Method;
use actix_web::web;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_ops::Problem;
use squall_ops::openapi::Operation;
use squall_ops::problem::JsonBody;

use super::account::{account_or_all, in_path};
use super::actor::{self, Actor};
use super::trouble::{unavailable, unwritten};
use crate::store::{Store, Suspension};

const ALL: &str = "/api/v1/suspensions";

/// The longest reason, in characters.
const REASON_LIMIT: usize = 1000;

/// How many suspensions are listed.
const SHOWN: u32 = 1000;

const EXAMPLE: &str = r#"{"account": "me", "reason": "The campaign is on hold."}"#;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::POST,
            ALL,
            "suspend",
            "Holds the messages of an account, or of all.",
            |route| route.to(suspend),
        )
        .header(actor::HEADER)
        .takes::<Wanted>(EXAMPLE)
        .answers::<Suspended>(200, "It holds: no attempt begins from now on.")
        .refuses(409, "It was lifted in the same moment."),
        Operation::new(Method::GET, ALL, "listSuspensions", "Lists what is suspended.", |route| {
            route.to(list)
        })
        .answers::<Suspensions>(200, "Up to a thousand suspensions, by account."),
        Operation::new(
            Method::DELETE,
            "/api/v1/suspensions/{account}",
            "resume",
            "Lifts a suspension: its messages go on.",
            |route| route.to(resume),
        )
        .answers::<Resumed>(200, "Nothing is held any more, except by the suspension of all."),
    ]
}

/// What is to be held.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Suspend")]
struct Wanted {
    /// The account; `*` is all of them.
    account: String,
    /// Why: 1 to 1000 characters, for whoever wonders.
    reason: String,
}

/// A suspension, and what it did.
#[derive(Debug, Serialize, JsonSchema)]
struct Suspended {
    #[serde(flatten)]
    held: Held,
    /// The cut-off: what began before this instant may still arrive, and nothing begins behind it.
    cut_off: Timestamp,
    /// How many attempts are under way.
    still_sending: u64,
    /// How many messages were at hand, about to be sent, and are held now.
    held_back: u64,
}

/// A suspension.
#[derive(Debug, Serialize, JsonSchema)]
struct Held {
    /// The account; `*` is all of them.
    account: String,
    /// Since when.
    suspended_at: Timestamp,
    /// By whom.
    suspended_by: String,
    /// Why.
    reason: String,
}

/// What is suspended.
#[derive(Debug, Serialize, JsonSchema)]
struct Suspensions {
    suspensions: Vec<Held>,
}

/// What goes on.
#[derive(Debug, Serialize, JsonSchema)]
struct Resumed {
    /// The account; `*` is all of them.
    account: String,
    /// How many messages go on.
    resumed: u64,
}

impl From<Suspension> for Held {
    fn from(Suspension { account, at, by, reason }: Suspension) -> Self {
        Self { account, suspended_at: at, suspended_by: by, reason }
    }
}

async fn suspend(
    store: web::Data<Store>,
    Actor(who): Actor,
    JsonBody(wanted): JsonBody<Wanted>,
) -> Result<web::Json<Suspended>, Problem> {
    let suspended = hold(&store, wanted.account, wanted.reason, &who).await?;
    Ok(web::Json(Suspended {
        held: suspended.suspension.into(),
        cut_off: suspended.cut_off,
        still_sending: suspended.still_sending,
        held_back: suspended.held_back,
    }))
}

/// Holds the messages of an account, or of all.
pub(crate) async fn hold(
    store: &Store,
    account: String,
    why: String,
    who: &str,
) -> Result<crate::store::Suspended, Problem> {
    let (account, reason) = match (account_or_all(account), reason(why)) {
        (Ok(account), Ok(reason)) => (account, reason),
        (account, reason) => {
            let faults = [account.err().map(|it| ("/account", it)), reason.err().map(|it| ("/reason", it))];
            let problem = Problem::unprocessable("Nothing was suspended.");
            return Err(faults
                .into_iter()
                .flatten()
                .fold(problem, |problem, (at, it)| problem.fault(at, it)));
        }
    };
    let suspended = store.suspend(&account, &reason, who).await.map_err(|error| unwritten(&error))?;
    suspended
        .ok_or_else(|| Problem::conflict("The suspension was lifted by somebody else in the same moment."))
}

fn reason(reason: String) -> Result<String, String> {
    let length = reason.chars().count();
    if !(1..=REASON_LIMIT).contains(&length) {
        return Err(format!("has {length} characters; expected 1 to {REASON_LIMIT}"));
    }
    if reason.contains(|char: char| char.is_control() && char != '\n') {
        return Err("has control characters; expected none".to_owned());
    }
    Ok(reason)
}

async fn list(store: web::Data<Store>) -> Result<web::Json<Suspensions>, Problem> {
    let suspensions = store.suspensions(SHOWN).await.map_err(|error| unavailable(&error))?;
    Ok(web::Json(Suspensions { suspensions: suspensions.into_iter().map(Held::from).collect() }))
}

async fn resume(store: web::Data<Store>, account: web::Path<String>) -> Result<web::Json<Resumed>, Problem> {
    let (account, resumed) = lift(&store, &account).await?;
    Ok(web::Json(Resumed { account, resumed }))
}

/// Lifts a suspension; tells how many messages go on.
pub(crate) async fn lift(store: &Store, account: &str) -> Result<(String, u64), Problem> {
    let account = in_path(account)?;
    let resumed = store.resume(&account).await.map_err(|error| unwritten(&error))?;
    Ok((account, resumed))
}
