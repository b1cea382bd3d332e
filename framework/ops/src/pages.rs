//! The pages that a browser sees; they work without scripts.

mod alerts;
mod assets;
mod chart;
mod checks;
mod column;
mod component;
mod components;
mod config;
mod deed;
mod events;
mod findings;
mod frame;
mod graph;
mod overview;
mod own;
mod runbook;
mod state;
#[cfg(test)]
mod tests;
mod usage;

use actix_web::web;

use crate::site::Site;

pub(crate) use frame::Frame;
pub(crate) use graph::{By, svg};

/// Adds the pages, those of the topologies too, and what they are made with.
pub(crate) fn routes(service: &mut web::ServiceConfig, site: &Site) {
    assets::routes(service);
    overview::routes(service);
    components::routes(service);
    component::routes(service);
    deed::routes(service);
    config::routes(service);
    alerts::routes(service);
    graph::routes(service);
    events::routes(service);
    checks::routes(service);
    runbook::routes(service);
    own::routes(service, site);
}
