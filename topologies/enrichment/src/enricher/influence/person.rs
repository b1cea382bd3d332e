//! A line of the table.

use std::borrow::Cow;

use serde::Deserialize;

/// What a line of the table says of somebody.
#[derive(Debug, Deserialize)]
pub(super) struct Person<'a> {
    #[serde(borrow)]
    pub(super) key: Cow<'a, str>,
    #[serde(default)]
    pub(super) followers: u64,
    #[serde(default)]
    pub(super) following: u64,
    #[serde(default)]
    pub(super) posts: u64,
    #[serde(default)]
    pub(super) engagements: u64,
    /// In place of what would be computed.
    pub(super) score: Option<f64>,
}
