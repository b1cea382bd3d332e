//! A component: what it does, how fast, with what result, and what can be done about it.

mod bucket;
mod errors;
mod settings;
mod streams;
mod tasks;

use actix_web::{HttpResponse, web};
use askama::Template;
use squall_runtime::{ComponentStatus, TopologyState};

use super::Frame;
use super::chart::{Chart, Subject};
use super::column::{Cell, Column};
use super::deed::Offer;
use super::findings::{self, Shown};
use super::state::State;
use crate::history::{Metric, Window};
use crate::seen::ComponentSeen;
use crate::show::{Count, Percent, Unit};
use crate::{Html, Problem};
use bucket::Bucket;
use errors::Error;
use settings::Setting;
use streams::{Input, Output};
use tasks::Task;

/// A topology is young for so many seconds.
const YOUNG: f64 = 120.0;

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/t/{topology}/c/{component}").route(web::get().to(component)));
}

#[derive(Template)]
#[template(path = "component.html")]
struct Component<'a> {
    topology: &'a str,
    name: &'a str,
    kind: String,
    state: State,
    offers: Vec<Offer>,
    findings: Vec<Shown>,
    tiles: Vec<(&'static Column, Cell)>,
    totals: Vec<(&'static str, String)>,
    blocked_by: Vec<(String, Percent)>,
    window: &'static str,
    charts: Vec<Chart>,
    outputs: Vec<Output>,
    inputs: Vec<Input>,
    tasks: Vec<Task>,
    reasons: Vec<(&'static str, Count)>,
    errors: Vec<Error>,
    latency: &'static str,
    buckets: Vec<Bucket>,
    quantiles: Vec<(&'static str, String)>,
    settings: Vec<Setting>,
    may_act: bool,
    tap: String,
}

async fn component(frame: Frame) -> HttpResponse {
    let param = |name| frame.view.param(name).unwrap_or_default();
    let (topology, component) = (param("topology"), param("component"));
    let body = render(&frame, topology, component);
    frame.answer(component, body)
}

fn render(frame: &Frame, topology: &str, name: &str) -> Result<Html, Problem> {
    let (site, view) = (&frame.site, &frame.view);
    let seen = site.lookout.seen();
    let own = seen.topology(topology);
    let own = own.ok_or_else(|| Problem::not_found(format!("No topology `{topology}` runs here.")))?;
    let found = own.component(name).zip(own.status.component(name));
    let (component, status) =
        found.ok_or_else(|| Problem::not_found(format!("`{topology}` has no component `{name}`.")))?;
    // In its first minutes there is more to be seen by the second.
    let usual = if own.status.uptime_seconds < YOUNG { Window::Minute } else { Window::default() };
    let window = view.query("w").and_then(Window::named).unwrap_or(usual);
    let subjects = subjects(status);
    let latency = if status.roots.is_some() { &status.complete } else { &status.execute };
    let plan = site.topology(topology).and_then(|topology| topology.running.plan());
    let mut findings = findings::all(site, view.may_act);
    findings.retain(|finding| finding.is_about(topology, name));
    Html::of(&Component {
        topology,
        name,
        kind: status.kind.replace('_', " "),
        state: state(own.status.state, status),
        offers: if view.may_act { offers(topology, status, own.status.state) } else { Vec::new() },
        findings,
        tiles: tiles(topology, component, status),
        totals: totals(status),
        blocked_by: blocked_by(component),
        window: window.name(),
        charts: subjects
            .into_iter()
            .map(|subject| Chart::of(site, topology, name, window, subject))
            .collect(),
        outputs: streams::outputs(status, own.status.uptime_seconds),
        inputs: streams::inputs(&own.status, name),
        tasks: tasks::all(status),
        reasons: reasons(status),
        errors: errors::all(status),
        latency: if status.roots.is_some() { "Complete latency" } else { "Execute latency" },
        buckets: bucket::all(latency),
        quantiles: bucket::quantiles(latency),
        settings: plan.as_ref().map(|plan| settings::all(plan, name)).unwrap_or_default(),
        may_act: view.may_act,
        tap: format!("{} tap {topology} {name} --rate 10", site.name),
    })
}

/// That of the topology, unless it is a spout that is paused alone, or its tasks are in trouble.
fn state(topology: TopologyState, status: &ComponentStatus) -> State {
    if topology != TopologyState::Running {
        return State::of(topology);
    }
    if status.paused {
        return State::PAUSED;
    }
    let worst = status.task_states.iter().map(|state| State::of_task(*state));
    worst.max_by_key(|state| state.severity()).unwrap_or(State::RUNNING)
}

fn offers(topology: &str, status: &ComponentStatus, state: TopologyState) -> Vec<Offer> {
    let path = format!("/t/{topology}/c/{}", status.name);
    let offer = |to: &str, word, kind| Offer { href: format!("{path}/{to}"), word, kind };
    let is_alive = matches!(state, TopologyState::Running | TopologyState::Paused);
    let mut offers = Vec::new();
    if is_alive && status.roots.is_some() {
        let (to, word) = if status.paused { ("resume", "Resume…") } else { ("pause", "Pause…") };
        offers.push(offer(to, word, ""));
    }
    if is_alive {
        offers.push(offer("rebalance", "Rebalance…", "primary"));
    }
    offers
}

fn tiles(topology: &str, seen: &ComponentSeen, status: &ComponentStatus) -> Vec<(&'static Column, Cell)> {
    let keys: &[&str] = if status.roots.is_some() {
        &["emitted", "acked", "failed", "complete50", "complete", "pending", "blocked", "capacity"]
    } else {
        &["capacity", "executed", "emitted", "p50", "p99", "queue", "oldest", "blocked"]
    };
    let columns = keys.iter().filter_map(|key| Column::named(key));
    columns.map(|column| (column, column.cell(topology, seen, status))).collect()
}

/// What was counted since the start.
fn totals(status: &ComponentStatus) -> Vec<(&'static str, String)> {
    let transferred = status.streams.iter().flat_map(|stream| &stream.to).map(|to| to.transferred).sum();
    let mut totals = vec![("Emitted", status.emitted), ("Transferred", transferred)];
    match &status.roots {
        Some(roots) => totals.extend([
            ("Roots", roots.emitted),
            ("Acked", roots.acked),
            ("Failed", roots.failed),
            ("Replayed", status.replays),
            ("Dead letters", status.dead_letters),
        ]),
        None => totals.extend([
            ("Executed", status.executed),
            ("Acked", status.executed.saturating_sub(status.refused)),
            ("Failed", status.refused),
            ("Skipped", status.skipped),
            ("Held", status.held as u64),
        ]),
    }
    totals.extend([("Restarts", status.restarts), ("Stuck", status.stuck)]);
    totals.into_iter().map(|(name, count)| (name, Count(count).to_string())).collect()
}

fn blocked_by(seen: &ComponentSeen) -> Vec<(String, Percent)> {
    seen.blocked_by.iter().map(|by| (by.component.clone(), Percent(by.share))).collect()
}

fn reasons(status: &ComponentStatus) -> Vec<(&'static str, Count)> {
    let failed = status.roots.iter().flat_map(|roots| &roots.failed_by);
    failed.map(|(reason, count)| (*reason, Count(*count))).collect()
}

/// What is drawn: of a spout its roots, of a bolt its executes.
fn subjects(status: &ComponentStatus) -> [Subject; 4] {
    let subject = |title, unit, metrics| Subject { title, unit, metrics };
    if status.roots.is_some() {
        return [
            subject(
                "Throughput, per second",
                Unit::Rate,
                &[("acked", Metric::Acked), ("failed", Metric::Failed)],
            ),
            subject(
                "Complete latency",
                Unit::Seconds,
                &[("p99", Metric::CompleteP99), ("p50", Metric::CompleteP50)],
            ),
            subject("Roots in flight", Unit::Count, &[("in flight", Metric::Pending)]),
            subject("Blocked", Unit::Percent, &[("blocked", Metric::Blocked)]),
        ];
    }
    [
        subject(
            "Throughput, per second",
            Unit::Rate,
            &[("executed", Metric::Executed), ("emitted", Metric::Emitted)],
        ),
        subject(
            "Execute latency",
            Unit::Seconds,
            &[("p99", Metric::ExecuteP99), ("p50", Metric::ExecuteP50)],
        ),
        subject("Tuples in the queue", Unit::Count, &[("waiting", Metric::QueueDepth)]),
        subject(
            "Capacity and blocked",
            Unit::Percent,
            &[("capacity", Metric::Capacity), ("blocked", Metric::Blocked)],
        ),
    ]
}

impl Component<'_> {
    /// The windows to choose from.
    fn windows(&self) -> [Window; 4] {
        Window::ALL
    }

    /// `all` as words.
    fn title_of(&self, window: &Window) -> &'static str {
        match window {
            Window::Minute => "1 min",
            Window::TenMinutes => "10 min",
            Window::Hour => "1 h",
            Window::All => "All",
        }
    }
}
