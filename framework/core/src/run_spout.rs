//! THE loop of a spout task.
//!
//! A turn delivers outcomes, then calls `next` until a batch is full, then hands over. The loop awaits in
//! `next`, `ack` and `fail`, and in [`Side::rest`]; a pending `next` is dropped when an outcome or a
//! command arrives, for both need the spout.

use std::{
    future::poll_fn,
    pin::pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Waker},
    vec,
};

use crate::{
    Error, Next, Result, Spout, SpoutOutput,
    anchor::Told,
    batch::BATCH,
    host::{Control, Phase},
    orders::Orders,
    pace::FLUSH_AFTER,
    panics::{Panicked, drop_caught},
    port::Ports,
    probe::Doing,
    side::{Side, Wish},
    slots::Outcome,
};

/// How the loop ended by itself.
pub(crate) enum End {
    /// The spout has ended or was stopped, and every root has its outcome.
    Over,
    /// It was asked to be built anew.
    Restart,
}

/// Runs the spout until it has ended or was stopped, and every root has its outcome.
pub(crate) async fn run_spout<S: Spout>(spout: &mut S, task: &mut SpoutTask<S>) -> Result<End> {
    loop {
        deliver_outcomes(spout, task).await;
        if task.side.orders.is_halted() {
            return Ok(End::Over);
        }
        let phase = task.side.update_phase();
        if phase == Phase::Stopping {
            return abandon(spout, task).await;
        }
        if task.side.takes_restart() {
            return Ok(End::Restart);
        }
        deactivate(spout, task, phase).await;
        if !task.may_replay() {
            fail_waiting(spout, task).await;
        }
        task.emit_due();
        if task.side.is_flushed && task.wish(phase) == Wish::Emit {
            emit(spout, task).await?;
        }
        let wish = task.wish(phase);
        task.side.rest(wish).await;
        if wish == Wish::Finish && task.side.is_flushed {
            if task.side.control.phase() == Phase::Draining {
                // Downstream may drain while this spout waits for its outcomes.
                task.side.close();
            }
            if task.is_over(phase) {
                task.is_closing = true;
                spout.close().await;
                return Ok(End::Over);
            }
        }
    }
}

/// Calls `next` until there is a batch, or a reason to look around.
async fn emit<S: Spout>(spout: &mut S, task: &mut SpoutTask<S>) -> Result<()> {
    task.begin_turn();
    for _ in 0..BATCH {
        let answer = {
            let SpoutTask { out, side, .. } = &mut *task;
            side.ports.probe.counters.beat();
            let mut next = pin!(spout.next(out));
            let mut has_waited = false;
            poll_fn(|cx| {
                if has_waited {
                    side.wake_up();
                }
                let poll = next.as_mut().poll(cx);
                has_waited = poll.is_pending();
                if has_waited { side.poll_interrupt(cx).map(|()| None) } else { poll.map(Some) }
            })
            .await
        };
        if task.finish_next(answer)? || task.should_look_around() {
            break;
        }
    }
    task.end_turn();
    Ok(())
}

/// Tells the spout what became of its roots.
async fn deliver_outcomes<S: Spout>(spout: &mut S, task: &mut SpoutTask<S>) {
    // A panic may have left some of the last ones.
    if task.told.len() == 0 && task.side.home.has_arrivals() {
        task.collect();
    }
    if task.told.len() > 0 {
        task.side.turn_to(Doing::Busy);
        task.side.update_time();
        while let Some(told) = task.told.next() {
            if let Some(outcome) = task.settle(told) {
                tell(spout, task, outcome).await;
            }
        }
        task.side.look();
    }
    if task.side.sweep_is_due() {
        task.side.update_time();
        task.out.slots.book_resets();
        let mut at = 0;
        while let Some((slot, failure)) = task.out.slots.next_overdue(at) {
            at = slot + 1;
            let may_replay = task.may_replay();
            if let Some(outcome) = task.out.fail(slot, failure, may_replay, task.side.now) {
                tell(spout, task, outcome).await;
            }
        }
    }
    task.publish();
}

