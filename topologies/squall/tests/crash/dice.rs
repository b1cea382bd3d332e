//! Chance, with a seed that can be repeated.

use std::env;

use fastrand::Rng;

/// A generator whose seed is printed; `SQUALL_SEED` sets it.
pub(crate) fn dice(what: &str) -> Rng {
    let seed = number("SQUALL_SEED").unwrap_or_else(|| fastrand::u64(..1 << 48));
    println!("{what}: SQUALL_SEED={seed}");
    Rng::with_seed(seed)
}

/// A number from the environment.
pub(crate) fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().expect(variable))
}
