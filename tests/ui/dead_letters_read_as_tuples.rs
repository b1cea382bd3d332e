//! A bolt for lines reads the dead letters of lines.

#[path = "parts/words.rs"]
mod words;
use squall::RetryPolicy;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let (lines, dead) = t.spout("lines", || Lines).replay(RetryPolicy::default()).output();
    t.bolt("split", || Split).shuffle(lines).shuffle(dead);
}
