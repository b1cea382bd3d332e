//! The API for operators, `/api/v1`.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::engine::Status;
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
    running: bool,
    #[serde(flatten)]
    status: Status,
}

impl Entry {
    fn new(topology: &Topology) -> Self {
        Self {
            name: topology.name,
            about: topology.about,
            running: topology.is_running(),
            status: topology.running.status(),
        }
    }
}

async fn topologies(site: web::Data<Site>) -> HttpResponse {
    HttpResponse::Ok().json(Topologies {
        version: site.version.clone(),
        draining: site.is_draining(),
        topologies: site.topologies.iter().map(Entry::new).collect(),
    })
}
