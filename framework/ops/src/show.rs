//! Numbers, as people read them: on every page of a process the same.
//!
//! The script of the pages writes the same when a number changes.

mod bytes;
mod count;
mod percent;
mod rate;
mod seconds;
mod spark;
mod unit;

pub use bytes::Bytes;
pub use count::Count;
pub use percent::Percent;
pub use rate::Rate;
pub use seconds::Seconds;
pub use spark::Spark;
pub use unit::Unit;

/// What stands for a number that is not known.
pub const UNKNOWN: &str = "–";

/// Shows what is there, and a dash for what is not.
///
/// ```
/// use squall_ops::show::{Seconds, or_dash};
///
/// assert_eq!(or_dash(Some(0.25).map(Seconds)), "250 ms");
/// assert_eq!(or_dash(None::<Seconds>), "–");
/// ```
pub fn or_dash(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}
