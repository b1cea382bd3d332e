//! A field of an `Outputs` struct is a tuple and no stream of tuples.

#[path = "parts/words.rs"]
mod words;
use words::*;

#[derive(Outputs)]
struct Out {
    words: Emit<Word>,
    rejects: Reject,
}

fn main() {}
