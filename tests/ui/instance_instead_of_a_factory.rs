//! A bolt is passed where a factory of bolts is expected.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    t.bolt("split", Split).shuffle(lines);
}
