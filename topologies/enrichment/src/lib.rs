//! Enrichment of activities: every event that comes in goes out with the language of its text, or with the reason
//! why it has none.
//!
//! An [`Activity`] is an event of a public feed as it came in; [`Language::detect`] finds out about its text, and
//! [`Activity::to_json`] is the event that goes out: the bytes that came in, plus the member `enrichment`. A
//! [`Generator`] makes events where no feed is at hand. [`plan`] wires it all, and [`Enrichment`] runs it from the
//! command line:
//!
//! ```text
//! activities ─→ parse ─→ language ─→ write
//!     └───────────┴─→ rejects
//! ```
//!
//! # What is added
//!
//! | the event | the member `enrichment` |
//! |---|---|
//! | a post whose language was found | `{"language":{"code":"eng","iso639_1":"en"}}` |
//! | a post without one | `{"language":null,"missing":{"language":"no_text"}}`, or `no_letters`, or `unknown_script` |
//! | a like, a follow, a delete: anything without a text | none |
//! | an event that came in with its language | as it came in |
//!
//! The codes are those of ISO 639. The detector knows sixteen languages, gives no confidence, and names the most
//! similar of them for a text in another language of the same script.
//!
//! # What is promised
//!
//! Every line of the input has one outcome: its event is written, or it is no activity (counted, and the first ones
//! named with their line), or it failed (counted, named, and the run ends with an error). An event is written before
//! its line counts as done, at least once. Several tasks work on the lines, so the output is in another order than the
//! input; with a parallelism of 1 for `parse` and `language` it is the same, but for lines that were delivered again.

mod activity;
mod app;
mod bolts;
mod card;
mod checks;
mod enricher;
mod generator;
mod language;
mod pipeline;
mod settings;
mod summary;
mod tally;
mod text;

pub use activity::{Activity, Enrichments, Unparsed};
pub use app::Enrichment;
pub use bolts::{
    Enrich, EnrichPassing, Parse, ParseOut, ParseStreams, Rejected, Rejects, RejectsIn, Sink, Write,
};
pub use enricher::{
    Answer, Answering, Asked, Cache, CacheCounts, CacheSettings, CacheTerms, Calls, Declared, Enricher,
    Enrichers, Fresh, Influence, InfluenceService, Json, LanguageEnricher, Links, Missing, Name, Named,
    Network, Outcome, Ports, Question, Score, Web,
};
pub use generator::{Feed, Generated, Generator};
pub use language::{Detected, Language, plain_text};
pub use pipeline::{NAME, Source, plan};
pub use settings::Settings;
pub use tally::{NAMED, Tally};
pub use text::{Text, Texts};
