//! The lines, and what a sequential count makes of them.

use std::collections::BTreeMap;

/// How many lines there are.
pub const LINES: u32 = 20_000;

const WORDS: [&str; 16] = [
    "rain", "wind", "cloud", "gust", "front", "hail", "thunder", "calm", "storm", "mist", "frost", "sleet",
    "dew", "haze", "breeze", "squall",
];

/// Line number `line`: four to eleven words, the same in every run.
pub fn line(line: u32) -> String {
    let mut state = u64::from(line).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    let words = 4 + next() % 8;
    (0..words).map(|_| WORDS[next() % WORDS.len()]).collect::<Vec<_>>().join(" ")
}

/// How often each word occurs.
pub fn sequential_count() -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for number in 0..LINES {
        for word in line(number).split_whitespace() {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
    }
    counts
}
