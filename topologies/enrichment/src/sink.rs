//! Where activities go, once each.

mod sql;

pub use sql::{Places, SqlOutput, SqlSink};
