//! Enrichment of activities: every event that comes in goes out with the language of its text, or with the reason
//! why it has none.
//!
//! An [`Activity`] is an event of a public feed as it came in; [`Language::detect`] finds out about its text, and
//! [`Activity::to_json`] is the event that goes out: the bytes that came in, plus the member `enrichment`. A
//! [`Generator`] makes events where no feed is at hand.

mod activity;
mod generator;
mod language;

pub use activity::{Activity, Enrichments, Missing, Outcome, Unparsed};
pub use generator::Generator;
pub use language::{Language, plain_text};
