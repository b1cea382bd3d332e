//! Chance, with a seed that can be repeated, and how much there is of everything.

use std::env;

use fastrand::Rng;

/// A generator whose seed is printed; `SQUALL_SEED` sets it.
pub(crate) fn dice(what: &str) -> Rng {
    let seed = number("SQUALL_SEED").unwrap_or_else(|| fastrand::u64(..1 << 48));
    println!("{what}: SQUALL_SEED={seed}");
    Rng::with_seed(seed)
}

/// How often the processes of a test are killed.
pub(crate) fn kills() -> u64 {
    number("SQUALL_KILLS").unwrap_or(3)
}

/// How many activities a test has.
pub(crate) fn activities() -> usize {
    number("SQUALL_ACTIVITIES").map_or(3000, |count| usize::try_from(count).unwrap())
}

/// A number from the environment.
pub(crate) fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().expect(variable))
}
