//! The interface for operators: what is seen, what can be asked, what can be done. One noun a file.
//!
//! All of it is a list of [`Operation`](crate::openapi::Operation)s, from which come the routes and the document. Pages
//! do what they do with the same [`Operator`].

mod alert;
mod check;
mod component;
mod config;
mod event;
mod finding;
mod graph;
mod health;
mod history;
mod info;
mod metrics;
mod operator;
mod opinion;
mod place;
mod rebalance;
mod redact;
mod spout;
mod sse;
mod standing;
mod stream;
mod tap;
mod task;
mod tell;
#[cfg(test)]
mod tests;
mod topology;
mod version;

pub(crate) use alert::{Reported, Said};
pub(crate) use graph::Graph;
pub(crate) use operator::Operator;
pub(crate) use rebalance::{Rebalanced, Wanted};
pub(crate) use standing::Standing;
pub(crate) use stream::Ticks;
pub(crate) use version::{IfMatch, of as version_of};

use crate::openapi::{Api, Operation, Operations};
use crate::site::Site;

const ABOUT: &str = "What runs in this process, and what can be done about it. Errors are problem documents, as RFC 9457 has \
                     them. Counts and sequence numbers are whole numbers below 2^53, which every reader of JSON has room \
                     for; instants are RFC 3339 in UTC, spans of time are seconds, shares are 0 to 1.";

/// What the process itself does, and room for what topologies bring.
pub(crate) fn api(site: &Site) -> Api {
    Api::new(site.name.clone(), site.version.clone(), ABOUT).add(
        "process",
        "What runs here, and what can be done about it.",
        Operations::new(operations()),
    )
}

fn operations() -> Vec<Operation> {
    let all = [
        info::operations(),
        topology::operations(),
        graph::operations(),
        component::operations(),
        tell::operations(),
        rebalance::operations(),
        spout::operations(),
        task::operations(),
        history::operations(),
        finding::operations(),
        check::operations(),
        alert::operations(),
        event::operations(),
        config::operations(),
        stream::operations(),
        tap::operations(),
        health::operations(),
        metrics::operations(),
    ];
    all.into_iter().flatten().map(with_path).collect()
}

/// Says what the parameters of its path are.
fn with_path(operation: Operation) -> Operation {
    operation
        .in_path("topology", "The name of a topology that runs here.")
        .in_path("component", "The name of one of its components.")
        .number_in_path("alert", "The number of an alert.")
        .number_in_path("task", "The number of a task, from 0.")
}
