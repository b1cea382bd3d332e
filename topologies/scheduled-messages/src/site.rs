//! Everything this topology answers over HTTP.

use actix_web::web::ServiceConfig;
use squall_ops::Page;
use squall_ops::openapi::Api;

use crate::api::action::Place;
use crate::destination::Destinations;
use crate::flow::Flow;
use crate::inbox::Deliveries;
use crate::pages::{self, Office};
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
        pages::assets(site);
    }
}

/// The pages that people look at, as the `squall` binary shows them within its frame.
pub fn pages(store: &Store, destinations: &Destinations, deliveries: &Deliveries, flow: &Flow) -> Vec<Page> {
    pages::pages(&office(store, destinations, deliveries, flow))
}

pub(crate) fn office(
    store: &Store,
    destinations: &Destinations,
    deliveries: &Deliveries,
    flow: &Flow,
) -> Office {
    Office {
        place: Place { store: store.clone(), destinations: destinations.clone() },
        flow: flow.clone(),
        deliveries: deliveries.clone(),
    }
}
