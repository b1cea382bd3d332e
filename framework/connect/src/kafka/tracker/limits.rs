//! [`Limits`]: what a consumer may hold.

/// What a consumer may hold of records that are not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages of one partition, counted from the first that is not done to the last that came: as many come again
    /// at most when the process is killed.
    pub messages: usize,
    /// Bytes of all partitions.
    pub bytes: u64,
}
