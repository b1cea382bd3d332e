//! Enrichment of activities: every event that comes in goes out with what enrichers found out about it, or with the
//! reason why they did not.
//!
//! An [`Activity`] is an event of a public feed as it came in, with its text, links and author; an [`Enricher`] finds
//! something out about it; [`Activity::to_json`] is the event that goes out: the bytes that came in, plus the member
//! `enrichment`. A [`Generator`] makes events where no feed is at hand. [`plan`] wires it all, and [`Enrichment`] runs it from
//! the command line:
//!
//! ```text
//! activities ─→ parse ─→ one enricher ─→ the next ─→ write
//!     └───────────┴─→ rejects
//! ```
//!
//! # What is added
//!
//! | `type` of the enricher | what it finds out | the value of its member |
//! |---|---|---|
//! | `language`: [`LanguageEnricher`] | the language of the text | `{"code":"eng","iso639_1":"en","confidence":0.93}` |
//! | `links`: [`Links`] | where links lead | `[{"url":"…","final":"…","status":200,"hops":1}]` |
//! | `influence`: [`Influence`] | how much the author is listened to, from a table | `{"score":63.4}` |
//! | `influence-service`: [`InfluenceService`] | the same, from a service | `{"score":63.4}` |
//!
//! The member is called as the table of the enricher in the configuration, `[enrichment.enricher.NAME]`. What cannot be found
//! out is `null`, and the member `missing` says why: `{"language":null,"missing":{"language":"no_text"}}`. An event to
//! which nothing applies, and what came in with an event from an earlier run, go out as they came in.
//!
//! The codes of languages are those of ISO 639. The detector knows sixteen of them and names the most similar one for a
//! text in another language of the same script; see [`Detected::confidence`].
//!
//! # What is promised
//!
//! Every line of the input has one outcome: its event is written, or it is no activity (counted, and the first ones
//! named with their line), or it failed (counted, named, and the run ends with an error). An event is written before
//! its line counts as done, at least once. Several tasks work on the lines, so the output is in another order than the
//! input; with a parallelism and a concurrency of 1 for `parse` and the enrichers it is the same, but for lines that were
//! delivered again.

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
