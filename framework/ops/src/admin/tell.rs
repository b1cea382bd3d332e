//! What a whole topology can be told: pause, resume, drain, stop at once.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::{HttpResponse, Route, web};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_topology::settings::duration;

use super::operator::Operator;
use crate::openapi::{ACTOR, Operation};
use crate::site::Site;
use crate::{Actor, Problem};

pub(super) fn operations() -> Vec<Operation> {
    let tell = |path, id, about, handler: fn(Route) -> Route| {
        Operation::new(Method::POST, path, id, about, handler)
            .header(ACTOR)
            .answers::<Told>(202, "It has been told; its state shows when it obeys.")
            .refuses(409, "It is over.")
    };
    vec![
        tell(
            "/api/v1/topologies/{topology}/pause",
            "pauseTopology",
            "Has all spouts asked for nothing more; what is in flight goes on.",
            |route| route.to(pause),
        ),
        tell(
            "/api/v1/topologies/{topology}/resume",
            "resumeTopology",
            "Has all spouts asked again.",
            |route| route.to(resume),
        ),
        tell(
            "/api/v1/topologies/{topology}/drain",
            "drainTopology",
            "Has a topology come to its end: its spouts are never asked again, and what is in flight goes on.",
            |route| route.to(drain),
        )
        .query::<Drain>(),
        tell(
            "/api/v1/topologies/{topology}/kill",
            "killTopology",
            "Ends a topology at once: what is in flight fails.",
            |route| route.to(kill),
        ),
    ]
}

/// What was told to whom.
#[derive(Debug, Serialize, JsonSchema)]
struct Told {
    /// The name of the topology.
    topology: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Drain {
    /// What is left after this time fails; if nobody says otherwise, after what the configuration says: `drain_deadline`.
    #[serde(default, with = "duration::optional")]
    #[schemars(with = "Option<duration::Text>")]
    deadline: Option<Duration>,
}

async fn pause(
    site: web::Data<Site>,
    actor: Actor,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Operator::new(&site, &actor).pause(&name)?;
    Ok(told(name))
}

async fn resume(
    site: web::Data<Site>,
    actor: Actor,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Operator::new(&site, &actor).resume(&name)?;
    Ok(told(name))
}

async fn drain(
    site: web::Data<Site>,
    actor: Actor,
    name: web::Path<String>,
    wanted: web::Query<Drain>,
) -> Result<HttpResponse, Problem> {
    let deadline = wanted.deadline.unwrap_or_else(|| site.config.drain_deadline());
    Operator::new(&site, &actor).drain(&name, deadline)?;
    Ok(told(name))
}

async fn kill(site: web::Data<Site>, actor: Actor, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    Operator::new(&site, &actor).kill(&name)?;
    Ok(told(name))
}

fn told(name: web::Path<String>) -> HttpResponse {
    HttpResponse::Accepted().json(Told { topology: name.into_inner() })
}
