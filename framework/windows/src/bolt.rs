//! [`WindowBolt`]: windows by number, and by the time at which tuples come.

use std::{fmt, time::Duration};

use squall_core::{Bolt, Emit, Error, Output, Result, TaskContext};

use crate::{
    fire::Firing,
    function::WindowFunction,
    timeline::Timeline,
    window::{Span, Window, millis},
};

/// What a time without ticks of its own is divided by: so much later than due, at most, it is noticed.
const LOOKS: u32 = 8;

/// Windows over tuples as they come: by number, or by the time of their arrival.
///
/// Its times are those of its task: they begin when the task is put together.
///
/// ```
/// use squall_core::TaskContext;
/// use squall_windows::{Pane, Window, WindowBolt, from_fn};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // `t.bolt_with("sums", async move |cx| WindowBolt::open(cx, window, from_fn(sum)))`
/// let window = Window::sliding(Duration::from_secs(60), Duration::from_secs(10))?;
/// let sum = |pane: &Pane<'_, u64>| Ok([pane.tuples().sum::<u64>()]);
/// # let cx = TaskContext {
/// #     topology: "t".into(), component: "sums".into(), task: 0, tasks: 1,
/// #     message_timeout: Duration::from_secs(30),
/// # };
///
/// // The spout's message timeout is 30 seconds: too short for this window.
/// let refused = WindowBolt::open(&cx, window, from_fn(sum)).unwrap_err();
/// assert!(refused.is_permanent() && refused.to_string().contains("raise `message_timeout`"));
/// # Ok(())
/// # }
/// ```
pub struct WindowBolt<F: WindowFunction> {
    firing: Firing<F>,
    window: Window,
    /// When a tuple came last, in milliseconds.
    touched: i64,
}

impl<F: WindowFunction> WindowBolt<F> {
    /// For a task's factory.
    ///
    /// # Errors
    ///
    /// A permanent one: a spout above has a message timeout that is not greater than length and slide together, so
    /// roots would time out in the window.
    pub fn open(task: &TaskContext, window: Window, function: F) -> Result<Self> {
        window.check_timeout(task.message_timeout, Duration::ZERO).map_err(Error::permanent)?;
        let timeline = Timeline::new(window).begin_at(0);
        Ok(Self { firing: Firing::new(timeline, function), window, touched: 0 })
    }
}

impl<F: WindowFunction> Bolt for WindowBolt<F> {
    type In = F::In;
    type Out = Emit<F::Out>;

    async fn execute(&mut self, value: F::In, out: &mut Output<Emit<F::Out>>) -> Result {
        let now = millis(out.uptime());
        // The tuple is in the pane that ends now, if any.
        self.firing.fire_due(now - 1, out).await;
        let anchor = out.hold();
        self.firing.timeline.push(now, value, anchor);
        self.touched = now;
        self.firing.fire_due(now - 1, out).await;
        Ok(())
    }

    fn tick_period(&self) -> Option<Duration> {
        let idle = self.window.idle_limit().map(|limit| limit / LOOKS);
        match (self.window.length(), self.window.slide()) {
            (_, Span::Time(slide)) => Some(part_of(slide, idle.unwrap_or(slide))),
            (Span::Time(length), Span::Tuples(_)) => {
                Some((length / LOOKS).min(idle.unwrap_or(length)).max(Duration::from_millis(1)))
            }
            (Span::Tuples(_), Span::Tuples(_)) => idle.map(|period| period.max(Duration::from_millis(1))),
        }
    }

    async fn tick(&mut self, out: &mut Output<Emit<F::Out>>) -> Result {
        let now = millis(out.uptime());
        self.firing.fire_due(now, out).await;
        self.firing.timeline.close(now);
        self.firing.timeline.lapse(now);
        let is_idle = self.window.idle_limit().is_some_and(|limit| now - self.touched >= millis(limit));
        if is_idle && !self.firing.timeline.is_empty() {
            self.firing.fire_rest(Some(now), out).await;
        }
        Ok(())
    }

    async fn drain(&mut self, out: &mut Output<Emit<F::Out>>) -> Result {
        let now = millis(out.uptime());
        self.firing.fire_due(now, out).await;
        self.firing.fire_rest(Some(now), out).await;
        Ok(())
    }
}

/// The greatest part of `whole` that is no longer than `most` and of which `whole` is a multiple, roughly: ticks at
/// this period come at the ends of windows too.
fn part_of(whole: Duration, most: Duration) -> Duration {
    let parts = whole.as_nanos().div_ceil(most.as_nanos().max(1_000_000));
    whole / u32::try_from(parts).unwrap_or(u32::MAX).max(1)
}

impl<F: WindowFunction> fmt::Debug for WindowBolt<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WindowBolt").field("window", &self.window).finish_non_exhaustive()
    }
}
