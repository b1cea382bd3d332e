//! THE loop of a bolt task.
//!
//! It awaits in four places only: for work, for the bolt, for room downstream, and for its turn on the
//! thread. A panic of user code ends it; the caller catches it and asks [`BoltTask::recover`] to put right
//! what was in hand.

mod rest;

use std::{
    future::{Future, poll_fn},
    marker::PhantomData,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::{Duration, Instant},
};

use crate::{
    Bolt, Error, Output, Outputs, Reason,
    anchor::{Anchor, Outcomes},
    batch::Batch,
    concurrent::{CallNews, beside_calls},
    delivery::Verdict,
    inbox::Inbox,
    orders::Orders,
    pace::Pace,
    panics::Panicked,
    probe::Doing,
    spin::Spin,
    ticker::Ticker,
};

use rest::{Rest, Turn, Work};

/// How the loop ended by itself.
pub(crate) enum End {
    /// The inbox is closed and empty, and the bolt has drained.
    Drained,
    /// The inbox is closed and empty; the bolt may go on when it is opened again.
    Parked,
    /// It was asked to be built anew.
    Restart,
}

/// Why the loop was broken off. The tuple in hand has no outcome yet.
pub(crate) enum Broken {
    /// A call of user code awaited something for longer than its limit.
    Overdue,
    /// The task is given up: its work goes on elsewhere.
    Halted,
    /// One of its calls has panicked, and has its outcome. Nothing is in hand.
    Panicked(Panicked),
}

/// Runs the bolt until its inbox is closed and empty.
pub(crate) async fn run_bolt<B: Bolt>(bolt: &mut B, task: &mut BoltTask<B>) -> Result<End, Broken> {
    loop {
        match next_work(bolt, task).await {
            Work::Batch => execute_batch(bolt, task).await?,
            Work::Tick => {
                let BoltTask { out, rest } = &mut *task;
                let result = Attended::<_, _, Limited>::new(pin!(bolt.tick(out)), rest).await?;
                task.finish_untied("tick", result);
            }
            Work::Drain => {
                settle_calls(bolt, task).await?;
                let BoltTask { out, rest } = &mut *task;
                let result = Attended::<_, _, Limited>::new(pin!(bolt.drain(out)), rest).await?;
                task.finish_untied("drain", result);
                task.flush().await;
                return Ok(End::Drained);
            }
            Work::Park => {
                settle_calls(bolt, task).await?;
                task.flush().await;
                return Ok(End::Parked);
            }
            Work::Done => return Ok(End::Drained),
            Work::Restart => return Ok(End::Restart),
            Work::Rebuild(panicked) => {
                let BoltTask { out, rest } = &mut *task;
                Attended::<_, _, Endless>::new(pin!(bolt.before_rebuild(out)), rest).await?;
                return Err(Broken::Panicked(panicked));
            }
        }
        let BoltTask { out, rest } = &mut *task;
        beside_calls(bolt, out, rest.settle()).await;
    }
}

/// Waits for work, while the calls of the bolt go on.
async fn next_work<B: Bolt>(bolt: &mut B, task: &mut BoltTask<B>) -> Work {
    let BoltTask { out, rest } = task;
    let news = |cx: &mut Context<'_>| {
        if !B::ANSWERS_LATER {
            return None;
        }
        bolt.poll_calls(out, cx);
        out.calls.broken.clone().map(Work::Rebuild)
    };
    rest.next_work(news).await
}

/// Waits until no call is under way.
async fn settle_calls<B: Bolt>(bolt: &mut B, task: &mut BoltTask<B>) -> Result<(), Broken> {
    if !B::ANSWERS_LATER {
        return Ok(());
    }
    let BoltTask { out, rest } = task;
    Attended::<_, _, Endless>::new(pin!(bolt.settle_calls(out)), rest).await
}

/// Executes what is in hand, run by run: the tuples of a run share their root.
async fn execute_batch<B: Bolt>(bolt: &mut B, task: &mut BoltTask<B>) -> Result<(), Broken> {
    while task.next_run() {
        // Not `while let`: its scrutinee would be kept across the await.
        loop {
            if task.rest.counters.beat() {
                return Err(Broken::Halted);
            }
            let Some(input) = task.rest.next_input() else { break };
            let BoltTask { out, rest } = &mut *task;
            let result = Attended::<_, _, ForCalls<B>>::new(pin!(bolt.execute(input, out)), rest).await?;
            if B::ANSWERS_LATER {
                task.finish_begin();
            }
            if task.finish_execute(result) {
                if task.rest.orders.is_halted() {
                    return Err(Broken::Halted);
                }
                task.seal_part();
                let BoltTask { out, rest } = &mut *task;
                beside_calls(bolt, out, rest.ports.flush(false, &mut rest.outcomes)).await;
            }
            if task.rest.pace.step() {
                task.look_at_clock();
            }
        }
        task.seal_run();
    }
    Ok(())
}

/// A call of user code. While it awaits something, nothing else of the task is kept back; it may do so
/// until its limit.
struct Attended<'a, F, In, P> {
    future: Pin<&'a mut F>,
    rest: &'a mut Rest<In>,
    /// The end of its limit, once it has awaited something.
    until: Option<Instant>,
    patience: PhantomData<fn() -> P>,
}

/// Whether a call has no limit, because it awaits calls that have limits of their own. A type, for a flag would be
/// stored for every tuple.
trait Patience {
    const IS_ENDLESS: bool;
}

struct Limited;
struct Endless;
struct ForCalls<B>(PhantomData<B>);

