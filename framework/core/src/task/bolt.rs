//! [`BoltComponent`]: a declared bolt, and its tasks.

use std::{fmt, rc::Rc, sync::Arc};

use super::{
    AnyInbox, Component, Exit, Kind, Task, TaskContext, Wiring,
    factory::{Factory, build, drop_user_part, guarded, said},
};
use crate::{
    Bolt, Output, Outputs, Reason, Result,
    bolt::Blocking,
    handover::{AnyShares, Handover, Hooks},
    host::{Host, LocalFuture},
    inbox::Inbox,
    outputs::Wires,
    panics::{Panicked, caught},
    port::Ports,
    probe::Probe,
    run_bolt::{BoltTask, Broken, End, Terms, run_bolt},
};

/// A declared bolt.
pub struct BoltComponent<B> {
    factory: Arc<dyn Factory<B>>,
    kind: Kind,
    handover: Option<Hooks<B>>,
}

impl<B: Bolt> BoltComponent<B> {
    /// A bolt made by `factory`.
    pub fn new(factory: impl Factory<B>) -> Self {
        Self { factory: Arc::new(factory), kind: Kind::Bolt, handover: None }
    }

    /// A bolt made by `factory` whose state moves with its keys.
    pub fn stateful(factory: impl Factory<B>) -> Self
    where
        B: Handover,
    {
        Self { handover: Some(Hooks::new()), ..Self::new(factory) }
    }
}

/// Makes a [`SyncBolt`](crate::SyncBolt) from `factory` run in the one loop.
pub fn sync_component<B: crate::SyncBolt>(factory: impl Factory<B>) -> impl Component + 'static {
    BoltComponent { factory: Arc::new(Wrapped(factory)), kind: Kind::SyncBolt, handover: None }
}

struct Wrapped<F>(F);

impl<B: 'static, F: Factory<B>> Factory<Blocking<B>> for Wrapped<F> {
    fn build<'a>(&'a self, context: &'a TaskContext) -> LocalFuture<'a, Result<Blocking<B>>> {
        Box::pin(async { self.0.build(context).await.map(Blocking) })
    }
}

impl<B> fmt::Debug for BoltComponent<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoltComponent").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl<B: Bolt> Component for BoltComponent<B> {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn streams(&self) -> &'static [&'static str] {
        B::Out::names()
    }

    fn inbox(&self, capacity: usize, readers: usize) -> Option<AnyInbox> {
        Some(AnyInbox::new(Inbox::<B::In>::new(capacity, readers)))
    }

    fn hands_over(&self) -> bool {
        self.handover.is_some()
    }

    fn task(&self, wiring: Wiring, host: Rc<dyn Host>) -> Box<dyn Task> {
        bolt_task(Arc::clone(&self.factory), self.handover, wiring, host)
    }
}

/// Puts the task of a bolt together.
pub(crate) fn bolt_task<B: Bolt>(
    factory: Arc<dyn Factory<B>>,
    handover: Option<Hooks<B>>,
    wiring: Wiring,
    host: Rc<dyn Host>,
) -> Box<dyn Task> {
    let inbox = wiring.inbox.as_ref().map_or_else(|| Inbox::new(1, 1), AnyInbox::typed::<B::In>);
    let mut wires = Wires::new(wiring.routes, Arc::clone(&wiring.probe.counters), wiring.taps);
    let streams = B::Out::open(&mut wires);
    wiring.probe.counters.set_name(&wiring.context.component, wiring.context.task);
    let ports = Ports::new(wires.into_ports(), wiring.probe.clone(), host);
    let terms = Terms { orders: wiring.orders, tick: wiring.tick, limit: wiring.stuck_after };
    Box::new(RunningBolt {
        factory,
        handover,
        parts: BoltTask::new(inbox, Output::new(streams, ports), terms),
        kept: None,
        old: None,
        probe: wiring.probe,
        context: wiring.context,
    })
}

