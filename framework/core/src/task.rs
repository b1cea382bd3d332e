//! Typed components behind erased faces: a [`Component`] makes [`Task`]s, and whoever hosts them never
//! names a tuple type.

use std::{any::Any, fmt, rc::Rc, sync::Arc, time::Duration};

use crate::{
    Bolt, Output, Outputs, Result, Spout, SpoutOutput,
    bolt::Blocking,
    host::{Control, Host, LocalFuture},
    inbox::Inbox,
    outputs::{AnyRoute, Wires},
    panics::{Caught, Panicked, caught, caught_drop},
    port::Ports,
    probe::{Probe, QueueProbe},
    run_bolt::{BoltTask, run_bolt},
    run_spout::{SpoutTask, run_spout},
};

/// Which task this is. Factories of `spout_with` and `bolt_with` get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskContext {
    /// The topology's name.
    pub topology: Arc<str>,
    /// The component's name.
    pub component: Arc<str>,
    /// This task among the tasks of its component, from 0.
    pub task: usize,
    /// How many tasks the component has.
    pub tasks: usize,
    /// How long a tuple that reaches this task may be held: the least message timeout of the spouts above it, or
    /// its own if it is a spout.
    pub message_timeout: Duration,
}

/// What kind of component it is, and so which thread its tasks get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A source.
    Spout,
    /// A processor that may await; its tasks share threads.
    Bolt,
    /// A processor that computes or blocks; each task has a thread of its own.
    SyncBolt,
}

/// A declared spout or bolt.
pub trait Component: Send + Sync {
    /// What kind of component it is.
    fn kind(&self) -> Kind;

    /// The names of its output streams.
    fn streams(&self) -> &'static [&'static str];

    /// Makes an inbox for `readers` of its tasks; a spout has none.
    fn inbox(&self, capacity: usize, readers: usize) -> Option<AnyInbox>;

    /// Puts a task together, on the thread that will run it.
    fn task(&self, wiring: Wiring, host: Rc<dyn Host>) -> Box<dyn Task>;
}

/// Everything of a task that a restart must not lose: inbox, unsent output, pending roots.
pub trait Task {
    /// Builds the user's part and runs it until it ends. Call it again to restart it.
    fn run(&mut self) -> LocalFuture<'_, Exit>;
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// A spout came to its end, or a bolt was drained.
    Finished {
        /// Something was executed or acked since the run began.
        progressed: bool,
    },
    /// The factory, or a spout's `next`, answered `Err`; or user code panicked.
    Failed {
        /// What was said.
        message: String,
        /// Trying again is useless.
        permanent: bool,
        /// Something was executed or acked since the run began.
        progressed: bool,
    },
}

/// What a task is made of.
pub struct Wiring {
    /// The inbox of a bolt.
    pub inbox: Option<AnyInbox>,
    /// The routes of each output stream.
    pub routes: Vec<Vec<AnyRoute>>,
    /// Where it counts.
    pub probe: Probe,
    /// Who it is.
    pub context: TaskContext,
    /// How the spouts of the topology are commanded.
    pub control: Arc<Control>,
    /// Roots of a spout task that may be without outcome.
    pub max_pending: usize,
    /// When a root without outcome fails.
    pub message_timeout: Duration,
    /// The period of `tick`.
    pub tick: Option<Duration>,
}

impl fmt::Debug for Wiring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wiring").field("context", &self.context).finish_non_exhaustive()
    }
}

/// An inbox whose type only its component and the edges into it know.
#[derive(Clone)]
pub struct AnyInbox {
    inbox: Arc<dyn Any + Send + Sync>,
    face: Arc<dyn InboxFace>,
    probe: Arc<QueueProbe>,
}

