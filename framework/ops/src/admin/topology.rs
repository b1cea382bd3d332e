//! The topologies that run here.

use actix_web::http::Method;
use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;
use squall_runtime::Status;

use super::place;
use super::standing::{Standing, TopologyStanding};
use crate::Problem;
use crate::openapi::Operation;
use crate::site::Site;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/topologies",
            "listTopologies",
            "Tells how everything stands: states, rates, queues. The stream tells the same once a second.",
            |route| route.to(list),
        )
        .answers::<Standing>(200, "Rates and shares are those of the last ten seconds."),
        Operation::new(
            Method::GET,
            "/api/v1/topologies/{topology}",
            "getTopology",
            "Tells how a topology stands, with all its counters.",
            |route| route.to(show),
        )
        .answers::<Detail>(200, "Rates of the last ten seconds, and counters since the start."),
    ]
}

/// How a topology stands, with all its counters.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TopologyDetail")]
struct Detail {
    #[serde(flatten)]
    standing: TopologyStanding,
    /// What is allowed and may surprise, a sentence each.
    warnings: Vec<String>,
    /// The counters since its start.
    counters: Status,
}

async fn list(site: web::Data<Site>) -> web::Json<Standing> {
    web::Json(Standing::now(&site))
}

async fn show(site: web::Data<Site>, name: web::Path<String>) -> Result<web::Json<Detail>, Problem> {
    let topology = place::topology(&site, &name)?;
    Ok(web::Json(Detail {
        standing: TopologyStanding::now(topology, &site.lookout.seen()),
        warnings: topology.running.plan().map(|plan| plan.warnings()).unwrap_or_default(),
        counters: topology.running.status(),
    }))
}
