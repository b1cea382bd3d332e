//! Promise 2: nothing is lost silently. Every root ends acked or failed with one reason, a lost branch fails
//! its root at once, and `emitted = acked + failed + pending` at every moment.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod causes;
mod claims;
mod counts;
mod joint;
mod outcomes;
mod replays;
mod timeouts;
mod trees;