struct RunningBolt<B: Bolt> {
    factory: Arc<dyn Factory<B>>,
    handover: Option<Hooks<B>>,
    parts: BoltTask<B>,
    /// The bolt while it is built and not running: it was prepared, or is parked.
    kept: Option<B>,
    /// The bolt that failed or is to be replaced, if calls of it may be under way: the next one inherits them.
    old: Option<B>,
    probe: Probe,
    context: TaskContext,
}

impl<B: Bolt> RunningBolt<B> {
    async fn build(&mut self) -> Result<B, Exit> {
        if let Some(kept) = self.kept.take() {
            return Ok(kept);
        }
        let building = build(&*self.factory, &self.context, &self.probe);
        let Some(mut old) = self.old.take() else { return building.await };
        let built = self.parts.beside_calls_of(&mut old, building).await;
        match built {
            Ok(mut bolt) => {
                bolt.inherit(old);
                Ok(bolt)
            }
            Err(exit) => {
                self.old = Some(old);
                Err(exit)
            }
        }
    }

    async fn run_to_exit(&mut self) -> Exit {
        let mut bolt = match self.build().await {
            Ok(bolt) => bolt,
            Err(exit) => return exit,
        };
        self.parts.begin(&bolt);
        let exit = match guarded(&self.probe, run_bolt(&mut bolt, &mut self.parts)).await {
            Ok(Ok(End::Parked)) if self.parts.is_broken() => {
                drop_user_part(bolt, &self.probe);
                return Exit::Parked;
            }
            Ok(Ok(End::Parked)) => {
                self.kept = Some(bolt);
                return Exit::Parked;
            }
            Ok(Ok(End::Restart)) => Exit::Restart,
            Ok(Ok(End::Drained)) if self.parts.has_retired() => Exit::Retired,
            Ok(Ok(End::Drained)) => Exit::Finished { progressed: self.parts.has_progressed() },
            // Nobody listens any more, and nothing of the task may be touched.
            Ok(Err(Broken::Halted)) => return Exit::Finished { progressed: false },
            Ok(Err(Broken::Overdue)) => {
                self.probe.counters.count_stuck();
                let limit = self.parts.limit();
                let message = format!("a call was still pending after {limit:?}; it was dropped");
                self.parts.recover(Reason::Timeout, &message);
                self.failed(Reason::Timeout, message)
            }
            Ok(Err(Broken::Panicked(panicked))) => self.failed(Reason::Panic, panicked.to_string()),
            Err(panicked) => {
                self.parts.recover(Reason::Panic, &panicked.to_string());
                self.failed(Reason::Panic, panicked.to_string())
            }
        };
        if B::ANSWERS_LATER && matches!(exit, Exit::Failed { .. } | Exit::Restart) {
            self.old = Some(bolt);
        } else {
            drop_user_part(bolt, &self.probe);
        }
        self.parts.flush().await;
        exit
    }

    /// The bolt is of no more use: it panicked, or awaited for too long.
    fn failed(&self, reason: Reason, message: String) -> Exit {
        Exit::Failed { reason, message, permanent: false, progressed: self.parts.has_progressed() }
    }
}

impl<B: Bolt> Task for RunningBolt<B> {
    fn run(&mut self) -> LocalFuture<'_, Exit> {
        Box::pin(async {
            let exit = self.run_to_exit().await;
            self.parts.turn_off();
            exit
        })
    }

    fn look_at_links(&mut self) {
        self.parts.look_at_links();
    }

    fn prepare(&mut self) -> LocalFuture<'_, Result<(), String>> {
        Box::pin(async {
            self.kept = Some(self.build().await.map_err(said)?);
            Ok(())
        })
    }

    fn give(&mut self) -> Option<(AnyShares, Result<(), Panicked>)> {
        let (Some(hooks), Some(bolt)) = (self.handover, &mut self.kept) else { return None };
        self.probe.counters.enter();
        let given = (hooks.give)(bolt);
        self.probe.counters.leave();
        Some(given)
    }

    fn take(&mut self, shares: AnyShares) -> Result<(), Panicked> {
        let (Some(hooks), Some(bolt)) = (self.handover, &mut self.kept) else { return Ok(()) };
        self.probe.counters.enter();
        let taken = caught(|| (hooks.take)(bolt, shares));
        self.probe.counters.leave();
        taken
    }
}
