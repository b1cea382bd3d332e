//! The cards that topologies bring.

use askama::Template;

use crate::site::Site;
use crate::{Html, Problem};

/// A card, rendered.
pub(super) struct Rendered {
    pub(super) title: String,
    pub(super) href: Option<String>,
    pub(super) body: Html,
}

#[derive(Template)]
#[template(source = "<p class=\"soft\">It cannot be shown: {{ detail }}</p>", ext = "html")]
struct Missing<'a> {
    detail: &'a str,
}

/// All of them; one that cannot be rendered says so.
pub(super) async fn all(site: &Site) -> Result<Vec<Rendered>, Problem> {
    let mut rendered = Vec::new();
    for card in site.topologies.iter().flat_map(|topology| &topology.cards) {
        let body = match card.render().await {
            Ok(body) => body,
            Err(problem) => Html::of(&Missing { detail: problem.detail() })?,
        };
        rendered.push(Rendered { title: card.title.clone(), href: card.href.clone(), body });
    }
    Ok(rendered)
}
