//! An operator looks at tuples, has a task built anew, pauses one spout, and reads what has happened.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message, and the place of each value is known"
)]

mod happenings;
mod pause;
mod restart;
mod tap;
