//! What the cases get wrong, right.

#[path = "../parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("right");
    let lines = t.spout("lines", || Lines).output();
    let split = t.bolt("split", || Split).shuffle(lines).output();
    t.bolt("count", || Count).fields(split.words, |word| &word.text);
    t.bolt("report", || Report).shuffle(split.words).shuffle(split.rejects);
    t.sync_bolt("checksum", || Checksum).fields_by(lines, |line| line.text.len());
    assert!(t.build().is_ok());
}
