//! One run over lines in memory.

#![allow(dead_code, reason = "each test uses what it needs of it")]

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use squall_connect::ndjson::{LineOutput, LineSource, Progress};
use squall_enrichment::{Enrichers, ParkSettings, Room, Sink, Source, Tally, plan};

pub(crate) const POST: &str = r#"{"did":"did:plc:a","time_us":1783175888094841,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","record":{"text":"Good morning, how is everybody today?"}}}"#;

/// A run that has not begun.
pub(crate) struct Job {
    source: LineSource,
    output: Option<LineOutput>,
    enrichers: Enrichers,
    room: Room,
}

/// A run that ended well.
pub(crate) struct Done {
    pub(crate) tally: Arc<Tally>,
    source: LineSource,
    sink: Sink,
    written: Written,
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Job {
    pub(crate) fn of(input: impl Into<Vec<u8>>) -> Self {
        Self::reading(io::Cursor::new(input.into()))
    }

    pub(crate) fn reading(input: impl Read + Send + 'static) -> Self {
        let source = LineSource::new("the input", input);
        let room = ParkSettings::default().room();
        Self { source, output: None, enrichers: Enrichers::default(), room }
    }

    /// Lets activities wait in this room.
    pub(crate) fn room(mut self, room: Room) -> Self {
        self.room = room;
        self
    }

    /// Asks these in place of `language` alone.
    pub(crate) fn enrichers(mut self, enrichers: Enrichers) -> Self {
        self.enrichers = enrichers;
        self
    }

    pub(crate) fn output(mut self, output: LineOutput) -> Self {
        self.output = Some(output);
        self
    }

    pub(crate) fn run(self) -> Done {
        let (result, done) = self.go();
        result.unwrap();
        done
    }

    pub(crate) fn fail(self) -> String {
        self.go().0.unwrap_err()
    }

    /// What became of the run, however it ended.
    pub(crate) fn go(self) -> (Result<(), String>, Done) {
        let written = Written::default();
        let tally = Arc::new(Tally::default());
        let output = self.output.unwrap_or_else(|| LineOutput::stream("memory", written.clone()));
        let sink = Sink::finite(output, Arc::clone(&tally), self.source.clone());
        let source = Source::Lines(self.source.clone());
        let plan = plan(&source, &self.enrichers, &self.room, &sink, &tally).unwrap();
        let result = squall::run(plan).map(drop).map_err(|failed| failed.to_string());
        (result, Done { tally, source: self.source, sink, written })
    }
}

impl Done {
    pub(crate) fn lines(&self) -> Vec<String> {
        let written = String::from_utf8(self.written.0.lock().unwrap().clone()).unwrap();
        written.lines().map(str::to_owned).collect()
    }

    /// Where the output lies as long as it is not final.
    pub(crate) fn unfinished(&self) -> Option<PathBuf> {
        self.sink.unfinished()
    }

    pub(crate) fn progress(&self) -> &Progress {
        self.source.progress()
    }
}
