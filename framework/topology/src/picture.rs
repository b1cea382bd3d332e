//! Pictures of a plan: Graphviz DOT and Mermaid.

use squall_core::{Edge, Kind};

use crate::plan::{ComponentPlan, Plan};

impl Plan {
    /// The topology for Graphviz: `squall graph word-count | dot -Tsvg`.
    pub fn to_dot(&self) -> String {
        let mut dot = format!("digraph \"{}\" {{\n  rankdir=LR;\n  node [shape=box];\n", self.name());
        for component in self.components() {
            let shape = if component.kind() == Kind::Spout { ", shape=cds" } else { "" };
            let label = label(component, "\\n");
            dot += &format!("  \"{}\" [label=\"{label}\"{shape}];\n", component.name);
        }
        for (from, edge, to) in self.edges() {
            let text = edge_label(edge);
            dot += &format!("  \"{from}\" -> \"{to}\" [label=\"{text}\"];\n");
        }
        dot.push_str("}\n");
        dot
    }

    /// The topology as a Mermaid flowchart, for Markdown.
    pub fn to_mermaid(&self) -> String {
        let mut chart = String::from("flowchart LR\n");
        for (index, component) in self.components().iter().enumerate() {
            let label = label(component, "<br/>");
            chart += &match component.kind() {
                Kind::Spout => format!("  c{index}([\"{label}\"])\n"),
                _ => format!("  c{index}[\"{label}\"]\n"),
            };
        }
        for (index, component) in self.components().iter().enumerate() {
            for edge in &component.inputs {
                let text = edge_label(edge);
                chart += &format!("  c{} -->|\"{text}\"| c{index}\n", edge.origin.component);
            }
        }
        chart
    }

    /// Every subscription: from which component, over which edge, to which component.
    fn edges(&self) -> impl Iterator<Item = (&str, &Edge, &str)> {
        self.components().iter().flat_map(move |to| {
            to.inputs.iter().filter_map(move |edge| {
                let from = self.components().get(edge.origin.component)?;
                Some((&*from.name, edge, &*to.name))
            })
        })
    }
}

fn label(component: &ComponentPlan, line_break: &str) -> String {
    let noun = if component.tasks == 1 { "task" } else { "tasks" };
    format!("{}{line_break}{} {noun}", component.name, component.tasks)
}

fn edge_label(edge: &Edge) -> String {
    match edge.origin.name {
        "default" => edge.grouping.name().to_owned(),
        stream => format!("{stream}: {}", edge.grouping.name()),
    }
}
