//! Spouts, bolts and parts for real systems.

mod fence;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "ndjson")]
pub mod ndjson;
#[cfg(feature = "_sql")]
pub mod sql;

pub use fence::Fence;
