//! A `Bolt` is declared with `.sync_bolt(..)`.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    t.sync_bolt("split", || Split).shuffle(lines);
}
