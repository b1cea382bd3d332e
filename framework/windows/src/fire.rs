//! [`Firing`]: a timeline with the function that is called for each pane.

use squall_core::{Anchor, Emit, Output, Outputs};

use crate::{
    function::{Results, WindowFunction},
    timeline::Timeline,
};

/// Outputs with a stream of results.
pub(crate) trait HasResults<R>: Outputs {
    fn results(&mut self) -> &mut Emit<R>;
}

impl<R> HasResults<R> for Emit<R>
where
    Self: Outputs,
{
    fn results(&mut self) -> &mut Emit<R> {
        self
    }
}

/// What both window bolts do with a pane.
pub(crate) struct Firing<F: WindowFunction> {
    function: F,
    results: Results<F::Out>,
    pub(crate) timeline: Timeline<F::In>,
}

impl<F: WindowFunction> Firing<F> {
    pub(crate) fn new(timeline: Timeline<F::In>, function: F) -> Self {
        Self { function, results: Results(Vec::new()), timeline }
    }

    /// Fires every pane that ends no later than `now`.
    pub(crate) async fn fire_due<O: HasResults<F::Out>>(&mut self, now: i64, out: &mut Output<O>) {
        while let Some(end) = self.timeline.due(now) {
            self.fire(end, true, out).await;
        }
    }

    /// Fires what is left as one pane, ending `now` or where it would have ended, and lets go of everything. Returns
    /// its end.
    pub(crate) async fn fire_rest<O: HasResults<F::Out>>(
        &mut self,
        now: Option<i64>,
        out: &mut Output<O>,
    ) -> Option<i64> {
        let end = self.timeline.rest(now);
        if let Some(end) = end {
            self.fire(end, false, out).await;
        }
        self.timeline.clear();
        end
    }

    async fn fire<O: HasResults<F::Out>>(&mut self, end: i64, is_whole: bool, out: &mut Output<O>) {
        self.results.0.clear();
        let pane = self.timeline.pane(end, is_whole);
        if let Err(error) = self.function.fire(&pane, &mut self.results).await {
            out.report(&error);
            self.timeline.refuse(end, &error);
            return;
        }
        let tied = Anchor::joint(self.timeline.anchors());
        for result in self.results.0.drain(..) {
            out.results().emit_anchored(result, [&tied]);
        }
        tied.ack();
        self.timeline.pass(end);
    }
}
