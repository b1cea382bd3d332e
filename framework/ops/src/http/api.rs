//! The API for operators, `/api/v1`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use squall_runtime::Status;

use crate::openapi::Api;
use crate::site::{Site, Topology};

const ABOUT: &str = "What runs in this process, and what can be done about it. Errors are problem documents, as RFC 9457 has \
                     them. Counts are whole numbers below 2^53, instants are RFC 3339 in UTC, spans of time are seconds.";

/// What the process itself answers.
pub(super) fn of(site: &Site) -> Api {
    Api::new(site.name.clone(), site.version.clone(), ABOUT)
}

/// Adds the routes of the API.
pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/api/v1/topologies").route(web::get().to(topologies)));
}

#[derive(Serialize)]
struct Topologies {
    version: String,
    draining: bool,
    topologies: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    about: &'static str,
    #[serde(flatten)]
    status: Status,
}

impl Entry {
    fn new(topology: &Topology) -> Self {
        Self { name: topology.name, about: topology.about, status: topology.running.status() }
    }
}

async fn topologies(site: web::Data<Site>) -> HttpResponse {
    HttpResponse::Ok().json(Topologies {
        version: site.version.clone(),
        draining: site.is_draining(),
        topologies: site.topologies.iter().map(Entry::new).collect(),
    })
}
