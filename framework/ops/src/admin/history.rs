//! What was seen before, for charts.

use actix_web::http::Method;
use actix_web::web;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::place;
use crate::Problem;
use crate::history::{Metric, Points, Window};
use crate::openapi::Operation;
use crate::site::Site;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/history",
            "getHistory",
            "Tells how a number was in the last minutes, hours, or in the last day.",
            |route| route.to(show),
        )
        .query::<Query>()
        .answers::<Past>(200, "Numbers at equal distances, the newest last; null where nothing was measured.")
        .refuses(404, "There is no such topology or component."),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    /// The name of a topology.
    topology: String,
    /// The name of one of its components; without it, the topology as a whole.
    component: Option<String>,
    /// What was measured.
    metric: Metric,
    /// How far back, and with it how finely: `10m` if nobody says.
    #[serde(default)]
    window: Window,
}

/// How a number was.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "History")]
struct Past {
    topology: String,
    component: Option<String>,
    metric: Metric,
    window: Window,
    #[serde(flatten)]
    points: Points,
}

async fn show(site: web::Data<Site>, query: web::Query<Query>) -> Result<web::Json<Past>, Problem> {
    let Query { topology, component, metric, window } = query.into_inner();
    let running = &place::topology(&site, &topology)?.running;
    if let Some(component) = &component {
        place::component(&running.status(), component)?;
    }
    let points = site.lookout.history().points(&topology, component.as_deref(), metric, window);
    // It was started a moment ago, and nobody has looked at it yet.
    let points = points.unwrap_or_else(|| Points::none(window));
    Ok(web::Json(Past { topology, component, metric, window, points }))
}
