//! The API for operators, `/api/v1`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use squall_runtime::Status;

use crate::site::{Site, Topology};

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
