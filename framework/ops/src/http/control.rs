//! What operators do to a topology that runs: pause, resume, drain, rebalance.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use squall_runtime::{Refused, TopologyState};
use squall_topology::EngineSettings;
use squall_topology::settings::{MAX_PARALLELISM, duration};
use tracing::info;

use crate::Problem;
use crate::problem::JsonBody;
use crate::site::{Site, Topology};

/// Adds the routes below `/api/v1/topologies/{topology}`.
pub(super) fn routes(service: &mut web::ServiceConfig) {
    let below = |path: &str| web::resource(format!("/api/v1/topologies/{{topology}}/{path}"));
    service.service(below("pause").route(web::post().to(pause)));
    service.service(below("resume").route(web::post().to(resume)));
    service.service(below("drain").route(web::post().to(drain)));
    service.service(below("components/{component}/rebalance").route(web::post().to(rebalance)));
}

async fn pause(site: web::Data<Site>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let topology = running(&site, &name)?;
    topology.running.pause();
    Ok(accepted(topology))
}

async fn resume(site: web::Data<Site>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let topology = running(&site, &name)?;
    topology.running.resume();
    Ok(accepted(topology))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Drain {
    /// What is left after this time fails.
    #[serde(default = "drain_deadline", with = "duration")]
    deadline: Duration,
}

fn drain_deadline() -> Duration {
    EngineSettings::default().drain_deadline
}

async fn drain(
    site: web::Data<Site>,
    name: web::Path<String>,
    wanted: web::Query<Drain>,
) -> Result<HttpResponse, Problem> {
    let topology = running(&site, &name)?;
    topology.running.drain(wanted.deadline);
    Ok(accepted(topology))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rebalance {
    /// Tasks of the component from now on.
    parallelism: usize,
}

async fn rebalance(
    site: web::Data<Site>,
    path: web::Path<(String, String)>,
    JsonBody(wanted): JsonBody<Rebalance>,
) -> Result<HttpResponse, Problem> {
    let (name, component) = path.into_inner();
    let topology = running(&site, &name)?;
    let to = wanted.parallelism;
    if !(1..=MAX_PARALLELISM).contains(&to) {
        return Err(out_of_range(to));
    }
    let before = topology.running.plan();
    let from = before.as_ref().and_then(|plan| plan.component(&component)).map(|own| own.tasks);
    topology.running.rebalance(&component, to).await.map_err(|refused| refusal(&refused))?;
    info!(topology = name, component, ?from, to, "Rebalanced.");
    Ok(HttpResponse::Ok().json(json!({
        "topology": name,
        "component": component,
        "parallelism": { "from": from, "to": to },
    })))
}

fn out_of_range(found: usize) -> Problem {
    Problem::unprocessable("A component cannot have so many tasks.")
        .fault("/parallelism", format!("is {found}; give a whole number from 1 to {MAX_PARALLELISM}"))
}

fn refusal(refused: &Refused) -> Problem {
    let detail = format!("Nothing was changed: {refused}.");
    match refused {
        Refused::UnknownComponent { .. } | Refused::UnknownTask { .. } | Refused::UnknownStream { .. } => {
            Problem::not_found(detail)
        }
        Refused::Invalid(_) => Problem::unprocessable(detail),
        _ => Problem::conflict(detail),
    }
}

/// The topology with this name, if it can still be told anything.
fn running<'a>(site: &'a Site, name: &str) -> Result<&'a Topology, Problem> {
    let Some(topology) = site.topology(name) else {
        let known: Vec<&str> = site.topologies.iter().map(|topology| topology.name).collect();
        return Err(Problem::not_found(format!(
            "No topology `{name}` runs here; there are: {}.",
            known.join(", ")
        )));
    };
    match topology.running.status().state {
        TopologyState::Ended | TopologyState::Failed => {
            Err(Problem::conflict(format!("`{name}` is over; nothing can be changed any more.")))
        }
        _ => Ok(topology),
    }
}

/// It has been told; its state shows when it obeys.
fn accepted(topology: &Topology) -> HttpResponse {
    HttpResponse::Accepted().json(json!({ "topology": topology.name }))
}
