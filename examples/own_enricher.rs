//! An enricher of one's own: how long it takes to read a text. One type with its settings, one trait, one attribute; then a
//! configuration can choose it, beside those that are there.
//!
//! ```sh
//! cargo run -p squall-examples --example own_enricher
//! ```

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, str};

use serde::Deserialize;
use squall_connect::ndjson::{LineOutput, LineSource};
use squall_enrichment::{
    Activity, Answering, Asked, Calls, Declared, Enricher, Missing, Settings, Sink, Source, Tally, Web,
    plain_text, plan,
};
use squall_topology::Config;

/// How long it takes to read a text, in seconds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadingTime {
    words_per_minute: u32,
    /// Every enricher has its cost, concurrency, timeout and retries; the operator may know better.
    #[serde(default)]
    calls: Calls,
}

#[typetag::deserialize(name = "reading-time")]
impl Enricher for ReadingTime {
    fn declared(&self) -> Declared {
        self.calls.over(Declared::default())
    }

    /// Likes, follows and the like have no text, and are not asked about.
    fn question(&self, activity: &Activity) -> Option<Asked> {
        activity.shared_text().map(Asked::Text)
    }

    fn answer<'a>(&'a self, asked: &'a Asked, _: &'a Web) -> Answering<'a> {
        let Asked::Text(text) = asked else { return Answering::refused(asked) };
        match plain_text(text).split_whitespace().count() {
            0 => Answering::missing(Missing::NO_TEXT),
            words => Answering::found(&(words * 60).div_ceil(self.words_per_minute.max(1) as usize)),
        }
    }
}

const CONFIGURATION: &str = "
[enrichment.enricher.language]
type = 'language'

[enrichment.enricher.seconds]
type = 'reading-time'
words_per_minute = 200
calls = { concurrency = 4 }
";

const ACTIVITIES: &str = r#"{"id":1,"text":"Guten Morgen, heute scheint endlich die Sonne wieder."}
{"id":2,"text":"https://example.com"}
{"id":3,"liked":1}
"#;

/// What was written.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn StdError>> {
    let mut config = Config::parse("squall.toml", CONFIGURATION)?;
    let settings: Settings = config.section("enrichment")?.unwrap_or_default();

    let (page, tally) = (Page::default(), Arc::new(Tally::default()));
    let source = LineSource::new("the activities", ACTIVITIES.as_bytes());
    let sink = Sink::finite(LineOutput::stream("the page", page.clone()), Arc::clone(&tally), source.clone());
    let room = settings.park.room();
    squall::run(plan(&Source::Lines(source), &settings.enricher, &room, &sink, &tally)?)?;

    let written = page.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let written = str::from_utf8(&written)?;
    print!("{written}");
    assert!(written.contains(r#""seconds":3}"#));
    assert!(
        written.contains(
            r#""language":null,"seconds":null,"missing":{"language":"no_text","seconds":"no_text"}"#
        )
    );
    assert!(written.contains("{\"id\":3,\"liked\":1}\n"));
    Ok(())
}
