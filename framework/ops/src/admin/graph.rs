//! The graph of a topology, for programs and for those who draw it.

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_topology::Plan;

use super::place;
use crate::openapi::Operation;
use crate::site::Site;
use crate::{Problem, pages};

const DOT: &str = "text/vnd.graphviz; charset=utf-8";
const SVG: &str = "image/svg+xml";
const MERMAID: &str = "text/plain; charset=utf-8";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/topologies/{topology}/graph",
            "getGraph",
            "Shows what reads from what.",
            |route| route.to(show),
        )
        .query::<Query>()
        .answers::<Graph>(200, "The graph in the format that was asked for.")
        .answers_as::<String>(200, DOT, "For Graphviz.")
        .answers_as::<String>(200, SVG, "For eyes: as it is now.")
        .answers_as::<String>(200, MERMAID, "For Mermaid.")
        .refuses(409, "It is over."),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    /// How it is written: as JSON, for Graphviz, for Mermaid, or as a picture of how it is now.
    #[serde(default)]
    format: Format,
    /// What a picture is coloured by: `capacity` if nobody says.
    by: Option<By>,
}

/// How a graph is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Format {
    #[default]
    Json,
    Dot,
    Mermaid,
    Svg,
}

/// What a picture is coloured by.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum By {
    Capacity,
    Queue,
    Latency,
    Failures,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::Queue => "queue",
            Self::Latency => "latency",
            Self::Failures => "failures",
        }
    }
}

/// What reads from what.
#[derive(Debug, Serialize, JsonSchema)]
struct Graph {
    /// The name of the topology.
    topology: String,
    /// Its components, each behind those that it reads from.
    nodes: Vec<Node>,
    /// Who reads what.
    edges: Vec<Edge>,
}

/// A component in a graph.
#[derive(Debug, Serialize, JsonSchema)]
struct Node {
    name: String,
    /// `spout`, `bolt` or `sync_bolt`.
    kind: &'static str,
    /// Number of tasks.
    tasks: usize,
}

/// A stream that a component reads.
#[derive(Debug, Serialize, JsonSchema)]
struct Edge {
    /// The component that emits it.
    from: String,
    /// Its name there.
    stream: &'static str,
    /// The component that reads it.
    to: String,
    /// How its tuples are shared out among the tasks of the reader.
    grouping: &'static str,
}

async fn show(
    site: web::Data<Site>,
    name: web::Path<String>,
    query: web::Query<Query>,
) -> Result<HttpResponse, Problem> {
    let topology = place::topology(&site, &name)?;
    let over = || Problem::conflict(format!("`{name}` is over; it has no graph any more."));
    let plan = topology.running.plan().ok_or_else(over)?;
    let text = |media_type: &str, text: String| HttpResponse::Ok().content_type(media_type).body(text);
    Ok(match query.format {
        Format::Json => HttpResponse::Ok().json(graph(&plan)),
        Format::Dot => text(DOT, plan.to_dot()),
        Format::Mermaid => text(MERMAID, plan.to_mermaid()),
        Format::Svg => text(SVG, pages::graph::svg(&site, topology.name, query.by.map(By::name))?),
    })
}

fn graph(plan: &Plan) -> Graph {
    let nodes = plan.components().iter().map(|component| Node {
        name: component.name.to_string(),
        kind: match component.kind() {
            squall_core::Kind::Spout => "spout",
            squall_core::Kind::Bolt => "bolt",
            squall_core::Kind::SyncBolt => "sync_bolt",
        },
        tasks: component.tasks,
    });
    let edges = plan.components().iter().flat_map(|to| {
        to.inputs.iter().filter_map(|edge| {
            let from = plan.components().get(edge.origin.component)?;
            Some(Edge {
                from: from.name.to_string(),
                stream: from.streams().get(edge.origin.stream)?,
                to: to.name.to_string(),
                grouping: edge.grouping.name(),
            })
        })
    });
    Graph { topology: plan.name().to_string(), nodes: nodes.collect(), edges: edges.collect() }
}
