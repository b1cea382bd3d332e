//! [`Progress`]: how far a source is.

/// How far a source is, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Up to where it is done, for one that counts.
    pub(super) done_to: u64,
    /// Where it goes on, for a feed.
    pub(super) cursor: Option<String>,
}
