//! `/t/{topology}`: the graph of a topology, alive.

mod by;
mod cache;
mod drawing;
mod layout;
mod strip;
#[cfg(test)]
mod tests;
mod twin;

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::deed::{self, Offer};
use super::state::State;
use super::{Frame, findings};
use crate::finding::Finding;
use crate::history::{Metric, Window};
use crate::seen::TopologySeen;
use crate::show::{Seconds, Spark, Unit};
use crate::site::Site;
use crate::{Html, Problem};
pub(crate) use by::By;
use drawing::Drawing;
use strip::Strip;
use twin::Row;

/// With more components than these a table says more than a picture.
const PICTURED: usize = 40;

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/t/{topology}").route(web::get().to(graph)));
}

/// What is known of a topology at one moment.
pub(super) struct Look<'a> {
    seen: &'a TopologySeen,
    /// Those that are about it.
    findings: Vec<&'a Finding>,
}

#[derive(Template)]
#[template(path = "graph.html")]
struct Page<'a> {
    seen: &'a TopologySeen,
    state: State,
    uptime: Seconds,
    tasks: usize,
    tiles: Vec<Tile>,
    offers: Vec<Offer>,
    findings: Vec<findings::Shown>,
    by: By,
    choices: Vec<Choice>,
    view: Shown,
    drawing: Option<Html>,
    rows: Vec<Row>,
    strip: Strip,
    /// Seconds after which the picture is drawn anew.
    every: u32,
}

/// A number of the whole topology.
struct Tile {
    label: &'static str,
    value: String,
    unit: &'static str,
    bind: String,
    spark: Spark,
    path: String,
    words: String,
}

/// A link of the switch.
struct Choice {
    href: String,
    title: &'static str,
    is_here: bool,
}

/// What of the components is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// The picture; on a narrow screen the table.
    Either,
    Picture,
    Table,
}

impl<'a> Look<'a> {
    fn at(seen: &'a TopologySeen, findings: &'a [Finding]) -> Self {
        let is_about = |finding: &&Finding| finding.topology.as_deref() == Some(seen.name);
        Self { seen, findings: findings.iter().filter(is_about).collect() }
    }

    /// Whether others wait for it, and it waits for nobody.
    fn is_bottleneck(&self, component: &str) -> bool {
        self.bottlenecks().any(|finding| finding.component.as_deref() == Some(component))
    }

    /// Whether it waits for a bottleneck.
    fn waits(&self, component: &str) -> bool {
        self.bottlenecks().any(|finding| finding.waits.iter().any(|waits| waits == component))
    }

    fn bottlenecks(&self) -> impl Iterator<Item = &&'a Finding> {
        self.findings.iter().filter(|finding| finding.check == "bottleneck")
    }
}

async fn graph(frame: Frame) -> HttpResponse {
    let name = frame.view.param("topology").unwrap_or_default().to_owned();
    frame.answer(&name, render(&frame, &name))
}

/// The graph as a file of its own.
///
/// # Errors
///
/// 404: there is no such topology. 503: it was not looked at yet.
pub(crate) fn svg(site: &Site, topology: &str, by: By) -> Result<String, Problem> {
    let (seen, findings) = (site.lookout.seen(), site.lookout.findings());
    let seen = seen.topology(topology).ok_or_else(|| unknown(site, topology))?;
    let drawing = Drawing::of(&Look::at(seen, &findings), by, true);
    Ok(Html::of(&drawing)?.to_string())
}

fn unknown(site: &Site, name: &str) -> Problem {
    if site.topology(name).is_some() {
        return Problem::unavailable(format!("`{name}` has just been started; look again in a second."));
    }
    let known: Vec<&str> = site.topologies.iter().map(|topology| topology.name).collect();
    Problem::not_found(format!("No topology `{name}` runs here; there are: {}.", known.join(", ")))
}

