//! A stream of lines is read as if it carried words.

#[path = "parts/words.rs"]
mod words;
use words::*;

fn main() {
    let mut t = TopologyBuilder::new("wrong");
    let lines = t.spout("lines", || Lines).output();
    t.bolt("report", || Report).shuffle(lines.via(ReportIn::Word));
}
