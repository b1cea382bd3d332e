//! THE loop of a bolt task.
//!
//! It awaits in four places only: for work, for the bolt, for room downstream, and for its turn on the
//! thread. A panic of user code ends it; the caller catches it and asks [`BoltTask::recover`] to put right
//! what was in hand.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use crate::{
    Bolt, Error, Output, Outputs, Reason,
    anchor::{Anchor, Outcomes},
    batch::{Batch, Run},
    delivery::Verdict,
    host::Host,
    inbox::{Inbox, Received},
    pace::{FLUSH_AFTER, Pace},
    panics::{Panicked, caught_drop},
    port::Ports,
    spin::Spin,
    ticker::Ticker,
};

/// Runs the bolt until its inbox is closed and drained.
pub(crate) async fn run_bolt<B: Bolt>(bolt: &mut B, task: &mut BoltTask<B>) {
    loop {
        match task.rest.next_work().await {
            Work::Batch => execute_batch(bolt, task).await,
            Work::Tick => {
                let BoltTask { out, rest } = &mut *task;
                let result = Attended { future: pin!(bolt.tick(out)), rest }.await;
                task.finish_untied("tick", result);
            }
            Work::Drain => {
                let BoltTask { out, rest } = &mut *task;
                let result = Attended { future: pin!(bolt.drain(out)), rest }.await;
                task.finish_untied("drain", result);
                task.rest.ports.flush(true, &mut task.rest.outcomes).await;
                return;
            }
            Work::Done => return,
        }
        task.rest.settle().await;
    }
}

/// Executes what is in hand, run by run: the tuples of a run share their root.
async fn execute_batch<B: Bolt>(bolt: &mut B, task: &mut BoltTask<B>) {
    while task.next_run() {
        // Not `while let`: its scrutinee would be kept across the await.
        loop {
            let Some(input) = task.rest.next_input() else { break };
            let BoltTask { out, rest } = &mut *task;
            let result = Attended { future: pin!(bolt.execute(input, out)), rest }.await;
            if task.finish_execute(result) {
                task.seal_part();
                task.rest.ports.flush(false, &mut task.rest.outcomes).await;
            }
            if task.rest.pace.step() {
                task.look_at_clock();
            }
        }
        task.seal_run();
    }
}

/// A call of user code. While it awaits something, nothing else of the task is kept back.
struct Attended<'a, F, In> {
    future: Pin<&'a mut F>,
    rest: &'a mut Rest<In>,
}

impl<F: Future, In: Send + 'static> Future for Attended<'_, F, In> {
    type Output = F::Output;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let poll = self.future.as_mut().poll(cx);
        if poll.is_pending() {
            self.rest.while_pending(cx);
        }
        poll
    }
}

/// All of a bolt task that outlives a panic.
pub(crate) struct BoltTask<B: Bolt> {
    out: Output<B::Out>,
    rest: Rest<B::In>,
}

/// The task without its output, which an execute borrows.
struct Rest<In> {
    inbox: Inbox<In>,
    /// What was taken from the inbox and not executed, without the run in progress.
    hand: Batch<In>,
    /// Tuples of the run in progress that are still in `hand.values`.
    left: usize,
    /// A second claim on the root of the run in progress, if it had more than one tuple.
    branch: Anchor,
    outcomes: Outcomes,
    ports: Rc<Ports>,
    host: Rc<dyn Host>,
    ticker: Option<Ticker>,
    pace: Pace,
    spin: Spin,
    /// The inbox was found empty since the last batch, and nothing is kept back.
    is_dry: bool,
    /// The time at the last look at the clock: a look costs as much as an execute.
    now: Instant,
    flushed: Instant,
    turn: Turn,
    /// An execute has answered `Ok` since the bolt was built.
    has_progressed: bool,
    is_drained: bool,
}

/// What becomes of the tuples of one turn. What is neither left, nor skipped, nor given back was executed.
#[derive(Default)]
struct Turn {
    taken: usize,
    skipped: usize,
    refused: usize,
}

enum Work {
    Batch,
    Tick,
    /// The inbox is closed and empty: time for the last words.
    Drain,
    /// They were said before a panic.
    Done,
}

impl<B: Bolt> BoltTask<B> {
    pub(crate) fn new(inbox: Inbox<B::In>, out: Output<B::Out>, tick: Option<Duration>) -> Self {
        let ports = Rc::clone(&out.ports);
        let host = Rc::clone(&ports.host);
        let now = ports.began;
        let rest = Rest {
            inbox,
            hand: Batch::empty(),
            left: 0,
            branch: Anchor::NONE,
            outcomes: Outcomes::default(),
            ports,
            ticker: tick.map(|period| Ticker::new(period, now)),
            pace: Pace::new(now),
            spin: Spin::default(),
            is_dry: false,
            now,
            flushed: now,
            turn: Turn::default(),
            has_progressed: false,
            is_drained: false,
            host,
        };
        Self { out, rest }
    }

