//! The destination `inbox`: this very process, over real HTTP.

use squall_topology::Secret;

use super::Webhook;

/// Where the receiver of deliveries is mounted.
pub(crate) const PATH: &str = "/inbox/deliveries";

/// The inbox of the server at `base_url`: a webhook like any other, which shows this token.
pub(super) fn at(base_url: &str, token: Option<&Secret>) -> Result<Webhook, String> {
    let webhook = Webhook::new(&format!("{base_url}{PATH}"))?;
    Ok(match token {
        Some(token) => webhook.bearer(token.clone()),
        None => webhook,
    })
}
