//! A tuple can be neither written nor read.

#[path = "parts/words.rs"]
mod words;
use words::*;

#[derive(Clone)]
struct Plain {
    text: String,
}

#[derive(Outputs)]
struct ReaderOut {
    plain: Emit<Plain>,
}

fn main() {}