impl AnyInbox {
    pub(crate) fn new<In: Send + 'static>(inbox: Inbox<In>) -> Self {
        let probe = inbox.probe();
        Self { face: Arc::new(inbox.clone()), inbox: Arc::new(inbox), probe }
    }

    pub(crate) fn typed<In: 'static>(&self) -> Inbox<In> {
        #[expect(clippy::expect_used, reason = "edges are made from the typed declaration of their bolt")]
        let inbox = self.inbox.downcast_ref::<Inbox<In>>().expect("an inbox carries its bolt's input");
        inbox.clone()
    }

    /// Depth, age, capacity.
    pub fn probe(&self) -> &QueueProbe {
        &self.probe
    }

    /// Fails all that is queued, because the topology stops. Returns the number of tuples.
    pub fn abandon(&self) -> usize {
        self.face.abandon()
    }
}

impl fmt::Debug for AnyInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyInbox").field("probe", &self.probe).finish_non_exhaustive()
    }
}

trait InboxFace: Send + Sync {
    fn abandon(&self) -> usize;
}

impl<In: Send> InboxFace for Inbox<In> {
    fn abandon(&self) -> usize {
        self.discard(crate::Reason::Shutdown)
    }
}

/// Builds the user's part of a task, on its thread.
pub trait Factory<C>: Send + Sync + 'static {
    /// Builds one.
    fn build<'a>(&'a self, context: &'a TaskContext) -> LocalFuture<'a, Result<C>>;
}

/// A plain closure, `|| Split`.
pub struct Plain<F>(pub F);

impl<F> fmt::Debug for Plain<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain")
    }
}

impl<C: 'static, F: Fn() -> C + Send + Sync + 'static> Factory<C> for Plain<F> {
    fn build<'a>(&'a self, _: &'a TaskContext) -> LocalFuture<'a, Result<C>> {
        Box::pin(async { Ok((self.0)()) })
    }
}

/// An async closure that may fail, `async |cx| Ok(Split::open(cx)?)`.
pub struct Fallible<F>(pub F);

impl<F> fmt::Debug for Fallible<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fallible")
    }
}

impl<C: 'static, F> Factory<C> for Fallible<F>
where
    F: AsyncFn(&TaskContext) -> Result<C> + Send + Sync + 'static,
{
    fn build<'a>(&'a self, context: &'a TaskContext) -> LocalFuture<'a, Result<C>> {
        Box::pin((self.0)(context))
    }
}

/// Runs user code to its end under the one edge where panics are caught; its state is dropped there too.
async fn guarded<T>(future: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut future = Box::pin(future);
    let end = Caught(future.as_mut()).await;
    caught_drop(future)?;
    end
}

async fn build<C: 'static>(
    factory: &dyn Factory<C>,
    context: &TaskContext,
    probe: &Probe,
) -> Result<C, Exit> {
    let built = match caught(|| factory.build(context)) {
        Ok(building) => guarded(building).await,
        Err(panicked) => Err(panicked),
    };
    let failed = |message: String, permanent| Exit::Failed { message, permanent, progressed: false };
    match built {
        Ok(Ok(made)) => Ok(made),
        Ok(Err(error)) => {
            probe.report(&format!("set-up: {error}"));
            Err(failed(error.to_string(), error.is_permanent()))
        }
        Err(panicked) => {
            probe.report(&format!("set-up {panicked}"));
            Err(failed(panicked.to_string(), false))
        }
    }
}

/// A declared bolt.
pub struct BoltComponent<B> {
    factory: Arc<dyn Factory<B>>,
    kind: Kind,
}

impl<B: Bolt> BoltComponent<B> {
    /// A bolt made by `factory`.
    pub fn new(factory: impl Factory<B>) -> Self {
        Self { factory: Arc::new(factory), kind: Kind::Bolt }
    }
}

