//! A type that does not implement `Spout` is declared as one.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    t.spout("split", || Split).output();
}
