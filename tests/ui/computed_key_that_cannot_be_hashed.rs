//! The computed key is a floating-point number, which has no hash.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    let split = t.bolt("split", || Split).shuffle(lines).output();
    t.bolt("count", || Count).fields_by(split.words, |word| word.weight * 2.0);
}
