//! `squall bench`: measures the engine beside its limit.
//!
//! Every case runs twice in the same process: on the engine, and as the same [`work`] written by hand over bounded
//! tokio channels ([`limit`]), which imports nothing of Squall. The ratio of the two says what the engine costs.

mod case;
pub mod limit;
mod text;
pub mod work;

pub use case::{Load, Outcome, Shape, Tracking};
pub use text::Text;
