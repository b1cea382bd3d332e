//! The rows of series, and the messages that are made of them.
//!
//! Two processes may look for series at once. Each takes other rows, or waits for none: what it takes it changes in the
//! same transaction in which the messages are stored, so that an occurrence is made once or, if the process dies, not
//! yet.

mod change;
mod insert;
mod list;
mod make;
mod row;
mod schema;

pub(super) use change::{Apply, find_next_anew};
pub use change::{SeriesChange, SeriesChanged};
pub use insert::SeriesInserted;
pub(super) use insert::{Insert, Known};
pub use list::SeriesFilter;
pub(super) use list::{Get, List};
pub(super) use make::Make;
pub use make::{AHEAD, Making};
pub(super) use schema::SERIES;
