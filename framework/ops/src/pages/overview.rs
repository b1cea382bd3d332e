//! The overview: is it fine, and if not, where?

mod cards;
mod tiles;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::findings::{self, Shown};
use super::state::State;
use super::usage::Usage;
use super::{Frame, deed};
use crate::seen::TopologySeen;
use crate::show::{Count, Rate, Seconds, or_dash};
use crate::{Html, Link, Problem};
use cards::Rendered;
use tiles::Tile;

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/").route(web::get().to(overview)));
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview<'a> {
    findings: Vec<Shown>,
    /// How much there is, for the sentence that says that all is well.
    extent: String,
    tiles: Vec<Tile>,
    rows: Vec<Row>,
    cards: Vec<Rendered>,
    links: Vec<&'a Link>,
    usage: Usage,
    may_act: bool,
}

/// A topology.
struct Row {
    name: &'static str,
    about: &'static str,
    state: State,
    uptime: Seconds,
    tasks: usize,
    acked: Rate,
    p50: String,
    p99: String,
    failed: Count,
    reasons: String,
    pending: Count,
    actions: Vec<deed::Offer>,
}

async fn overview(frame: Frame) -> HttpResponse {
    let body = render(&frame).await;
    frame.answer("Overview", body)
}

async fn render(frame: &Frame) -> Result<Html, Problem> {
    let (site, may_act) = (&frame.site, frame.view.may_act);
    let seen = site.lookout.seen();
    let rows: Vec<Row> = seen.topologies.iter().map(|topology| Row::new(topology, may_act)).collect();
    Html::of(&Overview {
        findings: findings::all(site, may_act),
        extent: extent(&seen.topologies),
        tiles: tiles::all(site, &seen),
        rows,
        cards: cards::all(site).await?,
        links: site.topologies.iter().flat_map(|topology| &topology.links).collect(),
        usage: Usage::now(),
        may_act,
    })
}

impl Row {
    fn new(seen: &TopologySeen, may_act: bool) -> Self {
        let status = &seen.status;
        let reasons = status.roots.failed_by.iter();
        let reasons: Vec<String> =
            reasons.map(|(reason, count)| format!("{reason} {}", Count(*count))).collect();
        Self {
            name: seen.name,
            about: seen.about,
            state: State::of(status.state),
            uptime: Seconds(status.uptime_seconds.round()),
            tasks: seen.components.iter().map(|component| component.tasks).sum(),
            acked: Rate(seen.acked_per_s),
            p50: or_dash(seen.complete_p50_seconds.map(Seconds)),
            p99: or_dash(seen.complete_p99_seconds.map(Seconds)),
            failed: Count(status.roots.failed),
            reasons: reasons.join(", "),
            pending: Count(seen.pending),
            actions: if may_act { deed::offers(seen.name, status.state) } else { Vec::new() },
        }
    }
}

/// `2 topologies, 11 components, 31 tasks`.
fn extent(topologies: &[TopologySeen]) -> String {
    let components = || topologies.iter().flat_map(|topology| &topology.components);
    let counts = [
        (topologies.len(), "topology", "topologies"),
        (components().count(), "component", "components"),
        (components().map(|component| component.tasks).sum(), "task", "tasks"),
    ];
    let words = counts
        .map(|(count, one, many)| format!("{} {}", Count(count as u64), if count == 1 { one } else { many }));
    words.join(", ")
}