fn render(frame: &Frame, name: &str) -> Result<Html, Problem> {
    let (site, may_act) = (&frame.site, frame.view.may_act);
    let (seen, findings): (_, Arc<Vec<Finding>>) = (site.lookout.seen(), site.lookout.findings());
    let seen = seen.topology(name).ok_or_else(|| unknown(site, name))?;
    let look = Look::at(seen, &findings);
    let by = By::named(frame.view.query("by"));
    let is_large = seen.components.len() > PICTURED;
    let view = match frame.view.query("view") {
        Some("graph") => Shown::Picture,
        Some("table") => Shown::Table,
        _ if is_large => Shown::Table,
        _ => Shown::Either,
    };
    let drawing = (view != Shown::Table).then(|| Html::of(&Drawing::of(&look, by, false))).transpose()?;
    let rows = if view == Shown::Picture { Vec::new() } else { Row::all(&look, by) };
    Html::of(&Page {
        state: State::of(seen.status.state),
        uptime: Seconds(seen.status.uptime_seconds),
        tasks: seen.components.iter().map(|component| component.tasks).sum(),
        tiles: tiles(site, seen),
        offers: if may_act { deed::offers(name, seen.status.state) } else { Vec::new() },
        findings: findings::all(site, may_act).into_iter().filter(|finding| finding.is_of(name)).collect(),
        choices: choices(name, by, view),
        strip: Strip::of(site, name),
        every: if is_large { 10 } else { 2 },
        by,
        view,
        drawing,
        rows,
        seen,
    })
}

fn choices(name: &str, by: By, view: Shown) -> Vec<Choice> {
    let view = match view {
        Shown::Either => "",
        Shown::Picture => "&view=graph",
        Shown::Table => "&view=table",
    };
    let choice = |own: By| Choice {
        href: format!("/t/{name}?by={}{view}", own.name()),
        title: own.title(),
        is_here: own == by,
    };
    By::ALL.map(choice).into()
}

fn tiles(site: &Site, seen: &TopologySeen) -> Vec<Tile> {
    let rate = |label, field, value, metric| Number {
        label,
        unit: "/s",
        field,
        format: Unit::Rate,
        value: Some(value),
        metric,
    };
    let numbers = [
        rate("Emitted", "emitted_per_s", seen.emitted_per_s, Metric::Emitted),
        rate("Acked", "acked_per_s", seen.acked_per_s, Metric::Acked),
        rate("Failed", "failed_per_s", seen.failed_per_s, Metric::Failed),
        Number {
            label: "Complete latency, p99",
            unit: "",
            field: "complete_p99_seconds",
            format: Unit::Seconds,
            value: seen.complete_p99_seconds,
            metric: Metric::CompleteP99,
        },
        Number {
            label: "In flight",
            unit: "roots",
            field: "pending",
            format: Unit::Count,
            value: Some(seen.pending as f64),
            metric: Metric::Pending,
        },
    ];
    numbers.map(|number| number.tile(site, seen.name)).into()
}

/// What a tile is made of.
struct Number {
    label: &'static str,
    unit: &'static str,
    field: &'static str,
    format: Unit,
    value: Option<f64>,
    metric: Metric,
}

impl Number {
    fn tile(&self, site: &Site, topology: &str) -> Tile {
        let points = |window| site.lookout.history().points(topology, None, self.metric, window);
        let tens = points(Window::TenMinutes);
        // Fewer are no line yet.
        let is_young = tens.as_ref().is_none_or(|points| points.values.len() < 12);
        let window = if is_young { Window::Minute } else { Window::TenMinutes };
        let points = if is_young { points(window) } else { tens };
        let values = points.map(|points| points.values).unwrap_or_default();
        let values: Vec<f32> = values.into_iter().map(|value| value.unwrap_or(f32::NAN)).collect();
        let path = format!("topologies/{topology}/{}", self.field);
        Tile {
            label: self.label,
            value: self.format.show(self.value),
            unit: self.unit,
            bind: format!("{path}|{}", self.format.name()),
            path,
            spark: Spark::of(&values).every(window.step()),
            words: format!("{} in the last {}", self.label, if is_young { "minute" } else { "ten minutes" }),
        }
    }
}
