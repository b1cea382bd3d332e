//! Everything this topology answers over HTTP.

use actix_web::web::ServiceConfig;

use crate::destination::Destinations;
use crate::flow::Flow;
use crate::inbox::Deliveries;
use crate::store::Store;
use crate::{api, inbox};

/// Returns what adds the interface for messages and the inbox to a server.
///
/// The server should also have [`squall_ops::problem::extractors`], so that every error is a problem.
pub fn routes(
    store: &Store,
    destinations: &Destinations,
    deliveries: &Deliveries,
    flow: &Flow,
) -> impl Fn(&mut ServiceConfig) + Clone + Send + Sync + 'static {
    let store = store.clone();
    let destinations = destinations.clone();
    let deliveries = deliveries.clone();
    let flow = flow.clone();
    move |site| {
        api::routes(site, &store, &destinations, &flow);
        inbox::routes(site, &deliveries);
    }
}
