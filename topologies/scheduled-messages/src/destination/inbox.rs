//! The destination `inbox`: this very process, over real HTTP.

use super::Webhook;

/// Where the receiver of deliveries is mounted.
pub(crate) const PATH: &str = "/inbox/deliveries";

/// The inbox of the server at `base_url`: a webhook like any other.
pub(super) fn at(base_url: &str) -> Result<Webhook, String> {
    Webhook::new(&format!("{base_url}{PATH}"))
}