async fn tell<S: Spout>(spout: &mut S, task: &mut SpoutTask<S>, outcome: Outcome<S::Id>) {
    task.side.ports.probe.counters.beat();
    match outcome {
        Outcome::Acked(id) => {
            task.has_progressed = true;
            task.side.attend(spout.ack(id)).await;
        }
        Outcome::Failed(id, failure) => {
            // The spout may want to replay it.
            task.is_ended = false;
            task.side.attend(spout.failed(id, *failure)).await;
        }
    }
}

/// Tells the spout, once, that it is not asked for more.
async fn deactivate<S: Spout>(spout: &mut S, task: &mut SpoutTask<S>, phase: Phase) {
    let is_active = phase == Phase::Running;
    if task.is_active && !is_active {
        task.side.attend(spout.deactivate()).await;
    }
    task.is_active = is_active;
}

/// Nothing is emitted any more: what waits to be emitted again fails now.
async fn fail_waiting<S: Spout>(spout: &mut S, task: &mut SpoutTask<S>) {
    while let Some(outcome) = task.out.fail_waiting() {
        tell(spout, task, outcome).await;
        task.side.publish();
    }
}

/// The topology stops: what is pending fails.
async fn abandon<S: Spout>(spout: &mut S, task: &mut SpoutTask<S>) -> Result<End> {
    task.side.close();
    let mut at = 0;
    while let Some((slot, failure)) = task.out.slots.next_abandoned(at) {
        at = slot + 1;
        if let Some(outcome) = task.out.slots.fail(slot, failure) {
            tell(spout, task, outcome).await;
        }
    }
    task.side.publish();
    task.is_closing = true;
    spout.close().await;
    Ok(End::Over)
}

/// All of a spout task that outlives a panic.
pub(crate) struct SpoutTask<S: Spout> {
    out: SpoutOutput<S::Out, S::Id>,
    side: Side,
    /// Outcomes on their way to the spout.
    told: vec::IntoIter<Told>,
    is_ended: bool,
    /// The last call is made: a panic in it makes the end no other.
    is_closing: bool,
    has_progressed: bool,
    /// The spout was asked for more since it was last told otherwise.
    is_active: bool,
}

impl<S: Spout> SpoutTask<S> {
    pub(crate) fn new(
        out: SpoutOutput<S::Out, S::Id>,
        ports: Rc<Ports>,
        control: Arc<Control>,
        orders: Arc<Orders>,
    ) -> Self {
        let side = Side::new(out.slots.home(), out.slots.ledger(), ports, control, orders);
        Self {
            out,
            side,
            told: Vec::new().into_iter(),
            is_ended: false,
            is_closing: false,
            has_progressed: false,
            is_active: false,
        }
    }

    /// A fresh spout begins, or an old one goes on.
    pub(crate) fn begin(&mut self) {
        self.has_progressed = false;
        self.is_ended = false;
        self.is_closing = false;
        self.is_active = false;
        self.side.look();
        self.side.turn_to(Doing::Idle);
    }

    /// It does not run for now.
    pub(crate) fn turn_off(&self) {
        self.side.ports.turn_off();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing
    }

    pub(crate) fn has_progressed(&self) -> bool {
        self.has_progressed
    }

    /// Whether it came to its end only because it was told to.
    pub(crate) fn has_retired(&self) -> bool {
        self.side.retires() && !self.is_ended
    }

    fn wish(&self, phase: Phase) -> Wish {
        if phase == Phase::Running && !self.is_ended && self.out.room() > 0 {
            Wish::Emit
        } else if self.is_over(phase)
            || (self.side.control.phase() == Phase::Draining && !self.side.is_closed)
        {
            Wish::Finish
        } else {
            Wish::Wait
        }
    }

    /// Nothing will be emitted any more and nothing is pending.
    fn is_over(&self, phase: Phase) -> bool {
        (self.is_ended || phase == Phase::Draining) && self.side.ledger.pending() == 0
    }

    /// Whether a root that fails may be emitted again: also by a task that retires alone.
    /// Books what a task told. A root that will be emitted again has no outcome.
    #[inline]
    fn settle(&mut self, told: Told) -> Option<Outcome<S::Id>> {
        match told {
            Told::Over { key, is_acked, root } => self.out.over(key, is_acked, root),
            Told::Failed { key, verdict } => {
                let failure = self.out.slots.failed(key, *verdict)?;
                let may_replay = self.may_replay();
                self.out.fail(key.slot, failure, may_replay, self.side.now)
            }
        }
    }

