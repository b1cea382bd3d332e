//! A stream outlives every call: its struct cannot borrow.

#[path = "parts/words.rs"]
mod words;
use words::*;

#[derive(Outputs)]
struct Out<'a> {
    words: Emit<&'a str>,
}

fn main() {}
