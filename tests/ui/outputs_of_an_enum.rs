//! `Outputs` is derived for an enum.

#[path = "parts/words.rs"]
mod words;
use words::*;

#[derive(Outputs)]
enum Out {
    Words(Emit<Word>),
}

fn main() {}
