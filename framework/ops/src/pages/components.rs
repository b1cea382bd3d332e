//! All components of all topologies in one table.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::Frame;
use super::column::{COLUMNS, Cell, Column};
use crate::Html;
use crate::site::Site;

/// What is sorted by, unless the address says something else: what is under pressure stands first.
const USUAL: &str = "capacity";

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/components").route(web::get().to(components)));
}

#[derive(Template)]
#[template(path = "components.html")]
struct Components<'a> {
    filter: &'a str,
    heads: Vec<Head>,
    rows: Vec<Row>,
    all: usize,
}

/// The head of a column, which is a link that sorts by it.
struct Head {
    key: &'static str,
    title: &'static str,
    about: &'static str,
    /// `ascending`, `descending` or nothing.
    order: &'static str,
    /// The order that the link leads to.
    next: &'static str,
    is_number: bool,
}

/// A component.
struct Row {
    topology: &'static str,
    name: String,
    kind: String,
    cells: Vec<Cell>,
    last_error: String,
}

/// What a table is sorted by.
struct Order<'a> {
    by: &'a str,
    is_ascending: bool,
}

async fn components(frame: Frame) -> HttpResponse {
    let view = &frame.view;
    let filter = view.query("q").unwrap_or_default();
    let by = view.query("sort").unwrap_or(USUAL);
    let is_ascending = match view.query("order") {
        Some(order) => order == "ascending",
        None => is_text(by),
    };
    let order = Order { by, is_ascending };
    let mut rows = rows(&frame.site);
    let all = rows.len();
    rows.retain(|row| row.has(filter));
    order.sort(&mut rows);
    let body = Html::of(&Components { filter, heads: heads(&order), rows, all });
    frame.answer("Components", body)
}

fn rows(site: &Site) -> Vec<Row> {
    let seen = site.lookout.seen();
    let mut rows = Vec::new();
    for topology in &seen.topologies {
        for (component, status) in topology.components.iter().zip(&topology.status.components) {
            let last_error = status.errors.iter().max_by(|one, other| one.last.total_cmp(&other.last));
            rows.push(Row {
                topology: topology.name,
                name: component.name.clone(),
                kind: component.kind.replace('_', " "),
                cells: COLUMNS.iter().map(|column| column.cell(topology.name, component, status)).collect(),
                last_error: last_error.map(|error| error.message.clone()).unwrap_or_default(),
            });
        }
    }
    rows
}

impl Row {
    /// Whether all words of the filter are in it.
    fn has(&self, filter: &str) -> bool {
        let text =
            format!("{} {} {} {}", self.name, self.topology, self.kind, self.last_error).to_lowercase();
        filter.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

fn is_text(by: &str) -> bool {
    matches!(by, "name" | "topology" | "kind")
}

impl Order<'_> {
    fn sort(&self, rows: &mut [Row]) {
        let at = COLUMNS.iter().position(|column| column.key == self.by);
        let number = |row: &Row| at.and_then(|at| row.cells.get(at)).map_or(0.0, |cell| cell.sort);
        rows.sort_by(|one, other| {
            let order = match self.by {
                "name" => one.name.cmp(&other.name),
                "topology" => one.topology.cmp(other.topology),
                "kind" => one.kind.cmp(&other.kind),
                _ => number(one).total_cmp(&number(other)),
            };
            if self.is_ascending { order } else { order.reverse() }
        });
    }

    fn head(&self, key: &'static str, title: &'static str, about: &'static str) -> Head {
        let order = match (key == self.by, self.is_ascending) {
            (false, _) => "",
            (true, true) => "ascending",
            (true, false) => "descending",
        };
        // Numbers are looked at from the largest down, names from A.
        let next = match (order, is_text(key)) {
            ("ascending", _) | ("", false) => "descending",
            _ => "ascending",
        };
        Head { key, title, about, order, next, is_number: !is_text(key) }
    }
}

fn heads(order: &Order<'_>) -> Vec<Head> {
    let names = [("name", "Component"), ("topology", "Topology"), ("kind", "Kind")];
    let names = names.into_iter().map(|(key, title)| order.head(key, title, ""));
    let numbers = COLUMNS.iter().map(|Column { key, title, about, .. }| order.head(key, title, about));
    names.chain(numbers).collect()
}