    fn may_replay(&self) -> bool {
        self.side.control.phase() < Phase::Draining
    }

    /// Emits roots again whose time has come, and sees to it that the task is up for the next ones.
    fn emit_due(&mut self) {
        let is_running = self.side.may_emit_again();
        if is_running && self.side.is_flushed && self.out.next_due().is_some() {
            let now = self.side.look();
            self.side.update_time();
            if self.out.emit_due(now) {
                self.out.outcomes.tell();
                self.side.is_flushed = false;
            }
        }
        self.side.alarm.set(if is_running { self.out.next_due() } else { None });
    }

    fn begin_turn(&mut self) {
        self.side.pace.begin(self.side.now);
        self.side.turn_to(Doing::Busy);
        self.side.update_time();
        self.out.is_full = false;
    }

    /// Books the answer of `next`, `None` if it was interrupted. Returns whether the turn is over.
    fn finish_next(&mut self, answer: Option<Result<Next>>) -> Result<bool> {
        self.side.reset_timer();
        match answer {
            Some(Ok(Next::Emitted)) => {
                self.out.seal();
                self.side.idle = None;
                self.side.patience /= 2;
                Ok(false)
            }
            Some(Ok(Next::Idle)) => {
                self.out.seal();
                self.side.idle_for_longer();
                Ok(true)
            }
            Some(Ok(Next::End)) => {
                self.out.seal();
                self.is_ended = true;
                Ok(true)
            }
            Some(Err(error)) => {
                self.refuse(&error);
                Err(error)
            }
            None => {
                self.out.seal();
                self.side.idle = None;
                Ok(true)
            }
        }
    }

    #[cold]
    fn refuse(&mut self, error: &Error) {
        let verdict = self.side.ports.probe.refusal(error);
        self.out.fail_current(&verdict);
        self.end_turn();
    }

    fn should_look_around(&mut self) -> bool {
        let side = &mut self.side;
        self.out.is_full
            || self.out.slots.room() == 0
            || side.home.has_arrivals()
            || side.has_other_phase()
            || (side.pace.step() && side.turn_took() >= FLUSH_AFTER)
    }

    fn end_turn(&mut self) {
        let now = self.side.look();
        self.side.pace.end(BATCH, now);
        self.side.spin.after(if self.out.is_full { BATCH } else { 0 });
        self.side.is_flushed = false;
        self.out.outcomes.tell();
        self.publish();
    }

    fn publish(&self) {
        self.side.publish();
        self.side.ports.probe.counters.set_ended(self.is_ended);
    }

    fn collect(&mut self) {
        // The home goes on with this vector.
        let mut told = Vec::with_capacity(BATCH);
        self.side.home.take(&mut told);
        self.told = told.into_iter();
    }

    /// Puts right what a panic left: the root in hand fails, what was finished stays to be sent.
    pub(crate) fn recover(&mut self, panicked: &Panicked) {
        let verdict = self.side.ports.probe.crash(panicked);
        self.out.fail_current(&verdict);
        self.side.is_flushed = false;
        self.side.publish();
    }

    /// Hands over what there is room for, and follows the links.
    pub(crate) fn look_at_links(&mut self) {
        self.side.follow_links(&mut Context::from_waker(Waker::noop()));
    }

    /// Waits until everything finished is handed over, unless something comes that does not wait for room
    /// downstream: a command, an outcome, a timeout.
    pub(crate) async fn flush(&mut self) {
        let side = &mut self.side;
        poll_fn(|cx| side.poll_flush(cx)).await;
    }
}

impl<S: Spout> Drop for SpoutTask<S> {
    /// Stopped for good with roots pending: nobody is told any more, but they are counted, each for what
    /// became of it.
    fn drop(&mut self) {
        self.side.look();
        self.side.update_time();
        let waiting = std::mem::take(&mut self.told);
        self.collect();
        for told in waiting.chain(std::mem::take(&mut self.told)) {
            drop_caught(self.out.slots.settle(told));
        }
        let mut at = 0;
        while let Some((slot, failure)) = self.out.slots.next_abandoned(at) {
            at = slot + 1;
            drop_caught(self.out.slots.fail(slot, failure));
        }
        self.side.publish();
    }
}
