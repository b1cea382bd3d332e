//! A `SyncBolt` is declared with `.bolt(..)`.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    t.bolt("checksum", || Checksum).shuffle(lines);
}
