//! The graph of a topology, for programs and for those who draw it.

use actix_web::http::Method;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpResponse, web};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_topology::Plan;

use super::place;
use crate::Problem;
use crate::openapi::Operation;
use crate::pages::{self, By};
use crate::site::Site;

const DOT: &str = "text/vnd.graphviz; charset=utf-8";
const MERMAID: &str = "text/plain; charset=utf-8";
const SVG: &str = "image/svg+xml";
/// A picture that is looked at by itself has its style within.
const SVG_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

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
        .answers_as::<String>(200, MERMAID, "For Mermaid.")
        .answers_as::<String>(200, SVG, "A picture with the numbers of this moment.")
        .refuses(409, "It is over.")
        .refuses(503, "It was not looked at yet."),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    /// How it is written: `json`, for Graphviz, for Mermaid or as a picture of this moment.
    #[serde(default)]
    format: Format,
    /// What the colours of the picture stand for.
    #[serde(default)]
    by: By,
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

/// What reads from what.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Graph {
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
    if let Format::Svg = query.format {
        let picture = pages::svg(&site, &name, query.by)?;
        let policy = (CONTENT_SECURITY_POLICY, SVG_POLICY);
        return Ok(HttpResponse::Ok().content_type(SVG).insert_header(policy).body(picture));
    }
    let over = || Problem::conflict(format!("`{name}` is over; it has no graph any more."));
    let plan = topology.running.plan().ok_or_else(over)?;
    Ok(match query.format {
        Format::Json | Format::Svg => HttpResponse::Ok().json(Graph::of(&plan)),
        Format::Dot => HttpResponse::Ok().content_type(DOT).body(plan.to_dot()),
        Format::Mermaid => HttpResponse::Ok().content_type(MERMAID).body(plan.to_mermaid()),
    })
}

impl Graph {
    pub(crate) fn of(plan: &Plan) -> Self {
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
}
