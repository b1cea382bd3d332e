use std::time::{Duration, SystemTime};

use squall_core::{Bolt, ConcurrentBolt, Emit, Next, Output, Result, Spout, SpoutOutput};
use squall_runtime::{Options, Running};
use squall_testkit::{advance, virtual_time};
use squall_topology::TopologyBuilder;
use tokio::time::{Instant, sleep};

use super::*;
use crate::history::History;
use crate::seen::{Seen, Span};

/// Emits as fast as it may, or one every so often.
struct Lines(Duration);

impl Spout for Lines {
    type Id = ();
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, ()>) -> Result<Next> {
        if !self.0.is_zero() {
            sleep(self.0).await;
        }
        out.track(()).emit(7);
        Ok(Next::Emitted)
    }
}

/// Takes so long for each.
struct Takes(Duration);

impl Bolt for Takes {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, line: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        if !self.0.is_zero() {
            sleep(self.0).await;
        }
        out.emit(line);
        Ok(())
    }
}

/// Calls that take so long.
struct Calls(Duration);

impl ConcurrentBolt for Calls {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&self, line: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        sleep(self.0).await;
        out.emit(line);
        Ok(())
    }
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// `lines -> parse -> publish -> archive`, of which `publish` takes long; so many tasks, so much room.
fn chain(every: Duration, publish: Duration, tasks: usize, inbox: usize) -> TopologyBuilder {
    let mut t = TopologyBuilder::new("posts");
    let lines = t.spout("lines", move || Lines(every)).max_pending(1_000).output();
    let parsed = t.bolt("parse", || Takes(Duration::ZERO)).inbox(inbox).shuffle(lines).output();
    let publish = t.bolt("publish", move || Takes(publish)).tasks(tasks).inbox(inbox).shuffle(parsed);
    let published = publish.output();
    t.bolt("archive", || Takes(Duration::ZERO)).shuffle(published);
    t
}

/// Who is named after a quarter of a minute, and who waits for them.
fn named(t: TopologyBuilder) -> Vec<(String, Vec<String>)> {
    let plan = t.build().unwrap();
    virtual_time(async || {
        let running = Running::start_here(&plan, &Options::default());
        let mut span = Span::new(0, Instant::now().into_std(), running.status());
        for _ in 0..15 {
            advance(Duration::from_secs(1)).await;
            span.look(0, Instant::now().into_std(), running.status());
        }
        let topologies = vec![crate::TopologySeen::between("posts", "", &span)];
        let seen = Seen { at: SystemTime::now(), topologies };
        let readings = Bottleneck.probe(View { seen: &seen, history: &History::default() });
        running.kill();
        running.wait().await.unwrap();
        let broken = readings.into_iter().filter(|reading| Bound::Above(FULL).is_broken_by(reading.value));
        broken.map(|reading| (reading.component.unwrap(), reading.waits)).collect()
    })
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_slow_bolt_is_named_and_not_those_that_are_blocked_by_it() {
    let slow = chain(Duration::ZERO, ms(10), 1, 16);

    assert_eq!(named(slow), [("publish".to_owned(), names(&["parse", "lines"]))]);
}

#[test]
fn a_slow_bolt_with_a_large_inbox_is_what_the_spout_waits_for() {
    // Nobody is blocked: the spout may have no more in flight than fits.
    let slow = chain(Duration::ZERO, ms(10), 1, 4_096);

    assert_eq!(named(slow), [("publish".to_owned(), names(&["lines"]))]);
}

#[test]
fn nobody_is_named_where_all_keep_up() {
    assert_eq!(named(chain(ms(20), ms(10), 1, 16)), []);
}

#[test]
fn with_enough_tasks_the_bottleneck_is_gone() {
    assert_eq!(named(chain(ms(5), ms(10), 1, 16)).len(), 1);
    assert_eq!(named(chain(ms(5), ms(10), 4, 16)), []);
}

#[test]
fn a_concurrent_bolt_is_named_when_all_its_calls_are_under_way() {
    let chain = |every, concurrency| {
        let mut t = TopologyBuilder::new("posts");
        let lines = t.spout("lines", move || Lines(every)).output();
        t.concurrent_bolt("ask", || Calls(ms(100))).concurrency(concurrency).inbox(16).shuffle(lines);
        t
    };

    assert_eq!(named(chain(ms(5), 4)), [("ask".to_owned(), names(&["lines"]))]);
    assert_eq!(named(chain(ms(5), 64)), []);
}
