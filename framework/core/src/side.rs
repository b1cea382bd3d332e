//! [`Side`]: a spout task without what a pending `next` borrows. Here the loop rests, watches the clock and
//! hands over.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    sync::Arc as StdArc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use crate::{
    alarm::Alarm,
    anchor::{Home, Outcomes},
    host::{Control, Host, LocalFuture, Phase},
    orders::{Order, Orders, ToldTask},
    pace::{FLUSH_AFTER, Pace},
    port::Ports,
    probe::Doing,
    slots::Ledger,
    spin::Spin,
    sync::Arc,
    ticker::Ticker,
};

/// The longest sleep of a spout that answers [`Next::Idle`](crate::Next::Idle).
const IDLE_MOST: Duration = Duration::from_millis(20);
const IDLE_LEAST: Duration = Duration::from_millis(1);
/// The longest that outcomes wait for a `next` that was interrupted again and again.
const PATIENCE_MOST: Duration = Duration::from_millis(100);

/// What a spout task would do next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Call `next`.
    Emit,
    /// Hand over everything and tell downstream, or end.
    Finish,
    /// There is nothing to do before an outcome or a command arrives.
    Wait,
}

/// The task without what a pending `next` borrows.
pub(crate) struct Side {
    pub(crate) control: StdArc<Control>,
    pub(crate) orders: StdArc<Orders>,
    /// What the topology and this task were told when the turn began.
    told: (Phase, ToldTask),
    pub(crate) home: Arc<Home>,
    pub(crate) ports: Rc<Ports>,
    host: Rc<dyn Host>,
    pub(crate) outcomes: Outcomes,
    pub(crate) ledger: Rc<Ledger>,
    sweeper: Ticker,
    sweep_is_due: bool,
    started: Instant,
    pub(crate) pace: Pace,
    pub(crate) spin: Spin,
    /// The time at the last look at the clock.
    pub(crate) now: Instant,
    flushed: Instant,
    /// The ports have room again.
    pub(crate) is_flushed: bool,
    pub(crate) is_closed: bool,
    pub(crate) idle: Option<Duration>,
    /// How long a pending `next` is left alone although something has arrived.
    pub(crate) patience: Duration,
    timer: Timer,
    /// When a root is to be emitted again.
    pub(crate) alarm: Alarm,
}

/// One timer serves the idle sleep and the patience; it is set by the first poll of a wait.
#[derive(Default)]
enum Timer {
    #[default]
    Unset,
    Set(LocalFuture<'static, ()>),
    Over,
}

impl Side {
    pub(crate) fn new(
        home: Arc<Home>,
        ledger: Rc<Ledger>,
        ports: Rc<Ports>,
        control: StdArc<Control>,
        orders: StdArc<Orders>,
    ) -> Self {
        let host = Rc::clone(&ports.host);
        let now = host.now();
        Self {
            told: (control.phase(), orders.told()),
            control,
            orders,
            home,
            ports,
            outcomes: Outcomes::default(),
            sweeper: Ticker::new(ledger.sweep_period(), now),
            ledger,
            sweep_is_due: false,
            started: now,
            pace: Pace::new(now),
            spin: Spin::default(),
            now,
            flushed: now,
            is_flushed: true,
            is_closed: false,
            idle: None,
            patience: Duration::ZERO,
            timer: Timer::Unset,
            alarm: Alarm::default(),
            host,
        }
    }

    /// The wait for `next` is over: the next one sets the timer anew.
    pub(crate) fn reset_timer(&mut self) {
        self.timer = Timer::Unset;
    }

    /// Notes what is told now. Returns the phase of this task: one that retires drains by itself, and one that is
    /// paused waits by itself.
    pub(crate) fn update_phase(&mut self) -> Phase {
        self.told = (self.control.phase(), self.orders.told());
        let (phase, task) = self.told;
        phase.max(task.phase())
    }

    /// Whether roots that wait for their next attempt may have it. One that retires waits for their outcomes.
    pub(crate) fn may_emit_again(&self) -> bool {
        self.control.phase() == Phase::Running && self.orders.told().phase() != Phase::Paused
    }

    /// Whether the spout is to be built anew. Said once.
    pub(crate) fn takes_restart(&self) -> bool {
        self.told.1.asks_restart() && self.orders.take_restart()
    }

    /// Whether this task alone was told to come to its end.
    pub(crate) fn retires(&self) -> bool {
        self.told.1.order() == Order::Retire
    }

    /// Whether another thing is told than at the begin of the turn.
    pub(crate) fn has_other_phase(&self) -> bool {
        self.told != (self.control.phase(), self.orders.told())
    }

    /// Hands everything over. Ready when that is done, or when something cannot wait for it.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = self.look();
        self.is_flushed = self.ports.poll_flush(true, now, &mut self.outcomes, cx).is_ready();
        self.outcomes.tell();
        if self.is_flushed || self.poll_other_phase(cx).is_ready() || self.home.poll_arrivals(cx).is_ready() {
            return Poll::Ready(());
        }
        self.turn_to(Doing::Blocked);
        if self.ledger.pending() > 0 { self.poll_sweep(cx) } else { Poll::Pending }
    }

    /// The task does this from now on.
    #[inline]
    pub(crate) fn turn_to(&self, doing: Doing) {
        self.ports.activity.turn_to(doing, self.now);
    }

    pub(crate) fn follow_links(&mut self, cx: &mut Context<'_>) {
        let now = self.look();
        self.is_flushed = self.ports.poll_flush(true, now, &mut self.outcomes, cx).is_ready();
        self.outcomes.tell();
    }

