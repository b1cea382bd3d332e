//! One file per idea, beside this folder: `cargo run -p squall-examples --example word_count`.

/// The example of the README compiles, and its assertions hold.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
