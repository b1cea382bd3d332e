//! Promise 3: a failure stays where it happened. A panic fails the root in hand and no other; the task is
//! rebuilt, its inbox and the rest of its batch survive, and neighbours do not notice. Restarts back off, have a
//! budget, and escalate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod edges;
mod panics;
mod restarts;
mod spouts;
