//! Scheduled messages: stored in one row, sent at their instant.

pub mod api;
pub mod destination;
mod inbox;
mod message;
mod retry;
mod store;
mod wake;

pub use message::{Message, MessageId, NewMessage, State};
pub use retry::RetryPolicy;
pub use store::{Begun, Delivery, KEPT_DELIVERIES, NewDelivery, Settlement, Store, Upcoming};
