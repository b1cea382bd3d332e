//! A bolt that reads words and rejects subscribes to a stream of lines.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    t.bolt("report", || Report).shuffle(lines);
}
