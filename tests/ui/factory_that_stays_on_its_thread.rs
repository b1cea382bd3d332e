//! A factory captures an `Rc`, but is called on the threads of its tasks.

#[path = "parts/words.rs"]
mod words;
use words::*;

use std::rc::Rc;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    let shared = Rc::new(Split);
    t.bolt("split", move || Split::clone(&shared)).shuffle(lines);
}
