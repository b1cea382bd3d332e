//! What one spout can be told.

use actix_web::http::Method;
use actix_web::{Route, web};
use schemars::JsonSchema;
use serde::Serialize;

use super::operator::Operator;
use crate::openapi::{ACTOR, Operation};
use crate::site::Site;
use crate::{Actor, Problem};

pub(super) fn operations() -> Vec<Operation> {
    let tell = |path, id, about, handler: fn(Route) -> Route| {
        Operation::new(Method::POST, path, id, about, handler)
            .header(ACTOR)
            .answers::<SpoutState>(200, "It is so.")
            .refuses(409, "It is no spout, or the topology drains or is over.")
    };
    vec![
        tell(
            "/api/v1/topologies/{topology}/components/{component}/pause",
            "pauseSpout",
            "Has one spout asked for nothing more; the others go on.",
            |route| route.to(pause),
        ),
        tell(
            "/api/v1/topologies/{topology}/components/{component}/resume",
            "resumeSpout",
            "Has one spout asked again.",
            |route| route.to(resume),
        ),
    ]
}

/// Whether a spout is asked.
#[derive(Debug, Serialize, JsonSchema)]
struct SpoutState {
    topology: String,
    component: String,
    /// It is asked for nothing more.
    paused: bool,
}

async fn pause(
    site: web::Data<Site>,
    actor: Actor,
    names: web::Path<(String, String)>,
) -> Result<web::Json<SpoutState>, Problem> {
    let (topology, component) = names.into_inner();
    Operator::new(&site, &actor).pause_spout(&topology, &component)?;
    Ok(web::Json(SpoutState { topology, component, paused: true }))
}

async fn resume(
    site: web::Data<Site>,
    actor: Actor,
    names: web::Path<(String, String)>,
) -> Result<web::Json<SpoutState>, Problem> {
    let (topology, component) = names.into_inner();
    Operator::new(&site, &actor).resume_spout(&topology, &component)?;
    Ok(web::Json(SpoutState { topology, component, paused: false }))
}
