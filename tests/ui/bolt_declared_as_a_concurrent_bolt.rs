//! A `Bolt` is declared with `.concurrent_bolt(..)`.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    t.concurrent_bolt("split", || Split).concurrency(16).shuffle(lines);
}
