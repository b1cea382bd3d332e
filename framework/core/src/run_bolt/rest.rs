//! [`Rest`]: a bolt task without its output. It takes work from the inbox, hands over what is finished and
//! watches the clock.

use std::{
    future::poll_fn,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use crate::{
    anchor::{Anchor, Outcomes},
    batch::{Batch, Run},
    host::{Host, LocalFuture},
    inbox::{Inbox, Received},
    orders::{Order, Orders},
    pace::{FLUSH_AFTER, Pace},
    panics::{Panicked, caught_drop},
    port::Ports,
    probe::{Doing, TaskProbe},
    spin::Spin,
    ticker::Ticker,
};

/// The task without its output, which an execute borrows.
pub(super) struct Rest<In> {
    pub(super) inbox: Inbox<In>,
    /// What was taken from the inbox and not executed, without the run in progress.
    pub(super) hand: Batch<In>,
    /// Tuples of the run in progress that are still in `hand.values`.
    pub(super) left: usize,
    /// A second claim on the root of the run in progress, if it had more than one tuple.
    pub(super) branch: Anchor,
    pub(super) outcomes: Outcomes,
    pub(super) ports: Rc<Ports>,
    pub(super) host: Rc<dyn Host>,
    pub(super) orders: Arc<Orders>,
    pub(super) counters: Arc<TaskProbe>,
    pub(super) ticker: Option<Ticker>,
    /// How long a call of user code may await.
    pub(super) limit: Duration,
    /// Set for a call that awaits, at the end of its limit or, left from an earlier one, before.
    pub(super) alarm: Option<LocalFuture<'static, ()>>,
    pub(super) pace: Pace,
    pub(super) spin: Spin,
    /// The inbox was found empty since the last batch, and nothing is kept back.
    pub(super) is_dry: bool,
    /// The time at the last look at the clock: a look costs as much as an execute.
    pub(super) now: Instant,
    pub(super) flushed: Instant,
    pub(super) turn: Turn,
    /// How long the task had been blocked when the turn began.
    pub(super) blocked_before: Duration,
    /// What is finished found no room.
    pub(super) is_backed_up: bool,
    /// An execute has answered `Ok` since the bolt was built.
    pub(super) has_progressed: bool,
    pub(super) is_drained: bool,
    /// It comes to its end because it was told to.
    pub(super) has_retired: bool,
}

/// What becomes of the tuples of one turn. What is neither left, nor skipped, nor given back was executed.
#[derive(Default)]
pub(super) struct Turn {
    pub(super) taken: usize,
    pub(super) skipped: usize,
    pub(super) refused: usize,
    /// Executes that only began a call.
    pub(super) begun: usize,
}

pub(super) enum Work {
    Batch,
    Tick,
    /// The inbox is closed and empty: time for the last words.
    Drain,
    /// The inbox is closed and empty, and the bolt is to be kept.
    Park,
    /// There is nothing more to do.
    Done,
    /// The bolt is to be built anew because somebody asked.
    Restart,
    /// A call has panicked.
    Rebuild(Panicked),
}

impl<In: Send + 'static> Rest<In> {
    /// Waits for work, or until there is `news` of another kind.
    pub(super) async fn next_work(&mut self, mut news: impl FnMut(&mut Context<'_>) -> Option<Work>) -> Work {
        let mut has_waited = false;
        let work = poll_fn(|cx| {
            if std::mem::replace(&mut has_waited, true) {
                self.look();
            }
            if let Some(news) = news(cx) {
                self.inbox.stop_waiting(cx);
                return Poll::Ready(news);
            }
            let poll = self.poll_work(cx);
            if poll.is_pending() {
                self.ports.activity.turn_to(self.doing_nothing(), self.now);
            }
            poll
        })
        .await;
        self.ports.activity.turn_to(Doing::Busy, self.now);
        self.blocked_before = self.ports.activity.blocked();
        self.pace.begin(self.now);
        work
    }

    /// What a task does that has no work to begin.
    fn doing_nothing(&self) -> Doing {
        if self.counters.calls_in_flight() > 0 {
            Doing::Busy
        } else if self.is_backed_up {
            Doing::Blocked
        } else {
            Doing::Idle
        }
    }

    pub(super) fn look(&mut self) -> Instant {
        self.now = self.host.now();
        self.now
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Work> {
        ready!(self.host.poll_budget(cx));
        let told = self.orders.told();
        let order = told.order();
        if matches!(order, Order::Retire | Order::Halt) {
            self.inbox.stop_waiting(cx);
            return Poll::Ready(self.last_work(order));
        }
        if told.asks_restart() && self.orders.take_restart() {
            self.inbox.stop_waiting(cx);
            return Poll::Ready(Work::Restart);
        }
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
            // Asked anew: whoever had the inbox closed has given the order first.
            Received::Closed => Poll::Ready(self.last_work(self.orders.get())),
        }
    }

    /// No more tuples will come, or none are wanted.
    fn last_work(&mut self, order: Order) -> Work {
        self.has_retired = order == Order::Retire;
        match order {
            Order::Park => Work::Park,
            Order::Halt => Work::Done,
            // The last words are said once, even if they panic.
            Order::Run | Order::Retire if std::mem::replace(&mut self.is_drained, true) => Work::Done,
            Order::Run | Order::Retire => Work::Drain,
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

    /// Ready when the call of user code that awaits something has done so until `until`.
    pub(super) fn poll_overdue(&mut self, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
        while self.now < until {
            let alarm = self.alarm.get_or_insert_with(|| self.host.sleep_until(until));
            ready!(alarm.as_mut().poll(cx));
            self.alarm = None;
            self.look();
        }
        Poll::Ready(())
    }

    /// An execute awaits something: what others finished goes out, and the tasks that share the inbox may
    /// have what this one cannot get to.
    pub(super) fn while_pending(&mut self, cx: &mut Context<'_>) {
        self.look();
        self.ports.seal_branch(&self.branch);
        if self.inbox.is_shared() {
            self.put_back();
        }
        self.flush_all(cx);
    }

    pub(super) fn flush_all(&mut self, cx: &mut Context<'_>) {
        self.outcomes.tell();
        // Pending is as good as ready here: the ports have this task's waker.
        self.is_backed_up = self.ports.poll_flush(true, self.now, &mut self.outcomes, cx).is_pending();
        if !self.is_backed_up {
            self.outcomes.tell();
        }
    }

    #[inline]
    pub(super) fn next_input(&mut self) -> Option<In> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        self.hand.next_value()
    }

    pub(super) fn skip(&mut self, anchor: Anchor, len: usize) {
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
    pub(super) fn put_back(&mut self) {
        let left = std::mem::take(&mut self.left);
        if left > 0 {
            self.hand.unread(Run { anchor: self.branch.branch(), len: left });
        }
        self.turn.taken -= self.hand.len();
        self.inbox.put_back(std::mem::replace(&mut self.hand, Batch::empty()), self.now);
    }

    /// After a turn: tell outcomes, count, and hand over full batches, or everything once a millisecond.
    pub(super) async fn settle(&mut self) {
        self.outcomes.tell();
        let now = self.look();
        let begun = self.turn.begun;
        let executed = self.count();
        let took = self.pace.end(executed + begun, now);
        self.record(executed, took);
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
            self.is_backed_up = poll.is_pending();
            if self.is_backed_up {
                self.ports.activity.turn_to(Doing::Blocked, self.now);
                // Woken or not, room is probably near.
                self.spin.goes_on(cx);
            }
            poll
        })
        .await;
    }

    /// So many executes took this long, with the time for which they were blocked.
    pub(super) fn record(&self, executes: usize, took: Duration) {
        if self.counters.has_latency()
            && let Ok(parts) = u32::try_from(executes)
            && parts > 0
        {
            let blocked = self.ports.activity.blocked().saturating_sub(self.blocked_before);
            self.counters.record(took.saturating_sub(blocked) / parts, parts.into());
        }
    }

    /// Books the turn. Returns how many tuples were executed.
    pub(super) fn count(&mut self) -> usize {
        let Turn { taken, skipped, refused, begun } = std::mem::take(&mut self.turn);
        let executed = taken.saturating_sub(self.hand.len() + skipped + begun);
        self.has_progressed |= executed > refused;
        self.ports.probe.counters.add_executed(executed, refused, skipped);
        executed
    }
}
