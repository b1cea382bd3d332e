//! A bolt whose tasks execute one tuple at a time is declared with a concurrency.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    t.bolt("split", || Split).concurrency(16).shuffle(lines);
}
