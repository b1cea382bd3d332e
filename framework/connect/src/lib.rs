//! Spouts, bolts and parts for real systems.

mod fence;
#[cfg(feature = "http")]
pub mod http;
// loom explores its books without the client library.
#[cfg(any(feature = "kafka", all(test, feature = "_loom")))]
pub mod kafka;
#[cfg(feature = "ndjson")]
pub mod ndjson;
#[cfg(feature = "_sql")]
pub mod sql;

pub use fence::Fence;
