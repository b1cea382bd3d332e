//! A bolt that reads `Word` subscribes to a stream of `Line`.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    t.bolt("count", || Count).shuffle(lines);
}
