//! [`EventWindowBolt`]: windows by the timestamps of tuples.

use std::{fmt, time::Duration};

use squall_core::{Bolt, Emit, Error, Output, Result, TaskContext, Tuple};
use squall_derive::Outputs;

use crate::{
    event_time::EventTime,
    fire::{Firing, HasResults},
    function::WindowFunction,
    order::Order,
    timeline::Timeline,
    window::{Window, millis},
};

/// The streams of an [`EventWindowBolt`].
#[derive(Debug, Outputs)]
#[squall(crate = "squall_core")]
pub struct WindowOut<R: Tuple, T: Tuple> {
    /// What was made of the windows, tied to all their tuples.
    pub results: Emit<R>,
    /// Tuples that came behind the watermark, and are in no window. If nobody reads them, they are done.
    pub late: Emit<T>,
}

impl<R: Tuple, T: Tuple> HasResults<R> for WindowOut<R, T> {
    fn results(&mut self) -> &mut Emit<R> {
        &mut self.results
    }
}

/// Windows by the timestamps of their tuples, with a watermark and a stream for what comes late.
///
/// Nothing but further tuples moves time on. Where a source may fall silent or end,
/// [`Window::flush_after`] lets go of what waits for them.
///
/// ```
/// use squall_core::TaskContext;
/// use squall_windows::{EventTime, EventWindowBolt, Pane, Window, from_fn};
/// use std::time::Duration;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Serialize, Deserialize)] struct Click { at: i64 }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // `t.bolt_with("clicks", async move |cx| EventWindowBolt::open(cx, window, time.clone(), from_fn(count)))`
/// let window = Window::tumbling(Duration::from_secs(10))?;
/// let time = EventTime::of(|click: &Click| click.at).lag(500)?;
/// let count = |pane: &Pane<'_, Click>| Ok([(pane.end(), pane.len())]);
/// # let cx = TaskContext {
/// #     topology: "t".into(), component: "clicks".into(), task: 0, tasks: 1,
/// #     message_timeout: Duration::from_secs(30),
/// # };
///
/// assert!(EventWindowBolt::open(&cx, window, time, from_fn(count)).is_ok());
/// # Ok(())
/// # }
/// ```
pub struct EventWindowBolt<F: WindowFunction> {
    firing: Firing<F>,
    window: Window,
    time: EventTime<F::In>,
    order: Order<F::In>,
    /// When a tuple came last, on the task's clock.
    touched: Duration,
}

impl<F: WindowFunction<In: Tuple>> EventWindowBolt<F> {
    /// For a task's factory.
    ///
    /// # Errors
    ///
    /// A permanent one: a spout above has a message timeout that is not greater than length, slide and lag together,
    /// so roots would time out in the window.
    pub fn open(task: &TaskContext, window: Window, time: EventTime<F::In>, function: F) -> Result<Self> {
        window.check_timeout(task.message_timeout, time.lag_time()).map_err(Error::permanent)?;
        let order = Order::new(&time);
        let firing = Firing::new(Timeline::new(window), function);
        Ok(Self { firing, window, time, order, touched: Duration::ZERO })
    }

    /// Moves on to the watermark.
    async fn catch_up(&mut self, out: &mut Output<WindowOut<F::Out, F::In>>) {
        while let Some((at, value, anchor)) = self.order.release() {
            self.firing.fire_due(at.saturating_sub(1), out).await;
            self.firing.timeline.push(at, value, anchor);
            self.firing.fire_due(at.saturating_sub(1), out).await;
        }
        if let Some(watermark) = self.order.watermark() {
            self.firing.fire_due(watermark.saturating_sub(1), out).await;
            self.firing.timeline.lapse(watermark);
        }
    }

    /// Waits for nothing more. Windows that ended this way stay ended.
    async fn flush(&mut self, out: &mut Output<WindowOut<F::Out, F::In>>) {
        while let Some((at, value, anchor)) = self.order.take_first() {
            self.firing.fire_due(at.saturating_sub(1), out).await;
            self.firing.timeline.push(at, value, anchor);
            self.firing.fire_due(at.saturating_sub(1), out).await;
        }
        if let Some(end) = self.firing.fire_rest(None, out).await {
            self.order.pass(end.saturating_add(1));
        }
    }
}

impl<F: WindowFunction<In: Tuple>> Bolt for EventWindowBolt<F> {
    type In = F::In;
    type Out = WindowOut<F::Out, F::In>;

    async fn execute(&mut self, value: F::In, out: &mut Output<Self::Out>) -> Result {
        let (at, source) = self.time.read(&value)?;
        if self.window.idle_limit().is_some() {
            self.touched = out.uptime();
        }
        if self.order.is_late(at) {
            out.late.emit(value);
            return Ok(());
        }
        let anchor = out.hold();
        self.order.push(at, source, value, anchor);
        self.catch_up(out).await;
        Ok(())
    }

    fn tick_period(&self) -> Option<Duration> {
        self.window.idle_limit().map(|limit| (limit / 8).max(Duration::from_millis(1)))
    }

    async fn tick(&mut self, out: &mut Output<Self::Out>) -> Result {
        let idle = millis(out.uptime().saturating_sub(self.touched));
        let is_idle = self.window.idle_limit().is_some_and(|limit| idle >= millis(limit));
        if is_idle && !(self.order.is_empty() && self.firing.timeline.is_empty()) {
            self.flush(out).await;
        }
        Ok(())
    }

    async fn drain(&mut self, out: &mut Output<Self::Out>) -> Result {
        self.flush(out).await;
        Ok(())
    }
}

impl<F: WindowFunction> fmt::Debug for EventWindowBolt<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventWindowBolt")
            .field("window", &self.window)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
