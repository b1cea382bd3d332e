//! [`Drawing`]: the graph of a topology as SVG.

use askama::Template;
use squall_runtime::ComponentStatus;

use super::by::By;
use super::layout::{HEIGHT, Layout, Line, Point, Shape, WIDTH};
use super::{Look, cache};
use crate::seen::{ComponentSeen, SendsTo, TopologySeen};
use crate::show::{Count, Percent, Rate};

/// Above the uppermost component: room for what is marked at it.
const ABOVE: i32 = 24;
/// Around everything: room for lines that are thick, and for the focus.
const AROUND: i32 = 5;
/// Characters of a name that fit.
const NAME: usize = 17;

/// The graph of a topology as SVG: within a page, or by itself.
#[derive(Template)]
#[template(path = "drawing.html")]
pub(super) struct Drawing {
    topology: String,
    by: By,
    left: i32,
    top: i32,
    width: i32,
    height: i32,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// It is a file of its own: it has its style with it, and nothing to click on.
    is_alone: bool,
    /// It is small enough to be shrunk to the width of the page.
    fits: bool,
}

/// A component.
struct Node {
    name: String,
    short: String,
    kind: &'static str,
    /// Nobody reads from it.
    is_sink: bool,
    at: Point,
    tasks: usize,
    /// Of [`By`]; `none` if it has no such thing.
    level: String,
    capacity: f64,
    line: Leaf,
    errors: u64,
    mark: Option<Mark>,
    words: String,
    /// Where the arrow keys lead: `data-right` and so on.
    ways: Vec<(&'static str, usize)>,
}

/// Text that the script keeps fresh.
struct Leaf {
    before: &'static str,
    text: String,
    /// Below the component: `queue_depth|count`.
    bind: &'static str,
    after: String,
}

/// What stands above a component.
struct Mark {
    kind: &'static str,
    text: String,
    width: usize,
}

/// A line from one component to another.
struct Edge {
    path: String,
    width: f64,
    is_blocked: bool,
    label: Point,
    rate: String,
    /// Where the script finds the rate.
    bind: String,
    title: String,
}

impl Drawing {
    pub(super) fn of(look: &Look<'_>, by: By, is_alone: bool) -> Self {
        let seen = look.seen;
        let all = &seen.components;
        let index = |name: &str| all.iter().position(|component| component.name == name);
        let status = |name: &str| seen.status.component(name);
        let reads = all.iter().map(|component| {
            let reads = status(&component.name).map(|status| status.reads.as_slice()).unwrap_or_default();
            reads.iter().filter_map(|from| index(from)).collect()
        });
        let layout = cache::layout(Shape::new(reads));
        let nodes = all.iter().zip(&layout.nodes).enumerate().map(|(at, (component, place))| Node {
            ways: ways(&layout, at),
            is_sink: !layout.lines.iter().any(|line| line.from == at),
            ..Node::of(look, component, status(&component.name), by, *place)
        });
        let edges = layout.lines.iter().filter_map(|line| Edge::of(seen, line));
        Self {
            topology: seen.name.to_owned(),
            by,
            left: -AROUND,
            top: -ABOVE,
            width: layout.width + 2 * AROUND,
            height: layout.height + ABOVE + AROUND,
            nodes: nodes.collect(),
            edges: edges.collect(),
            is_alone,
            fits: layout.columns.iter().all(|column| *column < 6),
        }
    }
}

impl Node {
    fn of(
        look: &Look<'_>,
        seen: &ComponentSeen,
        status: Option<&ComponentStatus>,
        by: By,
        at: Point,
    ) -> Self {
        let errors = status.map_or(0, |status| status.errors.iter().map(|error| error.count).sum());
        let value = by.value(seen);
        let mark = Mark::of(look, seen);
        Self {
            short: short(&seen.name),
            kind: seen.kind,
            is_sink: false,
            at,
            tasks: seen.tasks,
            level: value.map_or_else(|| "none".to_owned(), |value| by.level(value).to_string()),
            capacity: seen.capacity,
            line: Leaf::of(seen, by),
            errors,
            words: in_words(seen, errors, mark.as_ref()),
            mark,
            ways: Vec::new(),
            name: seen.name.clone(),
        }
    }

    fn is_spout(&self) -> bool {
        self.kind == "spout"
    }
}

impl Leaf {
    fn of(seen: &ComponentSeen, by: By) -> Self {
        let leaf = |before, text, bind, after: &str| Self { before, text, bind, after: after.to_owned() };
        let show = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| by.show(value));
        match by {
            By::Latency if seen.queue_capacity == 0 => {
                leaf("p99 ", show(seen.complete_p99_seconds), "complete_p99_seconds|seconds", "")
            }
            By::Latency => leaf("p99 ", show(seen.execute_p99_seconds), "execute_p99_seconds|seconds", ""),
            By::Failures => leaf("failed ", Rate(seen.failed_per_s).to_string(), "failed_per_s|rate", "/s"),
            _ if seen.queue_capacity == 0 => {
                leaf("in flight ", Count(seen.pending).to_string(), "pending|count", "")
            }
            _ => {
                let room = format!("/{}", Count(seen.queue_capacity as u64));
                leaf("queue ", Count(seen.queue_depth as u64).to_string(), "queue_depth|count", &room)
            }
        }
    }
}