    /// A fresh bolt begins.
    pub(crate) fn begin(&mut self, bolt: &B) {
        if self.rest.ticker.is_none()
            && let Some(period) = bolt.tick_period()
        {
            self.rest.ticker = Some(Ticker::new(period, self.rest.ports.began));
        }
        self.rest.has_progressed = false;
    }

    pub(crate) fn has_progressed(&self) -> bool {
        self.rest.has_progressed
    }

    /// Takes up the next run whose root is alive.
    fn next_run(&mut self) -> bool {
        let rest = &mut self.rest;
        while let Some(run) = rest.hand.next_run() {
            if run.anchor.is_failed() {
                rest.skip(run.anchor, run.len);
                continue;
            }
            rest.left = run.len;
            if run.len > 1 {
                rest.branch = run.anchor.branch();
            }
            self.out.anchor = run.anchor;
            return true;
        }
        false
    }

    /// Books the answer of an execute. Returns whether a buffer is full.
    #[inline(always)]
    fn finish_execute(&mut self, result: Result<(), Error>) -> bool {
        match result {
            Ok(()) => self.out.streams.finish(),
            Err(error) => {
                self.refuse(&error);
                false
            }
        }
    }

    #[cold]
    fn refuse(&mut self, error: &Error) {
        let rest = &mut self.rest;
        rest.turn.refused += 1;
        let verdict = rest.ports.probe.refusal(error);
        if self.out.anchor.is_tracked() {
            self.out.anchor.branch().fail_for(verdict.clone());
            // The rest of the run has the same root and would be wasted work.
            let left = std::mem::take(&mut rest.left);
            rest.skip(Anchor::NONE, left);
        } else {
            rest.ports.probe.counters.add_dropped(1);
        }
        self.out.streams.discard(&verdict);
    }

    /// Ties what is finished to the root of the run in progress, which goes on.
    fn seal_part(&mut self) {
        let claim = self.out.anchor.branch();
        self.out.streams.seal(claim, &mut self.rest.outcomes);
    }

    /// The run is done: its claim moves to what it emitted, or is released.
    fn seal_run(&mut self) {
        self.rest.branch.take().ack();
        self.out.streams.seal(self.out.anchor.take(), &mut self.rest.outcomes);
    }

    fn look_at_clock(&mut self) {
        let now = self.rest.look();
        if self.rest.pace.is_over(now) {
            self.rest.put_back();
        }
    }

    /// What a tick or a drain emits belongs to no root.
    fn finish_untied(&mut self, hook: &str, result: Result<(), Error>) {
        match result {
            Ok(()) => {
                self.out.streams.finish();
                self.out.streams.seal(Anchor::NONE, &mut self.rest.outcomes);
            }
            Err(error) => {
                let verdict = self.rest.ports.probe.verdict(Reason::Explicit, &format!("{hook}: {error}"));
                self.out.streams.discard(&Verdict { permanent: error.is_permanent(), ..verdict });
            }
        }
    }

    /// Puts right what a panic left: the root in hand fails, what other executes finished stays to be
    /// sent, and tuples that were not begun go back to the front of the inbox.
    pub(crate) fn recover(&mut self, panicked: &Panicked) {
        let rest = &mut self.rest;
        let verdict = rest.ports.probe.crash(panicked);
        let claim = self.out.anchor.take();
        self.out.streams.seal(claim.branch(), &mut rest.outcomes);
        rest.branch.take().ack();
        if claim.is_tracked() {
            claim.fail_for(verdict.clone());
            let left = std::mem::take(&mut rest.left);
            rest.skip(Anchor::NONE, left);
        } else if rest.turn.taken > 0 {
            // The rest of the run has no root to share the failure with: it goes back below.
            rest.ports.probe.counters.add_dropped(1);
        }
        self.out.streams.discard(&verdict);
        rest.put_back();
        rest.outcomes.tell();
        // The tuple that panicked was taken and not executed; a tick took none.
        rest.turn.taken = rest.turn.taken.saturating_sub(1);
        rest.count();
    }

    /// Waits until everything finished is handed over.
    pub(crate) async fn flush(&mut self) {
        self.rest.ports.flush(true, &mut self.rest.outcomes).await;
    }
}

