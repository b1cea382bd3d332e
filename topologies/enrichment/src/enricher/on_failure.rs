//! What becomes of an activity about which asking failed.

use schemars::JsonSchema;
use serde::Deserialize;

/// What becomes of an activity about which asking an enricher failed as often as it may: the enricher was down, or
/// answered nonsense. That something cannot be found out is no failure but an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// It waits, and is asked about for ever. If many wait, nothing further is read.
    #[default]
    Hold,
    /// It fails for good, and its source is told why: it is named, or goes where its source has dead letters go.
    DeadLetter,
    /// It goes out without, and says so: the reason is `unavailable`.
    PublishIncomplete,
}
