//! What was recorded comes back as it was; what is no recording is refused with the line.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "in a test a panic is the message")]

use std::{fs, io::Write, time::Duration};

use serde::{Deserialize, Serialize};
use squall_runtime::{Options, Running};
use squall_testkit::{
    Capture, Feeder, Mock, Record, Recorder, Replayer, advance, complete_topology, quiescent, virtual_time,
};
use squall_topology::TopologyBuilder;
use tempfile::NamedTempFile;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Said { who: String, number: Option<i64> },
    Left(f64),
}

fn events() -> Vec<Event> {
    let said = |who: &str, number| Event::Said { who: who.to_owned(), number };
    vec![said("a \"quoted\"\nname, \u{1F980}", Some(i64::MIN)), Event::Left(0.1), said("", None)]
}

/// Records the events at 0, 1.5 and 4.5 seconds.
fn record(file: &NamedTempFile) {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("live");
        let events_in = t.spout("events", feeder.spouts()).output();
        t.bolt_with("other", Mock::<Event>::echo().bolts()).shuffle(events_in);
        let recorder = Recorder::to_file(&mut t, events_in, file.path()).unwrap();
        let running = Running::start_here(&t.build().unwrap(), &Options::default());
        for (nth, event) in (1..).zip(events()) {
            feeder.feed(event);
            advance(nth * Duration::from_millis(1500)).await;
        }
        feeder.end();
        let report = running.wait().await.unwrap();
        assert_eq!((recorder.count(), recorder.left_out(), report.roots().acked), (3, 0, 3));
    });
}

#[test]
fn a_recording_comes_back_as_it_was_and_at_its_pace() {
    let file = NamedTempFile::new().unwrap();
    record(&file);
    virtual_time(async || {
        let replayer = Replayer::<Event>::open(file.path()).unwrap();
        let mut t = TopologyBuilder::new("again");
        // Two tasks share one recording.
        let events_in = t.spout("events", replayer.spouts()).tasks(2).output();
        let captured = Capture::of(&mut t, events_in);
        let running = Running::start_here(&t.build().unwrap(), &Options::default());
        let mut came = Vec::new();
        for _ in 0..=45 {
            advance(Duration::from_millis(100)).await;
            came.push(captured.tuples().len());
        }
        let report = running.wait().await.unwrap();

        assert_eq!((captured.tuples(), replayer.emitted(), report.roots().acked), (events(), 3, 3));
        assert_eq!([0, 13, 14, 43, 44].map(|tenths| came[tenths]), [1, 1, 2, 2, 3]);
    });
}

#[test]
fn a_recording_that_is_recorded_again_is_the_same_but_for_the_timers_grain() {
    let (first, second) = (NamedTempFile::new().unwrap(), NamedTempFile::new().unwrap());
    record(&first);
    virtual_time(async || {
        let mut t = TopologyBuilder::new("again");
        let replayer = Replayer::<Event>::open(first.path()).unwrap();
        let events_in = t.spout("events", replayer.spouts()).output();
        let _recorder = Recorder::to_file(&mut t, events_in, second.path()).unwrap();
        complete_topology(&t.build().unwrap()).await.unwrap();
    });
    let read = |file: &NamedTempFile| fs::read_to_string(file.path()).unwrap();
    let tuples = |text: String| {
        text.lines().map(|line| line.split_once("\"tuple\"").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(tuples(read(&first)), tuples(read(&second)));
    assert!(read(&first).starts_with("{\"offset_ns\":0,"));
}

#[test]
fn a_recorder_can_be_read_while_it_records() {
    let file = NamedTempFile::new().unwrap();
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("live");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let recorder = Recorder::to_file(&mut t, numbers, file.path()).unwrap();
        let running = Running::start_here(&t.build().unwrap(), &Options::default());
        feeder.feed_all([1_u64, 2]);
        quiescent(&running).await;
        recorder.flush().unwrap();
    });
    assert_eq!(fs::read_to_string(file.path()).unwrap().lines().count(), 2);
}