/// Makes a [`SyncBolt`](crate::SyncBolt) from `factory` run in the one loop.
pub fn sync_component<B: crate::SyncBolt>(factory: impl Factory<B>) -> impl Component + 'static {
    BoltComponent { factory: Arc::new(Wrapped(factory)), kind: Kind::SyncBolt }
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

    fn task(&self, wiring: Wiring, host: Rc<dyn Host>) -> Box<dyn Task> {
        let inbox = wiring.inbox.as_ref().map_or_else(|| Inbox::new(1, 1), AnyInbox::typed::<B::In>);
        let mut wires = Wires::new(wiring.routes);
        let streams = B::Out::open(&mut wires);
        wiring.probe.counters.set_name(&wiring.context.component, wiring.context.task);
        let ports = Ports::new(wires.into_ports(), wiring.probe.clone(), host);
        let parts = BoltTask::new(inbox, Output::new(streams, ports), wiring.tick);
        let factory = Arc::clone(&self.factory);
        Box::new(RunningBolt { factory, parts, probe: wiring.probe, context: wiring.context })
    }
}

struct RunningBolt<B: Bolt> {
    factory: Arc<dyn Factory<B>>,
    parts: BoltTask<B>,
    probe: Probe,
    context: TaskContext,
}

impl<B: Bolt> Task for RunningBolt<B> {
    fn run(&mut self) -> LocalFuture<'_, Exit> {
        Box::pin(async {
            let mut bolt = match build(&*self.factory, &self.context, &self.probe).await {
                Ok(bolt) => bolt,
                Err(exit) => return exit,
            };
            self.parts.begin(&bolt);
            let end = guarded(run_bolt(&mut bolt, &mut self.parts)).await;
            let exit = match end {
                Ok(()) => Exit::Finished { progressed: self.parts.has_progressed() },
                Err(panicked) => {
                    self.parts.recover(&panicked);
                    let progressed = self.parts.has_progressed();
                    Exit::Failed { message: panicked.to_string(), permanent: false, progressed }
                }
            };
            drop_user_part(bolt, &self.probe);
            self.parts.flush().await;
            exit
        })
    }
}

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

    fn task(&self, wiring: Wiring, host: Rc<dyn Host>) -> Box<dyn Task> {
        let mut wires = Wires::new(wiring.routes);
        let streams = S::Out::open(&mut wires);
        wiring.probe.counters.set_name(&wiring.context.component, wiring.context.task);
        let ports = Ports::new(wires.into_ports(), wiring.probe.clone(), host);
        let out = SpoutOutput::new(streams, wiring.max_pending, wiring.message_timeout);
        let parts = SpoutTask::new(out, ports, wiring.control);
        let factory = Arc::clone(&self.factory);
        Box::new(RunningSpout { factory, parts, kept: None, probe: wiring.probe, context: wiring.context })
    }
}

struct RunningSpout<S: Spout> {
    factory: Arc<dyn Factory<S>>,
    parts: SpoutTask<S>,
    /// The spout whose `next` answered `Err`: it goes on after the back-off.
    kept: Option<S>,
    probe: Probe,
    context: TaskContext,
}

impl<S: Spout> Task for RunningSpout<S> {
    fn run(&mut self) -> LocalFuture<'_, Exit> {
        Box::pin(async {
            let mut spout = match self.kept.take() {
                Some(kept) => kept,
                None => match build(&*self.factory, &self.context, &self.probe).await {
                    Ok(spout) => spout,
                    Err(exit) => return exit,
                },
            };
            self.parts.begin();
            let end = guarded(run_spout(&mut spout, &mut self.parts)).await;
            let progressed = self.parts.has_progressed();
            match end {
                Ok(Ok(())) => {
                    drop_user_part(spout, &self.probe);
                    Exit::Finished { progressed }
                }
                Ok(Err(error)) => {
                    self.kept = Some(spout);
                    self.parts.flush().await;
                    Exit::Failed { message: error.to_string(), permanent: error.is_permanent(), progressed }
                }
                Err(panicked) => {
                    self.parts.recover(&panicked);
                    drop_user_part(spout, &self.probe);
                    if self.parts.is_closing() {
                        return Exit::Finished { progressed };
                    }
                    self.parts.flush().await;
                    Exit::Failed { message: panicked.to_string(), permanent: false, progressed }
                }
            }
        })
    }
}

fn drop_user_part<C>(part: C, probe: &Probe) {
    if let Err(panicked) = caught_drop(part) {
        probe.report(&format!("the `Drop` of a component {panicked}"));
    }
}
