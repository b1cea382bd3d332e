//! Windows by number have no stream for what comes late.

#[path = "parts/words.rs"]
mod words;
use squall::windows::{Pane, Span, Window, WindowBolt, from_fn};
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    let split = t.bolt("split", || Split).shuffle(lines).output();
    let window = Window::tumbling(Span::Tuples(3)).unwrap();
    let counts = t
        .bolt_with("window", async move |cx| {
            WindowBolt::open(cx, window, from_fn(|pane: &Pane<'_, Word>| Ok([pane.len()])))
        })
        .global(split.words)
        .output();
    t.bolt("late", || Count).shuffle(counts.late);
}
