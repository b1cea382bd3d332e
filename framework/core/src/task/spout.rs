//! [`SpoutComponent`]: a declared spout, and its tasks.

use std::{fmt, rc::Rc, sync::Arc};

use super::{
    AnyInbox, Component, Exit, Kind, Task, TaskContext, Wiring,
    factory::{Factory, build, drop_user_part, guarded, said},
};
use crate::{
    Outputs, Reason, Result, Spout, SpoutOutput,
    handover::AnyShares,
    host::{Host, LocalFuture},
    outputs::Wires,
    panics::Panicked,
    port::Ports,
    probe::Probe,
    replay::Replay,
    run_spout::{End, SpoutTask, run_spout},
};

/// A declared spout.
pub struct SpoutComponent<S> {
    factory: Arc<dyn Factory<S>>,
}

impl<S: Spout> SpoutComponent<S> {
    /// A spout made by `factory`.
    pub fn new(factory: impl Factory<S>) -> Self {
        Self { factory: Arc::new(factory) }
    }
}

impl<S> fmt::Debug for SpoutComponent<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpoutComponent")
    }
}

impl<S: Spout> Component for SpoutComponent<S> {
    fn kind(&self) -> Kind {
        Kind::Spout
    }

    fn streams(&self) -> &'static [&'static str] {
        S::Out::names()
    }

    fn inbox(&self, _: usize, _: usize) -> Option<AnyInbox> {
        None
    }

    fn hands_over(&self) -> bool {
        false
    }

    fn task(&self, wiring: Wiring, host: Rc<dyn Host>) -> Box<dyn Task> {
        let mut wires = Wires::new(wiring.routes, Arc::clone(&wiring.probe.counters), wiring.taps);
        let streams = S::Out::open(&mut wires);
        let replay = wiring.replay.and_then(|how| {
            let spout = Arc::clone(&wiring.context.component);
            Some(Replay::new(S::Out::keeper(&mut wires)?, how, spout, wiring.probe.clone()))
        });
        wiring.probe.counters.set_name(&wiring.context.component, wiring.context.task);
        let ports = Ports::new(wires.into_ports(), wiring.probe.clone(), host);
        let mut out = SpoutOutput::new(streams, wiring.max_pending, wiring.message_timeout);
        out.replay = replay.map(Box::new);
        out.slots.ledger().measure(&wiring.probe.counters);
        let parts = SpoutTask::new(out, ports, wiring.control, wiring.orders);
        let factory = Arc::clone(&self.factory);
        Box::new(RunningSpout { factory, parts, kept: None, probe: wiring.probe, context: wiring.context })
    }
}

struct RunningSpout<S: Spout> {
    factory: Arc<dyn Factory<S>>,
    parts: SpoutTask<S>,
    /// The spout while it is built and not running: it was prepared, or its `next` answered `Err` and it
    /// goes on after the back-off.
    kept: Option<S>,
    probe: Probe,
    context: TaskContext,
}

impl<S: Spout> RunningSpout<S> {
    async fn build(&mut self) -> Result<S, Exit> {
        match self.kept.take() {
            Some(kept) => Ok(kept),
            None => build(&*self.factory, &self.context, &self.probe).await,
        }
    }

    async fn run_to_exit(&mut self) -> Exit {
        let mut spout = match self.build().await {
            Ok(spout) => spout,
            Err(exit) => return exit,
        };
        self.parts.begin();
        let end = guarded(&self.probe, run_spout(&mut spout, &mut self.parts)).await;
        let progressed = self.parts.has_progressed();
        match end {
            Ok(Ok(End::Over)) => {
                drop_user_part(spout, &self.probe);
                self.ended(progressed)
            }
            Ok(Ok(End::Restart)) => {
                drop_user_part(spout, &self.probe);
                self.parts.flush().await;
                Exit::Restart
            }
            Ok(Err(error)) => {
                self.kept = Some(spout);
                self.parts.flush().await;
                Exit::Failed {
                    reason: Reason::Explicit,
                    message: error.to_string(),
                    permanent: error.is_permanent(),
                    progressed,
                }
            }
            Err(panicked) => {
                self.parts.recover(&panicked);
                drop_user_part(spout, &self.probe);
                if self.parts.is_closing() {
                    return self.ended(progressed);
                }
                self.parts.flush().await;
                Exit::Failed {
                    reason: Reason::Panic,
                    message: panicked.to_string(),
                    permanent: false,
                    progressed,
                }
            }
        }
    }

    fn ended(&self, progressed: bool) -> Exit {
        if self.parts.has_retired() { Exit::Retired } else { Exit::Finished { progressed } }
    }
}

impl<S: Spout> Task for RunningSpout<S> {
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
        None
    }

    fn take(&mut self, _: AnyShares) -> Result<(), Panicked> {
        Ok(())
    }
}
