//! Windows of all shapes over tuples in any order, held against what their definition says.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use proptest::{prelude::*, test_runner::Config};
use squall::{
    Options, Running, TopologyBuilder,
    prelude::{Error, Plan},
    windows::{Pane, Span, Window, WindowBolt, from_fn},
};
use squall_testkit::{Act, Capture, Feeder, Mock, advance, complete_topology, quiescent, virtual_time};
use squall_tests::{ms, s, start};

use super::{Panes, event_windows};

fn few() -> Config {
    Config { cases: 64, failure_persistence: None, ..Config::default() }
}

/// What is late, and what is in each window up to the one with the last tuple.
fn by_definition(stamps: &[i64], (length, slide, lag): (i64, i64, i64)) -> (Vec<i64>, Vec<(i64, Vec<i64>)>) {
    let (mut late, mut taken, mut watermark) = (Vec::new(), Vec::new(), i64::MIN);
    for &at in stamps {
        if at < watermark {
            late.push(at);
        } else {
            taken.push(at);
            watermark = watermark.max(at - lag);
        }
    }
    taken.sort();
    let up = |at: i64| at.div_euclid(slide) * slide + if at.rem_euclid(slide) == 0 { 0 } else { slide };
    let (Some(first), Some(last)) = (taken.first(), taken.last()) else { return (late, Vec::new()) };
    let ends = (up(*first)..=up(*last)).step_by(slide as usize);
    let inside =
        |end: i64| taken.iter().copied().filter(|at| *at > end - length && *at <= end).collect::<Vec<_>>();
    (late, ends.map(|end| (end, inside(end))).filter(|(_, inside)| !inside.is_empty()).collect())
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn a_window_by_timestamps_is_what_its_definition_says(
        length in 1..60_i64,
        part in 1..=8_i64,
        lag in 0..50_i64,
        steps in prop::collection::vec((-30..30_i64, 0..15_i64), 1..120),
    ) {
        let slide = (length / part).max(1);
        let (mut now, mut stamps) = (-100, Vec::new());
        for (jitter, step) in steps {
            now += step;
            stamps.push(now + jitter);
        }
        let (late, windows) = virtual_time(async || {
            let (feeder, panes) = (Feeder::new(), Panes::default());
            let mut t = TopologyBuilder::new("random");
            let window = Window::sliding(ms(length as u64), ms(slide as u64)).unwrap();
            let out = event_windows(&mut t, &feeder, (window, lag), &panes);
            let late = Capture::of(&mut t, out.late);
            let running = start(t);
            feeder.feed_all(stamps.clone());
            advance(ms(20)).await;
            running.drain(s(10));
            quiescent(&running).await;
            feeder.tracker().assert_one_outcome_each();
            assert_eq!(feeder.tracker().failed_ids(), []);
            (late.tuples(), panes.take().into_iter().map(|pane| (pane.end, pane.tuples)).collect::<Vec<_>>())
        });

        prop_assert_eq!((late, windows), by_definition(&stamps, (length, slide, lag)));
    }

    #[test]
    fn whatever_fails_each_tuple_is_in_a_result_that_is_done_before_its_root_is_acked(
        length in 1..12_usize,
        part in 1..=4_usize,
        tuples in 1..60_u64,
        (function_fails, sink_fails) in (2..7_u64, 2..7_u64),
    ) {
        let window = Window::sliding(Span::Tuples(length), Span::Tuples((length / part).max(1))).unwrap();
        let trouble = Trouble::new(tuples, function_fails, sink_fails);
        virtual_time(async || {
            let report = complete_topology(&trouble.plan(window, 1)).await.unwrap();
            assert_eq!((report.roots().pending, report.roots().emitted), (0, trouble.feeder.emissions()));
        });
        trouble.assert_at_least_once(tuples);
    }
}

/// So many calls have trouble now and then. If it went on like that for ever, a tuple that has to be in several good
/// windows in a row might never be.
const TROUBLED: u64 = 200;

/// Windows whose function fails now and then, before a sink that does so too, behind a source that replays.
struct Trouble {
    feeder: Feeder<u64>,
    done: Arc<Mutex<Vec<u64>>>,
    function_fails: u64,
    sink_fails: u64,
}

impl Trouble {
    fn new(tuples: u64, function_fails: u64, sink_fails: u64) -> Self {
        let feeder = Feeder::of(0..tuples).replaying(10_000);
        Self { feeder, done: Arc::default(), function_fails, sink_fails }
    }

    fn plan(&self, window: Window, tasks: usize) -> Plan {
        let (calls, nth, sink_fails) = (Arc::new(AtomicU64::new(0)), self.function_fails, self.sink_fails);
        let done = Arc::clone(&self.done);
        let sink = Mock::<Vec<u64>>::acting(move |call| {
            if call.nth <= TROUBLED && call.nth % sink_fails == 0 {
                return Act::Fail;
            }
            done.lock().unwrap().extend(&call.value);
            Act::Pass
        });
        let window = window.flush_after(ms(40)).unwrap();
        let mut t = TopologyBuilder::new("trouble");
        let numbers = t.spout("numbers", self.feeder.spouts()).message_timeout(s(100)).output();
        let open = async move |cx: &squall::TaskContext| {
            let calls = Arc::clone(&calls);
            let function = from_fn(move |pane: &Pane<'_, u64>| {
                let call = calls.fetch_add(1, Ordering::Relaxed);
                if call < TROUBLED && call % nth == nth - 1 {
                    return Err(Error::retryable("now and then"));
                }
                Ok([pane.tuples().copied().collect::<Vec<_>>()])
            });
            WindowBolt::open(cx, window, function)
        };
        let results = t.bolt_with("window", open).tasks(tasks).fields(numbers, |n| n).output();
        t.bolt_with("sink", sink.bolts()).tasks(tasks).shuffle(results);
        t.build().unwrap()
    }

    fn assert_at_least_once(&self, tuples: u64) {
        self.feeder.tracker().assert_one_outcome_each();
        let mut acked = self.feeder.tracker().acked_ids();
        acked.sort();
        assert_eq!(acked, (0..tuples).collect::<Vec<_>>(), "each root is acked in the end, and once");
        let mut done = self.done.lock().unwrap().clone();
        done.sort();
        done.dedup();
        assert_eq!(done, (0..tuples).collect::<Vec<_>>(), "and was in a result that was done");
    }
}

#[test]
fn windows_on_threads_lose_nothing_either() {
    let trouble = Trouble::new(5_000, 5, 7);
    let window = Window::sliding(Span::Tuples(10), Span::Tuples(4)).unwrap();
    let running = Running::start(trouble.plan(window, 3), Options::default().threads(2)).unwrap();

    let report = running.wait_blocking().unwrap();

    assert_eq!(report.roots().pending, 0);
    trouble.assert_at_least_once(5_000);
}
