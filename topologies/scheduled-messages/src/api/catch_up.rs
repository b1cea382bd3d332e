//! What an account wants done with what is late.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_ops::Problem;
use squall_ops::openapi::Operation;
use squall_ops::problem::JsonBody;

use super::account::in_path;
use super::trouble::{unavailable, unwritten};
use crate::store::{CatchUp, Store};

const PATH: &str = "/api/v1/accounts/{account}/catch-up";

/// The longest duration: what is later than a year is nobody's matter.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

const EXAMPLE: &str = r#"{"policy": "spread", "after": "5m", "every": "10s"}"#;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            PATH,
            "getCatchUp",
            "Tells what an account wants done with what is late.",
            |route| route.to(show),
        )
        .answers::<Standing>(200, "What holds for it."),
        Operation::new(
            Method::PUT,
            PATH,
            "setCatchUp",
            "Says what an account wants done with what is late.",
            |route| route.to(set),
        )
        .takes::<Policy>(EXAMPLE)
        .answers::<Standing>(200, "It holds from now on."),
        Operation::new(
            Method::DELETE,
            PATH,
            "forgetCatchUp",
            "Has an account treated as all are.",
            |route| route.to(forget),
        )
        .answers_nothing(204, "It is."),
    ]
}

/// What is done with what is late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// What is done.
    policy: Kind,
    /// How late a message is when that begins to hold, such as `5m`; not for `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// One message in this time, such as `10s`; only for `spread`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    every: Option<String>,
}

/// What can be done with what is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Send all of it at once.
    All,
    /// Send one by one.
    Spread,
    /// Do not send it: it ends as `expired`.
    Skip,
}

/// What holds for an account.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Standing {
    /// The account; `*` is all that say nothing else.
    account: String,
    #[serde(flatten)]
    policy: Policy,
    /// Whose wish it is: the account's own, that of `*`, or nobody's.
    set_for: Option<String>,
}

async fn show(store: web::Data<Store>, account: web::Path<String>) -> Result<web::Json<Standing>, Problem> {
    let account = in_path(&account)?;
    let found = store.catch_up(&account).await.map_err(|error| unavailable(&error))?;
    let (catch_up, set_for) = match found {
        Some((name, catch_up)) => (catch_up, Some(name)),
        None => (CatchUp::All, None),
    };
    Ok(web::Json(Standing { account, policy: catch_up.into(), set_for }))
}

async fn set(
    store: web::Data<Store>,
    account: web::Path<String>,
    JsonBody(policy): JsonBody<Policy>,
) -> Result<web::Json<Standing>, Problem> {
    let account = in_path(&account)?;
    let catch_up = policy.check()?;
    store.set_catch_up(&account, Some(catch_up)).await.map_err(|error| unwritten(&error))?;
    Ok(web::Json(Standing { set_for: Some(account.clone()), account, policy: catch_up.into() }))
}

async fn forget(store: web::Data<Store>, account: web::Path<String>) -> Result<HttpResponse, Problem> {
    let account = in_path(&account)?;
    store.set_catch_up(&account, None).await.map_err(|error| unwritten(&error))?;
    Ok(HttpResponse::NoContent().finish())
}

impl Policy {
    fn check(self) -> Result<CatchUp, Problem> {
        let Self { policy, after, every } = self;
        let (after, every) = match policy {
            Kind::All => (unwanted(after, "/after"), unwanted(every, "/every")),
            Kind::Spread => (duration(after, "/after", 0), duration(every, "/every", 1)),
            Kind::Skip => (duration(after, "/after", 0), unwanted(every, "/every")),
        };
        match (policy, after, every) {
            (Kind::All, Ok(_), Ok(_)) => Ok(CatchUp::All),
            (Kind::Spread, Ok(after), Ok(every)) => Ok(CatchUp::Spread { after, every }),
            (Kind::Skip, Ok(after), Ok(_)) => Ok(CatchUp::Skip { after }),
            (_, after, every) => {
                let problem = Problem::unprocessable("The policy makes no sense; nothing was changed.");
                let faults = [after.err(), every.err()].into_iter().flatten();
                Err(faults.fold(problem, |problem, (at, detail)| problem.fault(at, detail)))
            }
        }
    }
}

type Fault = (&'static str, String);

fn unwanted(field: Option<String>, at: &'static str) -> Result<Duration, Fault> {
    match field {
        Some(_) => Err((at, "does not go with this policy; expected none".to_owned())),
        None => Ok(Duration::ZERO),
    }
}

fn duration(field: Option<String>, at: &'static str, least_ms: u64) -> Result<Duration, Fault> {
    let expected = "expected a duration with its unit, such as \"5m\"";
    let text = field.ok_or_else(|| (at, format!("is missing; {expected}")))?;
    let duration = humantime::parse_duration(&text).map_err(|error| (at, format!("{error}; {expected}")))?;
    if duration > LONGEST {
        return Err((at, "is longer than a year; expected a shorter duration".to_owned()));
    }
    if duration < Duration::from_millis(least_ms) {
        return Err((at, format!("is too short; expected at least {least_ms} ms")));
    }
    Ok(duration)
}

impl From<CatchUp> for Policy {
    fn from(catch_up: CatchUp) -> Self {
        let text = |duration: Duration| Some(humantime::format_duration(duration).to_string());
        match catch_up {
            CatchUp::All => Self { policy: Kind::All, after: None, every: None },
            CatchUp::Spread { after, every } => {
                Self { policy: Kind::Spread, after: text(after), every: text(every) }
            }
            CatchUp::Skip { after } => Self { policy: Kind::Skip, after: text(after), every: None },
        }
    }
}
