//! What goes in comes out: every event, whatever it is, with its language or the reason why not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics fails")]

mod pipeline {
    pub(crate) mod job;
}

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::PathBuf;

use pipeline::job::{Job, POST};
use squall_connect::ndjson::LineOutput;
use squall_enrichment::{Generator, Missing};

/// What of the lines that went in must come out: without the line ends, blank lines and what was added.
fn without_enrichment(line: &str) -> String {
    match line.rsplit_once(r#","enrichment":{"language":"#) {
        Some((event, _)) => format!("{event}}}"),
        None => line.to_owned(),
    }
}

/// Asserts that exactly these events came out, in any order.
fn assert_same_events(came_out: &[String], went_in: impl IntoIterator<Item = impl AsRef<str>>) {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for event in went_in {
        *counts.entry(event.as_ref().to_owned()).or_default() += 1;
    }
    for line in came_out {
        *counts.entry(without_enrichment(line)).or_default() -= 1;
    }
    counts.retain(|_, count| *count != 0);
    assert!(counts.is_empty(), "missing (above zero) or too many (below): {counts:#?}");
}

#[test]
fn every_event_comes_out_once_with_its_bytes() {
    let mut generator = Generator::new(1);
    let events: Vec<String> = (0..20_000).map(|_| generator.event(1_783_175_888_000_000)).collect();

    let done = Job::of(events.join("\n")).run();

    assert_same_events(&done.lines(), &events);
    assert_eq!(done.progress().lines(), 20_000);
    assert_eq!(done.progress().done(), 20_000);
    assert_eq!((done.tally.written(), done.tally.rejected(), done.progress().failed()), (20_000, 0, 0));
}

#[test]
fn every_post_has_its_language_or_the_reason() {
    let mut generator = Generator::new(2);
    let events: Vec<String> = (0..5_000).map(|_| generator.event(1_783_175_888_000_000)).collect();
    let posts =
        events.iter().filter(|event| event.contains(r#""$type":"app.bsky.feed.post""#)).count() as u64;

    let done = Job::of(events.join("\n")).run();

    let enriched = done.lines().iter().filter(|line| line.contains(r#","enrichment":{"language":"#)).count();
    let missing: u64 = Missing::OF_LANGUAGE.iter().map(|why| done.tally.missing(why)).sum();
    assert_eq!(enriched as u64, posts);
    assert_eq!(done.tally.enriched() + missing, posts);
    assert!(done.tally.missing(&Missing::NO_TEXT) > 0 && done.tally.missing(&Missing::NO_LETTERS) > 0);
}

#[test]
fn bad_lines_are_named_and_counted_and_nothing_else_is_lost() {
    let long = format!(r#"{{"text":"{}"}}"#, "lang ".repeat(200_000));
    let lines: Vec<Vec<u8>> = vec![
        POST.into(),
        b"{\"text\":\"cut off".into(),
        "\u{0}".into(),
        b"".into(),
        b"{\"text\":\"nul \0 byte\"}".into(),
        br#"{"text":"half \ud83d an emoji"}"#.into(),
        "{\"text\":\"\u{202e}صباح الخير للجميع\"}".into(),
        "{\"text\":\"😂😂\"}\r".into(),
        b"{\"text\":\"\xff\xfe\"}".into(),
        long.clone().into(),
        "[1,2,3]".into(),
        format!(r#"{{"text":"{}"}}"#, "x".repeat(1024 * 1024)).into(),
        r#"{"text":"the last line has no line end"}"#.into(),
    ];

    let done = Job::of(lines.join(&b'\n')).run();

    assert_same_events(
        &done.lines(),
        [
            POST,
            r#"{"text":"half \ud83d an emoji"}"#,
            "{\"text\":\"\u{202e}صباح الخير للجميع\"}",
            r#"{"text":"😂😂"}"#,
            &long,
            r#"{"text":"the last line has no line end"}"#,
        ],
    );
    let mut named = done.tally.named();
    named.sort();
    assert_eq!(
        named,
        [
            "line 11: expected a JSON object, `{…}`, found another kind of value",
            "line 12: longer than 1048576 bytes; the line was skipped",
            "line 2, column 16: this is not JSON; expected one JSON object a line",
            "line 3, column 1: this is not JSON; expected one JSON object a line",
            "line 5, column 13: this is not JSON; expected one JSON object a line",
            "line 9: byte 10 is not UTF-8; the line was skipped",
        ]
    );
    assert_eq!(done.progress().lines(), done.tally.written() + done.tally.rejected());
    assert_eq!(done.progress().blank(), 1);
}

#[test]
fn an_empty_input_gives_an_empty_output() {
    let done = Job::of("").run();

    assert_eq!(done.lines(), [""; 0]);
    assert!(done.progress().ended());
}

#[test]
fn a_file_has_its_name_when_everything_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.ndjson");

    Job::of(format!("{POST}\n{POST}\n")).output(LineOutput::open(path.to_str().unwrap()).unwrap()).run();

    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_output_that_refuses_ends_the_run_with_one_sentence() {
    struct Full(usize);
    impl io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let input = format!("{POST}\n").repeat(50_000);

    let error = Job::of(input).output(LineOutput::stream("the disk", Full(100))).fail();

    assert!(
        error.contains("cannot write to the disk: no storage space; 100 events were written before"),
        "{error}"
    );
}

#[test]
fn an_input_that_cannot_be_read_on_ends_the_run_with_one_sentence() {
    struct Torn(io::Cursor<String>);
    impl io::Read for Torn {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("the cable is out")),
                bytes => Ok(bytes),
            }
        }
    }

    let error = Job::reading(Torn(io::Cursor::new(format!("{POST}\n").repeat(100)))).fail();

    assert!(error.contains("cannot read the input after line 100: the cable is out"), "{error}");
}

/// Real events, where they are at hand: `SQUALL_JETSTREAM_SAMPLE`, or beside the workspace.
#[test]
fn recorded_events_go_through_whole() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/jetstream-v1.jsonl");
    let path = std::env::var_os("SQUALL_JETSTREAM_SAMPLE").map_or(beside, PathBuf::from);
    let Ok(input) = std::fs::read_to_string(&path) else {
        // Straight to the terminal: the test harness would keep a `println!` to itself.
        writeln!(io::stderr(), "SKIPPED recorded_events_go_through_whole: no {}", path.display()).unwrap();
        return;
    };
    let posts = input.lines().filter(|line| {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        let commit = &event["commit"];
        commit["collection"] == "app.bsky.feed.post" && commit["record"].is_object()
    });
    let posts = posts.count() as u64;

    let done = Job::of(input.clone()).run();

    assert_same_events(&done.lines(), input.lines());
    assert_eq!((done.tally.rejected(), done.progress().failed()), (0, 0));
    let missing: u64 = Missing::OF_LANGUAGE.iter().map(|why| done.tally.missing(why)).sum();
    assert_eq!(done.tally.enriched() + missing, posts);
    assert!(done.tally.enriched() > 0);
}
