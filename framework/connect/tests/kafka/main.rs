//! The Kafka spout and sink in topologies, against a real broker.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod dead_letters;
mod groups;
mod limits;
mod loss;
mod mock;
mod orphans;
mod outage;
mod reading;
mod rig;
mod settings;
mod tls;
mod writing;