impl Patience for Limited {
    const IS_ENDLESS: bool = false;
}

impl Patience for Endless {
    const IS_ENDLESS: bool = true;
}

impl<B: Bolt> Patience for ForCalls<B> {
    const IS_ENDLESS: bool = B::ANSWERS_LATER;
}

impl<'a, F, In, P> Attended<'a, F, In, P> {
    #[inline(always)]
    fn new(future: Pin<&'a mut F>, rest: &'a mut Rest<In>) -> Self {
        Self { future, rest, until: None, patience: PhantomData }
    }
}

impl<F: Future, In: Send + 'static, P: Patience> Future for Attended<'_, F, In, P> {
    type Output = Result<F::Output, Broken>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(answer) = self.future.as_mut().poll(cx) {
            return Poll::Ready(Ok(answer));
        }
        let Self { rest, until, .. } = &mut *self;
        rest.while_pending(cx);
        if P::IS_ENDLESS || rest.ports.is_awaited.get() {
            // Its time begins anew when it waits for something else.
            *until = None;
            return Poll::Pending;
        }
        let until = *until.get_or_insert(rest.now + rest.limit);
        ready!(rest.poll_overdue(until, cx));
        Poll::Ready(Err(Broken::Overdue))
    }
}

/// So long that it makes no difference, and that the clock can still add it.
pub(crate) const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Under which terms a bolt task works.
pub(crate) struct Terms {
    pub(crate) orders: Arc<Orders>,
    /// The period of `tick`.
    pub(crate) tick: Option<Duration>,
    /// How long a call may await.
    pub(crate) limit: Duration,
}

/// All of a bolt task that outlives a panic.
pub(crate) struct BoltTask<B: Bolt> {
    out: Output<B::Out>,
    rest: Rest<B::In>,
}

impl<B: Bolt> BoltTask<B> {
    pub(crate) fn new(inbox: Inbox<B::In>, out: Output<B::Out>, terms: Terms) -> Self {
        let Terms { orders, tick, limit } = terms;
        let limit = limit.min(FOR_EVER);
        let ports = Rc::clone(&out.ports);
        let host = Rc::clone(&ports.host);
        let now = ports.began;
        let rest = Rest {
            inbox,
            hand: Batch::empty(),
            left: 0,
            branch: Anchor::NONE,
            outcomes: Outcomes::default(),
            counters: Arc::clone(&ports.probe.counters),
            ports,
            orders,
            limit,
            alarm: None,
            ticker: tick.map(|period| Ticker::new(period, now)),
            pace: Pace::new(now),
            spin: Spin::default(),
            is_dry: false,
            now,
            flushed: now,
            turn: Turn::default(),
            blocked_before: Duration::ZERO,
            is_backed_up: false,
            has_progressed: false,
            is_drained: false,
            has_retired: false,
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
        self.out.calls = CallNews::default();
        self.rest.look();
        self.rest.ports.activity.turn_to(Doing::Idle, self.rest.now);
    }

    /// It does not run for now.
    pub(crate) fn turn_off(&self) {
        self.rest.ports.turn_off();
    }

    /// How long a call may await.
    pub(crate) fn limit(&self) -> Duration {
        self.rest.limit
    }

    pub(crate) fn has_progressed(&self) -> bool {
        self.rest.has_progressed || self.out.calls.has_progressed
    }

    /// Whether it came to its end because it was told to.
    pub(crate) fn has_retired(&self) -> bool {
        self.rest.has_retired
    }

    /// Whether a call has panicked since the bolt was built.
    pub(crate) fn is_broken(&self) -> bool {
        self.out.calls.broken.is_some()
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

    /// An execute has begun a call. If one has panicked, the tuples in hand are for the next bolt.
    fn finish_begin(&mut self) {
        self.rest.turn.begun += 1;
        if self.is_broken() {
            self.rest.put_back();
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

    /// Puts right what a panic, or a call past its limit, left: the root in hand fails, what other
    /// executes finished stays to be sent, and tuples that were not begun go back to the front of the inbox.
    pub(crate) fn recover(&mut self, reason: Reason, message: &str) {
        let rest = &mut self.rest;
        let verdict = rest.ports.probe.verdict(reason, message);
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
        // The tuple in hand was taken and not executed; a tick took none.
        rest.turn.taken = rest.turn.taken.saturating_sub(1);
        let executed = rest.count();
        if executed > 0 && !B::ANSWERS_LATER {
            // It had its share of the turn.
            let now = rest.look();
            let share = rest.pace.took(now) / (executed as u32 + 1) * executed as u32;
            rest.record(executed, share);
        }
    }

    /// Awaits something else while the calls of a bolt that failed go on.
    pub(crate) async fn beside_calls_of<F: Future>(&mut self, bolt: &mut B, other: F) -> F::Output {
        let mut other = pin!(other);
        poll_fn(|cx| {
            self.rest.counters.enter();
            bolt.poll_calls(&mut self.out, cx);
            self.rest.counters.leave();
            self.rest.look();
            self.rest.flush_all(cx);
            other.as_mut().poll(cx)
        })
        .await
    }

    /// Hands over what there is room for, and follows the links.
    pub(crate) fn look_at_links(&mut self) {
        self.rest.flush_all(&mut Context::from_waker(Waker::noop()));
    }

    /// Waits until everything finished is handed over.
    pub(crate) async fn flush(&mut self) {
        self.rest.ports.flush(true, &mut self.rest.outcomes).await;
    }
}
