//! A variant of an `Input` enum holds two tuples.

#[path = "parts/words.rs"]
mod words;
use words::*;

#[derive(Input)]
enum In {
    Both(Word, Reject),
}

fn main() {}
