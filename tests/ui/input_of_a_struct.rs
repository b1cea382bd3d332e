//! `Input` is derived for a struct.

#[path = "parts/words.rs"]
mod words;
use words::*;

#[derive(Input)]
struct In {
    word: Word,
}

fn main() {}
