//! The factory makes a grouping of another tuple.

#[path = "parts/words.rs"]
mod words;
use squall::{Chosen, CustomGrouping};
use words::*;

struct ByLine;

impl CustomGrouping<Line> for ByLine {
    fn choose(&mut self, line: &Line, tasks: usize, chosen: &mut Chosen) {
        chosen.task(line.text.len() % tasks);
    }
}

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    let split = t.bolt("split", || Split).custom(lines, || ByLine).output();
    t.bolt("count", || Count).custom(split.words, || ByLine);
}