    fn poll_other_phase(&self, cx: &mut Context<'_>) -> Poll<()> {
        // Whoever gives another order wakes the task.
        if self.has_other_phase() { Poll::Ready(()) } else { self.control.poll_changed(self.told.0, cx) }
    }

    /// Between two turns: hand over, and wait until there is something to do.
    pub(crate) async fn rest(&mut self, wish: Wish) {
        let now = self.now;
        let idle_until = self.idle.filter(|_| wish == Wish::Emit).map(|time| now + time);
        let is_old = now.saturating_duration_since(self.flushed) >= FLUSH_AFTER;
        let all = wish != Wish::Emit || idle_until.is_some() || is_old;
        if all {
            self.flushed = now;
        }
        let goes_on = wish == Wish::Finish || (wish == Wish::Emit && idle_until.is_none());
        let mut has_waited = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut has_waited, true) {
                self.look();
            }
            ready!(self.host.poll_budget(cx));
            self.is_flushed = self.ports.poll_flush(all, self.now, &mut self.outcomes, cx).is_ready();
            self.outcomes.tell();
            if self.is_flushed && goes_on {
                return Poll::Ready(());
            }
            self.turn_to(if self.is_flushed { Doing::Idle } else { Doing::Blocked });
            // While it looks again and again it asks no lock.
            if self.spin.is_on() && !self.home.has_arrivals() && self.spin.goes_on(cx) {
                return Poll::Pending;
            }
            let arrived = self.home.poll_arrivals(cx).is_ready();
            if arrived || self.poll_other_phase(cx).is_ready() || self.poll_sweep(cx).is_ready() {
                return Poll::Ready(());
            }
            // A blocked port wakes the task itself, and there is nothing else to do before.
            if self.is_flushed && self.alarm.poll(&*self.host, cx).is_ready() {
                return Poll::Ready(());
            }
            idle_until.map_or(Poll::Pending, |until| self.poll_timer(until, cx))
        })
        .await;
        self.timer = Timer::Unset;
    }

    /// Awaits a call of user code; nothing is kept back meanwhile.
    pub(crate) async fn attend<T>(&mut self, call: impl Future<Output = T>) -> T {
        let mut call = pin!(call);
        poll_fn(|cx| {
            let poll = call.as_mut().poll(cx);
            if poll.is_pending() {
                let now = self.look();
                self.is_flushed = self.ports.poll_flush(true, now, &mut self.outcomes, cx).is_ready();
                self.outcomes.tell();
            }
            poll
        })
        .await
    }

    /// While `next` awaits something: nothing is kept back; ready when the spout is needed elsewhere.
    pub(crate) fn poll_interrupt(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // What was tracked counts from now on, not from the end of the turn.
        self.publish();
        let now = self.look();
        self.is_flushed = self.ports.poll_flush(true, now, &mut self.outcomes, cx).is_ready();
        self.outcomes.tell();
        self.turn_to(Doing::Idle);
        if self.poll_other_phase(cx).is_ready() {
            return Poll::Ready(());
        }
        // A timeout is not put off. It cannot starve `next` either: sooner or later nothing is pending.
        if self.ledger.pending() > 0 && self.poll_sweep(cx).is_ready() {
            return Poll::Ready(());
        }
        if self.patience > Duration::ZERO {
            let until = self.now + self.patience;
            ready!(self.poll_timer(until, cx));
        }
        if !self.is_flushed || self.alarm.poll(&*self.host, cx).is_pending() {
            ready!(self.home.poll_arrivals(cx));
        }
        // A `next` that never gets to its end would starve: leave it alone for longer next time.
        self.patience = (self.patience * 2).clamp(IDLE_LEAST, PATIENCE_MOST);
        Poll::Ready(())
    }

    pub(crate) fn publish(&self) {
        self.ledger.tell_acks();
        self.ports.probe.counters.set_roots(self.ledger.counts());
    }

    /// A pending `next` is polled again, some time later.
    pub(crate) fn wake_up(&mut self) {
        self.look();
        self.turn_to(Doing::Busy);
        self.update_time();
    }

    pub(crate) fn update_time(&mut self) {
        self.ledger.set_time(self.now.saturating_duration_since(self.started));
    }

    fn poll_timer(&mut self, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if let Timer::Unset = self.timer {
            self.timer = Timer::Set(self.host.sleep_until(until));
        }
        if let Timer::Set(timer) = &mut self.timer {
            ready!(timer.as_mut().poll(cx));
            self.timer = Timer::Over;
        }
        Poll::Ready(())
    }

    /// Downstream learns that nothing more will come.
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
        self.ports.close();
    }

    fn poll_sweep(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.sweeper.poll(&*self.host, cx));
        let now = self.look();
        self.sweep_is_due = self.sweeper.is_due(now);
        if !self.sweep_is_due {
            // The timer was early: the next poll sets it again.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    pub(crate) fn sweep_is_due(&mut self) -> bool {
        std::mem::take(&mut self.sweep_is_due) || self.sweeper.is_due(self.now)
    }

    pub(crate) fn turn_took(&mut self) -> Duration {
        let now = self.look();
        self.update_time();
        self.pace.took(now)
    }

    pub(crate) fn look(&mut self) -> Instant {
        self.now = self.host.now();
        self.now
    }

    pub(crate) fn idle_for_longer(&mut self) {
        self.idle = Some(self.idle.map_or(IDLE_LEAST, |time| (time * 2).min(IDLE_MOST)));
    }
}
