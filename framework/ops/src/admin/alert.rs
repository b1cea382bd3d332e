//! What was raised, and what people say of it.

use actix_web::http::{Method, StatusCode};
use actix_web::web;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operator::Operator;
use crate::alert::{Alert, Counts};
use crate::openapi::{ACTOR, Operation};
use crate::problem::JsonBody;
use crate::site::Site;
use crate::{Actor, Problem};

/// How many are told, if nobody says.
const USUAL: usize = 100;

/// The most that are told at once.
const MOST: usize = 1000;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/alerts",
            "listAlerts",
            "Tells what was raised or reported, and what people say of it: the newest first.",
            |route| route.to(list),
        )
        .query::<Query>()
        .answers::<Alerts>(200, "The newest 10,000 are kept."),
        Operation::new(
            Method::POST,
            "/api/v1/alerts",
            "reportProblem",
            "Reports a problem that no check saw.",
            |route| route.to(report),
        )
        .header(ACTOR)
        .takes::<Reported>(r#"{"sentence": "no mail since noon", "needed_a_person": true}"#)
        .answers::<Alert>(201, "It is counted among those that a check should have seen."),
        Operation::new(
            Method::POST,
            "/api/v1/alerts/{alert}/answer",
            "answerAlert",
            "Says what an alert was: real or not, and whether it needed a person. The last answer counts.",
            |route| route.to(answer),
        )
        .header(ACTOR)
        .takes::<Said>(r#"{"real": true, "needed_a_person": false, "note": "the disk was slow"}"#)
        .answers::<Alert>(200, "The alert, with the answer."),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    /// Only those that nobody has answered yet.
    #[serde(default)]
    unanswered: bool,
    /// How many at most: 100 if nobody says.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<usize>,
}

/// What was raised or reported.
#[derive(Debug, Serialize, JsonSchema)]
struct Alerts {
    /// Of all that are kept.
    counts: Counts,
    /// The newest first.
    alerts: Vec<Alert>,
}

/// What an alert was.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AlertAnswer")]
pub(crate) struct Said {
    /// Something was really wrong.
    pub(crate) real: bool,
    /// It would not have gone away by itself.
    pub(crate) needed_a_person: bool,
    /// What is to be remembered about it: at most 2,000 bytes.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub(crate) note: String,
}

/// A problem that no check saw.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReportedProblem")]
pub(crate) struct Reported {
    /// What was wrong: at most 500 bytes.
    #[schemars(length(min = 1, max = 500))]
    pub(crate) sentence: String,
    /// The topology that it is about.
    pub(crate) topology: Option<String>,
    /// The component that it is about.
    pub(crate) component: Option<String>,
    /// Somebody had to do something.
    #[serde(default)]
    pub(crate) needed_a_person: bool,
}

async fn list(site: web::Data<Site>, query: web::Query<Query>) -> Result<web::Json<Alerts>, Problem> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::bad_request(format!("`limit` is {limit}; give a number from 1 to {MOST}.")));
    }
    let alerts = site.lookout.alerts();
    let is_wanted = |alert: &Alert| !query.unanswered || alert.answer.is_none();
    Ok(web::Json(Alerts { counts: alerts.counts(), alerts: alerts.newest(limit, is_wanted) }))
}

async fn report(
    site: web::Data<Site>,
    actor: Actor,
    JsonBody(reported): JsonBody<Reported>,
) -> Result<(web::Json<Alert>, StatusCode), Problem> {
    let alert = Operator::new(&site, &actor).report_problem(reported).await?;
    Ok((web::Json(alert), StatusCode::CREATED))
}

async fn answer(
    site: web::Data<Site>,
    actor: Actor,
    id: web::Path<u64>,
    JsonBody(said): JsonBody<Said>,
) -> Result<web::Json<Alert>, Problem> {
    Operator::new(&site, &actor).answer_alert(*id, said).await.map(web::Json)
}
