//! The overview: is it fine, and if not, where?

use actix_web::{HttpResponse, web};
use askama::Template;

use super::Frame;
use super::state::State;
use crate::show::{Count, Seconds};
use crate::site::Site;
use crate::{Html, Link};

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/").route(web::get().to(overview)));
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview<'a> {
    rows: Vec<Row<'a>>,
    cards: Vec<Shown>,
    links: Vec<&'a Link>,
}

struct Row<'a> {
    name: &'a str,
    about: &'a str,
    state: State,
    uptime: Seconds,
    tasks: usize,
    acked: Count,
    failed: Count,
    pending: Count,
}

/// A card of a topology, rendered.
struct Shown {
    title: String,
    href: Option<String>,
    body: Html,
}

async fn overview(frame: Frame) -> HttpResponse {
    let site = &frame.site;
    let rows = site.topologies.iter().map(|topology| {
        let status = topology.running.status();
        Row {
            name: topology.name,
            about: topology.about,
            state: State::of(status.state),
            uptime: Seconds(status.uptime_seconds),
            tasks: status.components.iter().map(|component| component.tasks).sum(),
            acked: Count(status.roots.acked),
            failed: Count(status.roots.failed),
            pending: Count(status.roots.pending),
        }
    });
    let links = site.topologies.iter().flat_map(|topology| &topology.links).collect();
    let body = Html::of(&Overview { rows: rows.collect(), cards: cards(site).await, links });
    frame.answer("Overview", body)
}

async fn cards(site: &Site) -> Vec<Shown> {
    let mut shown = Vec::new();
    for card in site.topologies.iter().flat_map(|topology| &topology.cards) {
        let body = match card.render().await {
            Ok(body) => Ok(body),
            Err(problem) => Html::of(&Missing { detail: problem.detail() }),
        };
        shown.extend(body.map(|body| Shown { title: card.title.clone(), href: card.href.clone(), body }));
    }
    shown
}

#[derive(Template)]
#[template(source = "<p class=\"soft\">Cannot be shown: {{ detail }}</p>", ext = "html")]
struct Missing<'a> {
    detail: &'a str,
}
