//! Server-Sent Events: events of bounded length, on one connection after the other, with `Last-Event-ID`.
//!
//! [`Events`] is a feed without an end: whenever it is cut off it comes again and says which event it had last, after
//! the pause that the server asked for, or a longer one while nothing comes. [`Parser`] is its other half, which reads
//! bytes and knows no network.

mod connection;
mod error;
mod event;
mod events;
mod options;
mod parser;

pub use error::{Error, ErrorKind};
pub use event::{Event, Item};
pub use events::{Events, Resume};
pub use options::EventOptions;
pub use parser::Parser;
