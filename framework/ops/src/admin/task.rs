//! What one task can be told.

use actix_web::http::Method;
use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;

use super::operator::Operator;
use crate::openapi::{ACTOR, Operation};
use crate::site::Site;
use crate::{Actor, Problem};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::POST,
            "/api/v1/topologies/{topology}/components/{component}/tasks/{task}/restart",
            "restartTask",
            "Has one task built anew by its factory: it begins without what it had in memory, and loses no tuple.",
            |route| route.to(restart),
        )
        .header(ACTOR)
        .answers::<Restarted>(200, "The new one is there.")
        .refuses(409, "The topology does not run, or the task did not come to rest."),
    ]
}

/// A task that was built anew.
#[derive(Debug, Serialize, JsonSchema)]
struct Restarted {
    topology: String,
    component: String,
    task: usize,
}

async fn restart(
    site: web::Data<Site>,
    actor: Actor,
    place: web::Path<(String, String, usize)>,
) -> Result<web::Json<Restarted>, Problem> {
    let (topology, component, task) = place.into_inner();
    Operator::new(&site, &actor).restart_task(&topology, &component, task).await?;
    Ok(web::Json(Restarted { topology, component, task }))
}
