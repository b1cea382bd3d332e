//! Everything this topology answers over HTTP.

use actix_web::web::ServiceConfig;
use squall_ops::openapi::Api;

use crate::destination::Destinations;
use crate::flow::Flow;
use crate::inbox::Deliveries;
use crate::store::Store;
use crate::topology::NAME;
use crate::{api, inbox};

const ABOUT: &str = "Messages that are stored now and sent at their instant. Errors are problem documents, as RFC 9457 \
                     has them.";

/// Returns what adds the interface for messages and the inbox to a server of one's own; the `squall` binary has a server.
///
/// The server should also have [`squall_ops::problem::extractors`], so that every error is a problem.
pub fn routes(
    store: &Store,
    destinations: &Destinations,
    deliveries: &Deliveries,
    flow: &Flow,
) -> impl Fn(&mut ServiceConfig) + Clone + Send + Sync + 'static {
    let api = Api::new("Squall: scheduled messages", env!("CARGO_PKG_VERSION"), ABOUT).add(
        NAME,
        "What is stored now and sent at its instant.",
        api::operations(store, destinations, flow),
    );
    let deliveries = deliveries.clone();
    move |site| {
        api.routes(site);
        inbox::routes(site, &deliveries);
    }
}
