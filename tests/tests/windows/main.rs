//! Windows, joins and parking: exactly what is in each window, and no root acked before what was made of it is done.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod delivery;
mod event_time;
mod joins;
mod numbers;
mod parking;
mod random;
mod times;

use std::{
    mem,
    ops::RangeInclusive,
    sync::{Arc, Mutex},
};

use squall::{
    TopologyBuilder,
    prelude::*,
    windows::{EventTime, EventWindowBolt, Pane, Results, Window, WindowBolt, WindowFunction, WindowStreams},
};
use squall_testkit::Feeder;
use squall_tests::s;

/// One window as its function saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    tuples: Vec<i64>,
    added: Vec<i64>,
    expired: Vec<i64>,
    start: Option<i64>,
    end: i64,
    is_whole: bool,
}

/// The windows that were shown to a [`Record`], until they are taken.
#[derive(Clone, Debug, Default)]
struct Panes(Arc<Mutex<Vec<Shown>>>);

impl Panes {
    fn record(&self) -> Record {
        Record(self.clone())
    }

    fn take(&self) -> Vec<Shown> {
        mem::take(&mut *self.0.lock().unwrap())
    }

    /// Only what is in them.
    fn contents(&self) -> Vec<Vec<i64>> {
        self.take().into_iter().map(|shown| shown.tuples).collect()
    }

    /// Only what is in them, what came and what left.
    fn changes(&self) -> Vec<(Vec<i64>, Vec<i64>, Vec<i64>)> {
        self.take().into_iter().map(|shown| (shown.tuples, shown.added, shown.expired)).collect()
    }
}

/// Writes down each window and emits what is in it.
struct Record(Panes);

impl WindowFunction for Record {
    type In = i64;
    type Out = Vec<i64>;

    async fn fire(&mut self, pane: &Pane<'_, i64>, out: &mut Results<Vec<i64>>) -> Result<()> {
        let tuples: Vec<_> = pane.tuples().copied().collect();
        assert_eq!((pane.len(), pane.is_empty()), (tuples.len(), false));
        self.0.0.lock().unwrap().push(Shown {
            added: pane.added().copied().collect(),
            expired: pane.expired().copied().collect(),
            start: pane.start(),
            end: pane.end(),
            is_whole: pane.is_whole(),
            tuples: tuples.clone(),
        });
        out.emit(tuples);
        Ok(())
    }
}

/// A spout whose roots live long, and windows over what it emits.
fn windows(t: &mut TopologyBuilder, feeder: &Feeder<i64>, window: Window, panes: &Panes) -> Stream<Vec<i64>> {
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(100_000)).output();
    let panes = panes.clone();
    let open = async move |cx: &TaskContext| WindowBolt::open(cx, window, panes.record());
    t.bolt_with("window", open).global(numbers).output()
}

/// The same by timestamps: a number is its own.
fn event_windows(
    t: &mut TopologyBuilder,
    feeder: &Feeder<i64>,
    (window, lag): (Window, i64),
    panes: &Panes,
) -> WindowStreams<Vec<i64>, i64> {
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(100_000)).output();
    let panes = panes.clone();
    let time = EventTime::of(|n: &i64| *n).lag(lag).unwrap();
    let open = async move |cx: &TaskContext| EventWindowBolt::open(cx, window, time.clone(), panes.record());
    t.bolt_with("window", open).global(numbers).output()
}

fn seq(range: RangeInclusive<i64>) -> Vec<i64> {
    range.collect()
}
