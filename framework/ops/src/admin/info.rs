//! What this process is.

use actix_web::http::Method;
use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::Guard;
use crate::openapi::Operation;
use crate::site::Site;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/api/v1/info", "getInfo", "Tells what this process is.", |route| {
            route.to(info)
        })
        .answers::<Info>(200, "Name, version, and what may be done."),
    ]
}

/// What a process is.
#[derive(Debug, Serialize, JsonSchema)]
struct Info {
    /// The name of the binary.
    name: String,
    /// Its version.
    version: String,
    /// The number of the process on its machine.
    pid: u32,
    /// It is on its way to the end.
    draining: bool,
    /// Whether anything may be changed over HTTP.
    may_act: bool,
    /// Whether tuples may be looked at.
    may_tap: bool,
    /// The hash of the configuration that holds.
    config: String,
    /// The names of the topologies, in the order of the command line.
    topologies: Vec<&'static str>,
}

async fn info(site: web::Data<Site>, guard: web::Data<Guard>) -> web::Json<Info> {
    web::Json(Info {
        name: site.name.clone(),
        version: site.version.clone(),
        pid: std::process::id(),
        draining: site.is_draining(),
        may_act: guard.may_act(),
        may_tap: guard.may_tap(),
        config: site.config.shown().hash,
        topologies: site.topologies.iter().map(|topology| topology.name).collect(),
    })
}
