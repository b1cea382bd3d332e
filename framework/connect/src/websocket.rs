//! WebSockets: a client that reads frames of bounded length, and is connected again whenever it is cut off.
//!
//! [`Frames`] is a feed without an end: it asks where it goes on whenever it makes a connection, waits longer and
//! longer while nobody answers, and takes no more from the other side than whoever reads it takes. A feed on which nothing
//! happens is no fault: the other side only has to answer a ping.

mod connection;
mod error;
mod frames;
mod options;

pub use error::{Error, ErrorKind};
pub use frames::Frames;
pub use options::FrameOptions;