impl Mark {
    fn of(look: &Look<'_>, seen: &ComponentSeen) -> Option<Self> {
        let new = |kind, text: String| Self { kind, width: text.chars().count() * 7 + 31, text };
        if look.is_bottleneck(&seen.name) {
            return Some(new("bad", "bottleneck".to_owned()));
        }
        if look.waits(&seen.name) {
            return Some(new("warn", waits(seen)));
        }
        None
    }
}

impl Edge {
    fn of(seen: &TopologySeen, line: &Line) -> Option<Self> {
        let (from, to) = (seen.components.get(line.from)?, seen.components.get(line.to)?);
        let at = from.sends.iter().position(|sends| sends.component == to.name)?;
        let sends = from.sends.get(at)?;
        Some(Self {
            path: path(&line.bends),
            width: thickness(sends.per_s),
            is_blocked: sends.is_blocked(),
            label: line.label,
            rate: Rate(sends.per_s).to_string(),
            bind: format!("topologies/{}/components/{}/sends/{at}/per_s|rate", seen.name, from.name),
            title: title(from, sends),
        })
    }
}

/// A spout that may have nothing more in flight waits without being blocked.
pub(super) fn waits(seen: &ComponentSeen) -> String {
    if seen.blocked > 0.005 { format!("waits {}", Percent(seen.blocked)) } else { "waits".to_owned() }
}

/// Straight through a column, curved between two.
fn path(bends: &[Point]) -> String {
    let mut path = String::new();
    let mut last: Option<Point> = None;
    for (at, bend) in bends.iter().enumerate() {
        let Point { x, y } = *bend;
        path += &match last {
            None => format!("M{x} {y}"),
            Some(last) if at % 2 == 1 => {
                let middle = (last.x + x) / 2;
                // The arrow has to point somewhere.
                let x = if at + 1 == bends.len() { x - 7 } else { x };
                format!("C{middle} {} {middle} {y} {x} {y}", last.y)
            }
            Some(_) => format!("L{x} {y}"),
        };
        last = Some(*bend);
    }
    path
}

/// A line that carries ten times as much is a good pixel thicker.
fn thickness(per_s: f64) -> f64 {
    let width = 1.3 + (1.0 + per_s.max(0.0)).log10() * 0.75;
    (width * 10.0).round() / 10.0
}

fn title(from: &ComponentSeen, sends: &SendsTo) -> String {
    let streams: Vec<String> =
        sends.streams.iter().map(|(stream, grouping)| format!("{stream} ({grouping})")).collect();
    let waits = if sends.is_blocked() {
        format!(", waits for room {} of the time", Percent(sends.blocked))
    } else {
        String::new()
    };
    format!("{} → {}: {}, {}/s{waits}", from.name, sends.component, streams.join(", "), Rate(sends.per_s))
}

fn short(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    name.chars().take(NAME - 1).chain(['…']).collect()
}

/// All of it, for ears.
fn in_words(seen: &ComponentSeen, errors: u64, mark: Option<&Mark>) -> String {
    let noun = if seen.tasks == 1 { "task" } else { "tasks" };
    let kind = seen.kind.replace('_', " ");
    let mut words =
        format!("{}, {kind}, {} {noun}, capacity {}", seen.name, seen.tasks, Percent(seen.capacity));
    if seen.queue_capacity > 0 {
        let (depth, room) = (Count(seen.queue_depth as u64), Count(seen.queue_capacity as u64));
        words += &format!(", queue {depth} of {room}");
    }
    if errors > 0 {
        words += &format!(", {} errors", Count(errors));
    }
    if let Some(mark) = mark {
        words += &format!(", {}", mark.text);
    }
    words
}

/// Along the lines to the left and to the right, within the column up and down.
fn ways(layout: &Layout, at: usize) -> Vec<(&'static str, usize)> {
    let y = |node: usize| layout.nodes.get(node).map_or(0, |node| node.y);
    let own = y(at);
    let column = layout.columns.get(at);
    let nearest = |nodes: Vec<usize>| nodes.into_iter().min_by_key(|node| ((y(*node) - own).abs(), *node));
    let lines = || layout.lines.iter();
    let right = nearest(lines().filter(|line| line.from == at).map(|line| line.to).collect());
    let left = nearest(lines().filter(|line| line.to == at).map(|line| line.from).collect());
    let beside = |is_there: fn(i32, i32) -> bool| {
        let same = layout.columns.iter().enumerate().filter(|(_, other)| Some(*other) == column);
        nearest(same.map(|(node, _)| node).filter(|node| is_there(y(*node), own)).collect())
    };
    let (up, down) = (beside(|other, own| other < own), beside(|other, own| other > own));
    let ways = [("right", right), ("left", left), ("up", up), ("down", down)];
    ways.into_iter().filter_map(|(way, node)| Some((way, node?))).collect()
}
