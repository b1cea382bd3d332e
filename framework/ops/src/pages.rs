//! The pages that a browser sees; they work without scripts.

mod assets;
mod frame;
mod graph;
mod overview;
mod own;
mod state;

use actix_web::web;

use crate::site::Site;

pub(crate) use frame::Frame;

/// Adds the pages, those of the topologies too, and what they are made with.
pub(crate) fn routes(service: &mut web::ServiceConfig, site: &Site) {
    assets::routes(service);
    overview::routes(service);
    own::routes(service, site);
}
