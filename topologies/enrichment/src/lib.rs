//! Enrichment of activities: every event that comes in goes out with what enrichers found out about it, or with the
//! reason why they did not.
//!
//! An [`Activity`] is an event of a public feed as it came in, with its text, links and author; an [`Enricher`] finds
//! something out about it; [`Activity::to_json`] is the event that goes out: the bytes that came in, plus the member
//! `enrichment`. A [`Generator`] makes events where no feed is at hand. [`plan`] wires it all, and [`Enrichment`] runs it from
//! the command line:
//!
//! ```text
//! activities ─→ parse ─┬───────────────→ park ─→ write
//!     │           │  └─→ enrichers ─────┘       │
//!     │           └── what is complete at once ─┘
//!     └───────────┴─→ dead_letters
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
//! its line counts as done, at least once. What waits for an answer holds up nobody else, so the output is in another
//! order than the input.
//!
//! What an enricher knows at once (it computes it, looks it up in a table, or remembers it) goes into the event where
//! that is read, and costs no way to anywhere. For all else, activities wait for answers in a [`Room`], bounded by their
//! number and their bytes. When it is full, nothing further is read. An enricher whose answer does not come in time is
//! asked again; [`OnFailure`] says what becomes of an activity about which asking failed too often. No activity leaves
//! without a member for each enricher that it
//! concerns: what was found out, or `null` and the reason.
//!
//! # What is told of an overload
//!
//! `GET /api/v1/enrichment/overload`, the card on the overview, five checks and these metrics tell what there is to do and
//! when it is done: the backlog is drained after `backlog / (capacity - in)` seconds, or never at this rate. The capacity
//! is the one that the configuration limits; in its place, or where there is none, what was done while more waited; and
//! before anything had to wait, what the cores can do for what the enrichers declare as their cost. See [`Overload`].
//!
#![doc = include_str!("overload/metrics.md")]

mod activity;
mod app;
mod bolts;
mod capacity;
mod card;
mod checks;
mod enricher;
mod generator;
mod halt;
mod language;
mod letters;
#[cfg(not(feature = "kafka"))]
mod not_built;
mod overload;
mod park;
mod pipeline;
mod raw;
mod room;
mod settings;
mod sink;
mod source;
mod summary;
mod tally;
mod text;
mod times;

pub use activity::{Activity, Enrichments, EventId, Unparsed};
pub use app::Enrichment;
#[cfg(feature = "kafka")]
pub use bolts::WriteTopic;
pub use bolts::{
    DeadLetters, DeadLettersIn, Enrich, Join, JoinIn, Parse, ParseOut, ParseStreams, Rejected, ToEnricher,
    Waiting, Write, WriteTable,
};
pub use capacity::Capacity;
pub use enricher::{
    Answer, Answering, Answers, Asked, Cache, CacheCounts, CacheSettings, CacheTerms, Calls, Declared,
    Enricher, Enrichers, Fresh, Influence, InfluenceService, Json, LanguageEnricher, Links, Missing, Name,
    Named, Network, OnFailure, Outcome, Ports, Question, Score, Web,
};
pub use generator::{Bursts, Duplicates, Feed, Generated, Generator, GeneratorSettings, Reversed};
pub use language::{Detected, Language, plain_text};
pub use letters::{Letter, Letters, LettersSettings};
#[cfg(feature = "kafka")]
pub use overload::BehindKafka;
pub use overload::{Backlog, Behind, CapacityFrom, EnricherOutlook, Log, Outlook, Overload, Point};
pub use pipeline::{NAME, Pipeline, plan};
pub use raw::Raw;
pub use room::Room;
pub use settings::{ParkSettings, Settings};
#[cfg(feature = "kafka")]
pub use sink::TopicOutput;
pub use sink::{
    FilesSettings, Ids, LineSink, Places, PostgresSettings, Sink, SinkSettings, SqlOutput, SqlSink,
    SqliteSettings,
};
pub use source::{
    FeedSpout, FeedTally, Incoming, Jetstream, JetstreamSettings, JetstreamSource, LinesSettings, Received,
    Source, SourceSettings, Ticket, Wikimedia, WikimediaSettings, WikimediaSource,
};
pub use tally::{NAMED, Tally};
pub use text::{Text, Texts};
