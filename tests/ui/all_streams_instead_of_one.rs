//! A component with two outputs is subscribed to as a whole.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    let split = t.bolt("split", || Split).shuffle(lines).output();
    t.bolt("count", || Count).shuffle(split);
}
