//! The components of a topology, and what they are made of.

use actix_web::http::Method;
use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, web};
use schemars::JsonSchema;
use serde::Serialize;
use squall_runtime::{ComponentStatus, ErrorStatus, InboxStatus, StreamStatus, TaskStatus};
use squall_topology::ComponentPlan;

use super::{place, standing, version};
use crate::Problem;
use crate::openapi::Operation;
use crate::seen::ComponentSeen;
use crate::site::Site;

pub(super) fn operations() -> Vec<Operation> {
    let below = |path, id, about, handler: fn(actix_web::Route) -> actix_web::Route| {
        Operation::new(Method::GET, path, id, about, handler)
    };
    vec![
        below(
            "/api/v1/topologies/{topology}/components/{component}",
            "getComponent",
            "Tells how a component stands, with all its counters and the numbers that hold for it.",
            |route| route.to(show),
        )
        .answers::<Detail>(200, "`ETag` stands for the numbers that hold in the topology: see `rebalance`."),
        below(
            "/api/v1/topologies/{topology}/components/{component}/tasks",
            "listTasks",
            "Tells how each task of a component stands.",
            |route| route.to(tasks),
        )
        .answers::<Tasks>(200, "In the order of their numbers."),
        below(
            "/api/v1/topologies/{topology}/components/{component}/streams",
            "listStreams",
            "Tells what a component emits, and for whom it waits.",
            |route| route.to(streams),
        )
        .answers::<Streams>(200, "Its streams, and who reads them."),
        below(
            "/api/v1/topologies/{topology}/components/{component}/queues",
            "listQueues",
            "Tells how full the inboxes of a component are.",
            |route| route.to(queues),
        )
        .answers::<Queues>(200, "One that its tasks share, or one a task; a spout has none."),
        below(
            "/api/v1/topologies/{topology}/components/{component}/errors",
            "listErrors",
            "Tells which errors a component had.",
            |route| route.to(errors),
        )
        .answers::<Errors>(200, "Grouped by what they say."),
    ]
}

/// How a component stands.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ComponentDetail")]
struct Detail {
    #[serde(flatten)]
    seen: ComponentSeen,
    /// The numbers that hold for it; none when the topology is over.
    settings: Option<Numbers>,
    /// The counters since its start.
    counters: ComponentStatus,
}

/// The numbers that hold for a component.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ComponentNumbers")]
struct Numbers {
    /// Number of tasks.
    parallelism: usize,
    /// Tuples that an inbox holds.
    inbox: usize,
    /// Roots of a spout task that may be without outcome.
    max_pending: usize,
    /// When a root without outcome fails.
    message_timeout_seconds: f64,
    /// The time between two ticks.
    tick_seconds: Option<f64>,
    /// How long one call of its code may last.
    stuck_after_seconds: f64,
    /// Calls that each task of a concurrent bolt may have under way.
    concurrency: Option<usize>,
}

impl From<&ComponentPlan> for Numbers {
    fn from(plan: &ComponentPlan) -> Self {
        Self {
            parallelism: plan.tasks,
            inbox: plan.inbox,
            max_pending: plan.max_pending,
            message_timeout_seconds: plan.message_timeout.as_secs_f64(),
            tick_seconds: plan.tick.map(|tick| tick.as_secs_f64()),
            stuck_after_seconds: plan.stuck_after.as_secs_f64(),
            concurrency: plan.calls.as_ref().map(|calls| calls.concurrency),
        }
    }
}

/// The tasks of a component.
#[derive(Debug, Serialize, JsonSchema)]
struct Tasks {
    tasks: Vec<TaskStatus>,
}

/// The streams of a component.
#[derive(Debug, Serialize, JsonSchema)]
struct Streams {
    streams: Vec<StreamStatus>,
}

/// The inboxes of a component.
#[derive(Debug, Serialize, JsonSchema)]
struct Queues {
    queues: Vec<InboxStatus>,
}

/// The errors of a component.
#[derive(Debug, Serialize, JsonSchema)]
struct Errors {
    errors: Vec<ErrorStatus>,
}

/// The names of a topology and of a component in it.
type Names = web::Path<(String, String)>;

async fn show(site: web::Data<Site>, names: Names) -> Result<HttpResponse, Problem> {
    let (topology, name) = names.into_inner();
    let topology = place::topology(&site, &topology)?;
    let counters = place::component(&topology.running.status(), &name)?.clone();
    let fresh = standing::fresh(topology, &site.lookout.seen());
    let seen = fresh.component(&name).cloned();
    let seen = seen.ok_or_else(|| Problem::conflict(format!("`{name}` is not there any more.")))?;
    let plan = topology.running.plan();
    let settings = plan.as_ref().and_then(|plan| plan.component(&name)).map(Numbers::from);
    let mut answer = HttpResponse::Ok();
    if let Some(plan) = &plan {
        answer.insert_header((ETAG, version::etag(&version::of(plan))));
    }
    Ok(answer.json(Detail { seen, settings, counters }))
}

async fn tasks(site: web::Data<Site>, names: Names) -> Result<web::Json<Tasks>, Problem> {
    let tasks = counters(&site, &names)?.per_task;
    Ok(web::Json(Tasks { tasks }))
}

async fn streams(site: web::Data<Site>, names: Names) -> Result<web::Json<Streams>, Problem> {
    let streams = counters(&site, &names)?.streams;
    Ok(web::Json(Streams { streams }))
}

async fn queues(site: web::Data<Site>, names: Names) -> Result<web::Json<Queues>, Problem> {
    let queues = counters(&site, &names)?.inboxes;
    Ok(web::Json(Queues { queues }))
}

async fn errors(site: web::Data<Site>, names: Names) -> Result<web::Json<Errors>, Problem> {
    let errors = counters(&site, &names)?.errors;
    Ok(web::Json(Errors { errors }))
}

fn counters(site: &Site, (topology, name): &(String, String)) -> Result<ComponentStatus, Problem> {
    let status = place::topology(site, topology)?.running.status();
    place::component(&status, name).cloned()
}
