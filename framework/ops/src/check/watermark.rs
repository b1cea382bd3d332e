//! [`Watermark`]: event time that stands still while data flows.

use std::time::{Duration, SystemTime};

use super::{Bound, Check, Probe, Reading, View};

/// A check of the watermark of a component that goes by event time.
#[derive(Clone, Copy, Debug)]
pub struct Watermark;

impl Watermark {
    /// A check of the seconds that the watermark of a component has not moved while tuples were executed; more than a
    /// minute of them is too much.
    ///
    /// `ask` is called once a second and should answer at once; `None` is no watermark yet. Windows tell it to
    /// whoever shows it to them.
    ///
    /// ```
    /// use squall_ops::Watermark;
    ///
    /// let check = Watermark::check("clicks", "by-minute", || Some(1_700_000_000_000));
    /// assert_eq!(check.name(), "watermark-clicks-by-minute");
    /// ```
    pub fn check(
        topology: impl Into<String>,
        component: impl Into<String>,
        ask: impl FnMut() -> Option<i64> + Send + 'static,
    ) -> Check {
        let (topology, component) = (topology.into(), component.into());
        let name = format!("watermark-{topology}-{component}");
        let follow = Follow { topology, component, ask, mark: None, stands: Duration::ZERO, before: None };
        Check::new(name, Bound::Above(60.0), follow)
            .unit("s")
            .lasting(Duration::from_secs(1))
            .what_to_do("look for a source that is silent, or whose timestamps do not go on")
            .runbook("#watermark")
    }
}

struct Follow<F> {
    topology: String,
    component: String,
    ask: F,
    mark: Option<i64>,
    /// How long it has stood still while something was executed.
    stands: Duration,
    /// When was looked last, and how much had been executed.
    before: Option<(SystemTime, u64)>,
}

impl<F: FnMut() -> Option<i64> + Send> Probe for Follow<F> {
    fn probe(&mut self, view: View<'_>) -> Vec<Reading> {
        let there = view.seen.topology(&self.topology);
        let Some(component) = there.and_then(|there| there.status.component(&self.component)) else {
            return Vec::new();
        };
        let mark = (self.ask)();
        let executed = component.executed;
        let before = self.before.replace((view.seen.at, executed));
        let Some((then, executed_before)) = before else {
            self.mark = mark;
            return Vec::new();
        };
        if mark != self.mark {
            (self.mark, self.stands) = (mark, Duration::ZERO);
        } else if executed > executed_before {
            // Time in which nothing comes moves no watermark, and is nobody's fault.
            self.stands += view.seen.at.duration_since(then).unwrap_or_default();
        }
        let seconds = self.stands.as_secs_f64();
        let sentence = format!(
            "`{}` executes tuples, and its watermark has not moved for {seconds:.0} s of them",
            self.component
        );
        vec![Reading::new(seconds).about(&self.topology, &self.component).sentence(sentence)]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Instant;

    use squall_core::{Bolt, Emit, Next, Output, Spout, SpoutOutput};
    use squall_runtime::{Options, Running};
    use squall_topology::TopologyBuilder;
    use tokio::sync::watch;

    use super::*;
    use crate::seen::{Seen, Span, TopologySeen};
    use crate::{Check, History};

    /// Has as many numbers as it was told to have.
    struct Told {
        told: watch::Receiver<u32>,
        next: u32,
    }

    impl Spout for Told {
        type Id = u32;
        type Out = Emit<u32>;

        async fn next(&mut self, out: &mut SpoutOutput<Emit<u32>, u32>) -> squall_core::Result<Next> {
            let next = self.next;
            drop(self.told.wait_for(|told| *told > next).await);
            self.next += 1;
            out.track(self.next).emit(self.next);
            Ok(Next::Emitted)
        }
    }

    struct Window;

    impl Bolt for Window {
        type In = u32;
        type Out = ();

        async fn execute(&mut self, _: u32, _: &mut Output<()>) -> squall_core::Result<()> {
            Ok(())
        }
    }

    /// A topology that is looked at, with a clock and a watermark that are told.
    struct Bed {
        running: Running,
        tell: watch::Sender<u32>,
        mark: Arc<AtomicI64>,
        check: Check,
        now: SystemTime,
    }

    impl Bed {
        fn start() -> Self {
            let (tell, told) = watch::channel(0);
            let mut topology = TopologyBuilder::new("t");
            let numbers = topology.spout("in", move || Told { told: told.clone(), next: 0 }).output();
            topology.bolt("window", || Window).shuffle(numbers);
            let running = Running::start(topology.build().unwrap(), Options::default().threads(1)).unwrap();
            let mark = Arc::new(AtomicI64::new(0));
            let shown = Arc::clone(&mark);
            let check = Watermark::check("t", "window", move || Some(shown.load(Ordering::Relaxed)));
            Self { running, tell, mark, check, now: SystemTime::now() }
        }

        /// A number goes through.
        async fn flows(&self) {
            let so_many = *self.tell.borrow() + 1;
            self.tell.send_replace(so_many);
            while self.running.status().roots.acked < u64::from(so_many) {
                tokio::task::yield_now().await;
            }
        }

        /// So many seconds after the last look.
        fn look(&mut self, seconds: u64) -> Option<f64> {
            self.now += Duration::from_secs(seconds);
            let span = Span::new(0, Instant::now(), self.running.status());
            let seen = Seen { at: self.now, topologies: vec![TopologySeen::between("t", "", &span)] };
            let history = History::default();
            let readings = self.check.probe.lock().unwrap().probe(View { seen: &seen, history: &history });
            readings.first().map(|reading| reading.value)
        }
    }

    #[tokio::test]
    async fn only_time_in_which_data_flows_counts_until_the_watermark_moves() {
        let mut bed = Bed::start();
        assert_eq!(bed.look(1), None, "one look shows no movement");

        bed.flows().await;
        assert_eq!(bed.look(30), Some(30.0));
        assert_eq!(bed.look(600), Some(30.0), "nothing came, so nothing had to move");
        bed.flows().await;
        assert_eq!(bed.look(40), Some(70.0));
        assert!(bed.check.bound().is_broken_by(70.0));

        bed.mark.store(5, Ordering::Relaxed);
        bed.flows().await;
        assert_eq!(bed.look(1), Some(0.0), "it moved");
        bed.running.kill();
        bed.running.wait().await.unwrap();
    }
}