#[test]
fn a_spout_that_restarts_or_is_paused_goes_on_where_it_was() {
    virtual_time(async || {
        let second = Duration::from_secs(1);
        let replayer = Replayer::of((0..10).map(move |n| Record { offset: n * second, tuple: n }));
        let mut t = TopologyBuilder::new("paused");
        let numbers = t.spout("numbers", replayer.spouts()).output();
        let captured = Capture::of(&mut t, numbers);
        let running = Running::start_here(&t.build().unwrap(), &Options::default());

        advance(second * 5 / 2).await;
        running.pause();
        advance(second * 3).await;
        assert_eq!(captured.tuples().len(), 3);
        running.resume();
        advance(second / 10).await;
        assert_eq!(captured.tuples().len(), 6, "what is late comes at once");
        let report = running.wait().await.unwrap();

        assert_eq!(captured.tuples(), (0..10).collect::<Vec<_>>());
        assert_eq!(report.duration.as_secs(), 9, "and the rest at its own time");
    });
}

#[test]
fn an_offset_beyond_the_clock_is_no_panic() {
    virtual_time(async || {
        let late = Record { offset: Duration::MAX, tuple: 1 };
        let replayer = Replayer::of([Record { offset: Duration::ZERO, tuple: 0 }, late]).faster(1e-300);
        let mut t = TopologyBuilder::new("late");
        let numbers = t.spout("numbers", replayer.spouts()).output();
        let captured = Capture::of(&mut t, numbers);
        Running::start_here(&t.build().unwrap(), &Options::default());
        advance(Duration::from_secs(3600)).await;

        assert_eq!(captured.tuples(), [0]);
    });
}

fn refused(content: &str) -> String {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    let bad = Replayer::<u64>::open(file.path()).unwrap_err();
    bad.to_string().replace(&file.path().display().to_string(), "FILE")
}

#[test]
fn a_bad_line_is_refused_with_its_number_before_anything_runs() {
    let expected = "; expected a line {\"offset_ns\": nanoseconds, \"tuple\": …}";
    for (content, fault) in [
        ("{\"offset_ns\":0,\"tuple\":1}\nnonsense\n", "line 2, column 2: expected ident"),
        (
            "{\"offset_ns\":0,\"tuple\":1}\n{\"offset_ns\":0,\"tup",
            "line 2, column 19: EOF while parsing a string",
        ),
        ("{\"tuple\":1}", "line 1, column 11: missing field `offset_ns`"),
        ("{\"offset_ns\":-1,\"tuple\":1}", "line 1, column 15: invalid value: integer `-1`, expected u64"),
        ("\n{\"offset_ns\":0,\"tuple\":1}", "line 1, column 0: EOF while parsing a value"),
    ] {
        assert_eq!(refused(content), format!("recording FILE, {fault}{expected}"), "{content}");
    }
    let endless = "x".repeat(17 * 1024 * 1024);
    assert!(refused(&endless).contains("line 1: it is longer than 16777216 bytes"));
    assert!(Replayer::<u64>::open("/no/such/file").unwrap_err().line().is_none());
}

#[test]
fn a_recording_that_changes_behind_the_check_ends_the_topology_with_its_line() {
    let file = NamedTempFile::new().unwrap();
    let line = "{\"offset_ns\":0,\"tuple\":1}\n";
    // Longer than a buffer, so that its end is read late.
    fs::write(file.path(), line.repeat(1000)).unwrap();
    let replayer = Replayer::<u64>::open(file.path()).unwrap();
    fs::write(file.path(), line.repeat(999) + "nonsense").unwrap();
    let failed = virtual_time(async || {
        let mut t = TopologyBuilder::new("changed");
        let numbers = t.spout("numbers", replayer.spouts()).output();
        Capture::of(&mut t, numbers);
        complete_topology(&t.build().unwrap()).await.unwrap_err()
    });
    assert!(failed.to_string().contains("line 1000, column 2"), "{failed}");
}

#[test]
fn a_tuple_that_cannot_be_recorded_fails_its_root_for_good() {
    #[derive(Clone, Debug, Serialize, Deserialize)]
    struct Odd(std::collections::BTreeMap<(u8, u8), u8>);
    let file = NamedTempFile::new().unwrap();
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("odd");
        let odd = t.spout("odd", feeder.spouts()).output();
        let recorder = Recorder::to_file(&mut t, odd, file.path()).unwrap();
        let running = Running::start_here(&t.build().unwrap(), &Options::default());
        let fed = feeder.feed(Odd([((1, 2), 3)].into()));
        let failure = fed.settled().await.failure.unwrap();

        assert!(failure.permanent);
        let status = running.status();
        let errors = &status.components[1].errors;
        assert_eq!(errors[0].message, "the tuple cannot be recorded: key must be a string");
        recorder.flush().unwrap();
    });
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "", "and no half line remains");
}