impl<In: Send + 'static> Rest<In> {
    async fn next_work(&mut self) -> Work {
        let mut has_waited = false;
        let work = poll_fn(|cx| {
            if std::mem::replace(&mut has_waited, true) {
                self.look();
            }
            self.poll_work(cx)
        })
        .await;
        self.pace.begin(self.now);
        work
    }

    fn look(&mut self) -> Instant {
        self.now = self.host.now();
        self.now
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Work> {
        ready!(self.host.poll_budget(cx));
        if self.tick_is_due() {
            self.inbox.stop_waiting(cx);
            return Poll::Ready(Work::Tick);
        }
        if self.spin.is_on() && self.inbox.looks_empty() {
            if !std::mem::replace(&mut self.is_dry, true) {
                self.flush_all(cx);
            }
            self.spin.goes_on(cx);
            return Poll::Pending;
        }
        let Poll::Ready(received) = self.inbox.poll_receive(self.pace.most(), cx) else {
            return self.poll_dry(cx);
        };
        match received {
            Received::Batch(batch) => {
                self.spin.after(batch.len());
                self.is_dry = false;
                self.turn.taken = batch.len();
                self.hand = batch;
                Poll::Ready(Work::Batch)
            }
            Received::Closed if self.is_drained => Poll::Ready(Work::Done),
            Received::Closed => {
                self.is_drained = true;
                Poll::Ready(Work::Drain)
            }
        }
    }

    fn tick_is_due(&mut self) -> bool {
        let now = self.now;
        self.ticker.as_mut().is_some_and(|ticker| ticker.is_due(now))
    }

    /// Nothing to do: nothing may be kept back.
    fn poll_dry(&mut self, cx: &mut Context<'_>) -> Poll<Work> {
        self.flush_all(cx);
        let Some(ticker) = &mut self.ticker else { return Poll::Pending };
        ready!(ticker.poll(&*self.host, cx));
        if ticker.is_due(self.host.now()) {
            self.inbox.stop_waiting(cx);
            return Poll::Ready(Work::Tick);
        }
        // The timer was early: the next poll sets it again.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// An execute awaits something: what others finished goes out, and the tasks that share the inbox may
    /// have what this one cannot get to.
    fn while_pending(&mut self, cx: &mut Context<'_>) {
        self.look();
        self.ports.seal_branch(&self.branch);
        if self.inbox.is_shared() {
            self.put_back();
        }
        self.flush_all(cx);
    }

    fn flush_all(&mut self, cx: &mut Context<'_>) {
        self.outcomes.tell();
        // Pending is as good as ready here: the ports have this task's waker.
        if self.ports.poll_flush(true, self.now, &mut self.outcomes, cx).is_ready() {
            self.outcomes.tell();
        }
    }

    #[inline]
    fn next_input(&mut self) -> Option<In> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        self.hand.next_value()
    }

    fn skip(&mut self, anchor: Anchor, len: usize) {
        self.turn.skipped += len;
        self.outcomes.release(anchor);
        if len == 0 {
            return;
        }
        let skipped = self.hand.take_values(len);
        if let Err(panicked) = caught_drop(skipped) {
            self.ports.probe.report(&format!("the `Drop` of a tuple {panicked}"));
        }
    }

    /// Returns what is not begun to the front of the inbox.
    fn put_back(&mut self) {
        let left = std::mem::take(&mut self.left);
        if left > 0 {
            self.hand.unread(Run { anchor: self.branch.branch(), len: left });
        }
        self.turn.taken -= self.hand.len();
        self.inbox.put_back(std::mem::replace(&mut self.hand, Batch::empty()), self.now);
    }

    /// After a turn: tell outcomes, count, and hand over full batches, or everything once a millisecond.
    async fn settle(&mut self) {
        self.outcomes.tell();
        let now = self.look();
        let executed = self.count();
        let took = self.pace.end(executed, now);
        self.ports.probe.counters.add_busy(took);
        let is_old = now.saturating_duration_since(self.flushed) >= FLUSH_AFTER;
        if is_old {
            self.flushed = now;
        }
        let mut has_waited = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut has_waited, true) {
                self.look();
            }
            let poll = self.ports.poll_flush(is_old, self.now, &mut self.outcomes, cx);
            if poll.is_pending() {
                // Woken or not, room is probably near.
                self.spin.goes_on(cx);
            }
            poll
        })
        .await;
    }

    /// Books the turn. Returns how many tuples were executed.
    fn count(&mut self) -> usize {
        let Turn { taken, skipped, refused } = std::mem::take(&mut self.turn);
        let executed = taken.saturating_sub(self.hand.len() + skipped);
        self.has_progressed |= executed > refused;
        self.ports.probe.counters.add_executed(executed, refused, skipped);
        executed
    }
}
