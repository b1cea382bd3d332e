//! Spouts, bolts and parts for real systems.

#[cfg(any(feature = "sse", feature = "websocket"))]
pub mod feed;
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
#[cfg(feature = "sse")]
pub mod sse;
#[cfg(feature = "_tls")]
mod tls;
#[cfg(feature = "websocket")]
pub mod websocket;

pub use fence::Fence;
