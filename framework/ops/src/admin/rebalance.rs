//! Giving a component other numbers while it runs.

use actix_web::http::Method;
use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, web};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_topology::settings::MAX_PARALLELISM;
use squall_topology::{Change, ComponentSettings, Invalid, Plan};
use tracing::info;

use super::operator::Operator;
use super::place;
use super::version::{self, IfMatch};
use crate::openapi::{ACTOR, Operation};
use crate::problem::JsonBody;
use crate::site::{Site, Topology};
use crate::{Actor, Problem};

/// The most tuples that an inbox can be told to hold over HTTP, and the most roots of a task: a slip of the finger is no
/// reason to run out of memory.
const MOST: usize = 1 << 20;

const EXAMPLE: &str = r#"{"parallelism": 2, "dry_run": true}"#;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::POST,
            "/api/v1/topologies/{topology}/components/{component}/rebalance",
            "rebalance",
            "Gives a component other numbers while it runs; nothing is lost. A dry run says what that would change.",
            |route| route.to(answer),
        )
        .header(ACTOR)
        .header(version::HEADER)
        .takes::<Wanted>(EXAMPLE)
        .answers::<Rebalanced>(200, "What was changed, or would be; `ETag` stands for the numbers that hold now.")
        .refuses(409, "The topology does not run, or the component did not come to rest.")
        .refuses(412, "Other numbers hold than those that you looked at; nothing was changed."),
    ]
}

/// Other numbers for a component; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rebalance")]
pub(crate) struct Wanted {
    /// Number of tasks.
    #[schemars(range(min = 1, max = 1024))]
    pub(crate) parallelism: Option<usize>,
    /// Tuples that each inbox of a bolt holds.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub(crate) inbox: Option<usize>,
    /// Roots of each task of a spout that may be without outcome.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub(crate) max_pending: Option<usize>,
    /// Only say what would change.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// What a rebalance changed, or would.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Rebalanced {
    pub(crate) topology: String,
    pub(crate) component: String,
    /// Nothing was changed.
    pub(crate) dry_run: bool,
    /// The number of tasks.
    pub(crate) parallelism: FromTo,
    /// Every number that is another.
    pub(crate) changes: Vec<Changed>,
    /// What may surprise, a sentence each: state that begins anew.
    pub(crate) warnings: Vec<String>,
    /// Stands for the numbers that hold now.
    #[serde(skip)]
    version: String,
}

/// A number of tasks.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(crate) struct FromTo {
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// A number that is another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Changed {
    /// The key of the configuration that sets it.
    pub(crate) setting: &'static str,
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Rebalanced {
    /// What was changed, in a few words.
    pub(crate) fn in_words(&self) -> String {
        let words =
            self.changes.iter().map(|Changed { setting, from, to }| format!("{setting} {from} -> {to}"));
        let words: Vec<String> = words.collect();
        if words.is_empty() { "nothing changed".to_owned() } else { words.join(", ") }
    }
}

async fn answer(
    site: web::Data<Site>,
    actor: Actor,
    names: web::Path<(String, String)>,
    if_match: IfMatch,
    JsonBody(wanted): JsonBody<Wanted>,
) -> Result<HttpResponse, Problem> {
    let (topology, component) = names.into_inner();
    let done = Operator::new(&site, &actor).rebalance(&topology, &component, &wanted, &if_match).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, version::etag(&done.version))).json(done))
}

/// Gives a component other numbers, or finds out what that would change.
pub(super) async fn rebalance(
    site: &Site,
    topology: &str,
    component: &str,
    wanted: &Wanted,
    if_match: &IfMatch,
) -> Result<Rebalanced, Problem> {
    let topology = place::alive(site, topology)?;
    check(wanted)?;
    // What somebody looked at must not become something else between the look and the change; whoever only looks waits
    // for nobody.
    let turn = if wanted.dry_run { None } else { Some(topology.running.turn().await) };
    let before = plan(topology)?;
    place::component(&topology.running.status(), component)?;
    is_as_looked_at(&before, if_match)?;
    let mut settings = before.settings();
    wanted.put_into(settings.component.entry(component.to_owned()).or_default());
    let mut after = before.clone();
    after.configure(&settings).map_err(|invalid| wrong(&invalid))?;
    if let Some(turn) = turn {
        turn.reconfigure(&settings).await.map_err(|refused| place::refusal(&refused))?;
    }
    let version = version::of(if wanted.dry_run { &before } else { &after });
    let done = Rebalanced::between(&before, &after, component, wanted.dry_run, version);
    let done = done.ok_or_else(|| Problem::not_found(format!("There is no component `{component}`.")))?;
    if !wanted.dry_run {
        info!(topology = topology.name, component, "Rebalanced: {}.", done.in_words());
    }
    Ok(done)
}

fn plan(topology: &Topology) -> Result<Plan, Problem> {
    let plan = topology.running.plan();
    plan.ok_or_else(|| Problem::conflict(format!("`{}` is over; nothing can be changed.", topology.name)))
}

fn is_as_looked_at(plan: &Plan, IfMatch(tag): &IfMatch) -> Result<(), Problem> {
    let Some(tag) = tag else { return Ok(()) };
    let now = version::of(plan);
    if *tag == now { Ok(()) } else { Err(version::outdated(&now)) }
}

fn check(wanted: &Wanted) -> Result<(), Problem> {
    let Wanted { parallelism, inbox, max_pending, .. } = *wanted;
    let numbers = [
        ("parallelism", parallelism, MAX_PARALLELISM),
        ("inbox", inbox, MOST),
        ("max_pending", max_pending, MOST),
    ];
    let mut problem = Problem::unprocessable("The component cannot have these numbers.");
    for (name, number, most) in numbers {
        if let Some(number) = number.filter(|number| !(1..=most).contains(number)) {
            let fault = format!("is {number}; give a whole number from 1 to {most}");
            problem = problem.fault(format!("/{name}"), fault);
        }
    }
    if numbers.iter().all(|(_, number, _)| number.is_none()) {
        problem = problem.fault("", "changes nothing; give `parallelism`, `inbox` or `max_pending`");
    }
    if problem.faults().is_empty() { Ok(()) } else { Err(problem) }
}

fn wrong(invalid: &Invalid) -> Problem {
    let problem = Problem::unprocessable("The component cannot have these numbers.");
    problem.fault("", invalid.to_string())
}

impl Wanted {
    fn put_into(&self, settings: &mut ComponentSettings) {
        settings.parallelism = self.parallelism.or(settings.parallelism);
        settings.inbox = self.inbox.or(settings.inbox);
        settings.max_pending = self.max_pending.or(settings.max_pending);
    }
}

impl Rebalanced {
    fn between(before: &Plan, after: &Plan, component: &str, dry_run: bool, version: String) -> Option<Self> {
        let (from, to) = (before.component(component)?, after.component(component)?);
        let changes = before.changes(after).into_iter().map(|Change { setting, from, to, .. }| Changed {
            setting,
            from,
            to,
        });
        let changes: Vec<_> = changes.collect();
        // Whatever is changed, its tasks are made anew.
        let warnings = if changes.is_empty() { None } else { to.loses_state() };
        Some(Self {
            topology: before.name().to_string(),
            component: component.to_owned(),
            dry_run,
            parallelism: FromTo { from: from.tasks, to: to.tasks },
            changes,
            warnings: warnings.into_iter().collect(),
            version,
        })
    }
}
