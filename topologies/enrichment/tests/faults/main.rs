//! Whatever comes in, and whatever enrichers do: each activity comes out, with each enrichment or the reason why not.
//!
//! | to see | file |
//! |---|---|
//! | a service that hangs, fails, answers too late, twice or something else | `services.rs`, which is asked in `policies.rs` |
//! | an enricher that panics | `panics.rs`, which is asked in `policies.rs` |
//! | lines that are meant to do harm | `poison.rs` |
//!
//! Seeds are printed; `SQUALL_SEED` repeats one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that panics fails"
)]

#[path = "../pipeline/job.rs"]
mod job;
mod panics;
mod poison;
mod policies;
mod services;
