//! [`TopologyBuilder`]: the typed wiring. What it builds is a [`Plan`].

mod concurrent;

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

pub use concurrent::{Concurrent, OneByOne, SideBySide};
use squall_core::{
    Bolt, BoltComponent, BuilderId, CallOptions, Component, ConcurrentBolt, ConcurrentComponent,
    CustomGrouping, Edge, Fallible, Grouping, Handover, Key, Outputs, Plain, Replays, Result, Spout,
    SpoutComponent, Subscribe, SyncBolt, TaskContext, derived::ComponentRef, sync_component,
};

use crate::{
    plan::{ComponentPlan, Plan},
    settings::RestartPolicy,
    validate::{Invalid, validate},
};

/// Declares spouts and bolts and wires them by typed handles.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use squall_core::{Bolt, Emit, Next, Output, Result, Spout, SpoutOutput};
/// use squall_topology::TopologyBuilder;
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Line { text: String }
/// # struct Lines;
/// # impl Spout for Lines {
/// #     type Id = u64;
/// #     type Out = Emit<Line>;
/// #     async fn next(&mut self, _: &mut SpoutOutput<Emit<Line>, u64>) -> Result<Next> { Ok(Next::End) }
/// # }
/// # struct Print;
/// # impl Bolt for Print {
/// #     type In = Line;
/// #     type Out = ();
/// #     async fn execute(&mut self, _: Line, _: &mut Output<()>) -> Result<()> { Ok(()) }
/// # }
///
/// let mut t = TopologyBuilder::new("print");
/// let lines = t.spout("lines", || Lines).max_pending(512).output();
/// t.bolt("print", || Print).tasks(4).shuffle(lines);
/// let plan = t.build().unwrap();
///
/// assert_eq!(plan.component("print").map(|bolt| bolt.tasks), Some(4));
/// ```
#[derive(Debug)]
pub struct TopologyBuilder {
    name: String,
    id: BuilderId,
    components: Vec<ComponentPlan>,
}

impl TopologyBuilder {
    /// A topology without components.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), id: BuilderId::fresh(), components: Vec::new() }
    }

    /// Declares a spout. `factory` is called once a task and again at each restart, on the task's thread.
    pub fn spout<S: Spout>(
        &mut self,
        name: impl Into<String>,
        factory: impl Fn() -> S + Send + Sync + 'static,
    ) -> SpoutDeclarer<'_, S::Out> {
        self.declare_spout(name.into(), SpoutComponent::new(Plain(factory)))
    }

    /// Declares a spout whose set-up awaits or can fail. A failure is handled as a panic of the task is.
    pub fn spout_with<S: Spout>(
        &mut self,
        name: impl Into<String>,
        factory: impl AsyncFn(&TaskContext) -> Result<S> + Send + Sync + 'static,
    ) -> SpoutDeclarer<'_, S::Out> {
        self.declare_spout(name.into(), SpoutComponent::new(Fallible(factory)))
    }

    /// Declares a bolt. `factory` is called once a task and again at each restart, on the task's thread.
    pub fn bolt<B: Bolt>(
        &mut self,
        name: impl Into<String>,
        factory: impl Fn() -> B + Send + Sync + 'static,
    ) -> BoltDeclarer<'_, B::In, B::Out> {
        self.declare_bolt(name.into(), Arc::new(BoltComponent::new(Plain(factory))))
    }

    /// Declares a bolt whose set-up awaits or can fail. A failure is handled as a panic of the task is.
    pub fn bolt_with<B: Bolt>(
        &mut self,
        name: impl Into<String>,
        factory: impl AsyncFn(&TaskContext) -> Result<B> + Send + Sync + 'static,
    ) -> BoltDeclarer<'_, B::In, B::Out> {
        self.declare_bolt(name.into(), Arc::new(BoltComponent::new(Fallible(factory))))
    }

    /// Declares a bolt whose state moves with its keys when the component is rebalanced.
    pub fn stateful_bolt<B: Handover>(
        &mut self,
        name: impl Into<String>,
        factory: impl Fn() -> B + Send + Sync + 'static,
    ) -> BoltDeclarer<'_, B::In, B::Out> {
        self.declare_bolt(name.into(), Arc::new(BoltComponent::stateful(Plain(factory))))
    }

    /// [`stateful_bolt`](Self::stateful_bolt) with a set-up that awaits or can fail.
    pub fn stateful_bolt_with<B: Handover>(
        &mut self,
        name: impl Into<String>,
        factory: impl AsyncFn(&TaskContext) -> Result<B> + Send + Sync + 'static,
    ) -> BoltDeclarer<'_, B::In, B::Out> {
        self.declare_bolt(name.into(), Arc::new(BoltComponent::stateful(Fallible(factory))))
    }

    /// Declares a bolt of which each task has several executes under way at once:
    /// `t.concurrent_bolt("lookup", Lookup::new).concurrency(32).timeout(limit).shuffle(ids)`.
    pub fn concurrent_bolt<B: ConcurrentBolt>(
        &mut self,
        name: impl Into<String>,
        factory: impl Fn() -> B + Send + Sync + 'static,
    ) -> BoltDeclarer<'_, B::In, B::Out, Concurrent> {
        self.declare_concurrent(name.into(), ConcurrentComponent::new(Plain(factory)))
    }

    /// [`concurrent_bolt`](Self::concurrent_bolt) with a set-up that awaits or can fail.
    pub fn concurrent_bolt_with<B: ConcurrentBolt>(
        &mut self,
        name: impl Into<String>,
        factory: impl AsyncFn(&TaskContext) -> Result<B> + Send + Sync + 'static,
    ) -> BoltDeclarer<'_, B::In, B::Out, Concurrent> {
        self.declare_concurrent(name.into(), ConcurrentComponent::new(Fallible(factory)))
    }

    /// Declares a bolt that computes or blocks; each of its tasks has a thread of its own.
    pub fn sync_bolt<B: SyncBolt>(
        &mut self,
        name: impl Into<String>,
        factory: impl Fn() -> B + Send + Sync + 'static,
    ) -> BoltDeclarer<'_, B::In, B::Out> {
        self.declare_bolt(name.into(), Arc::new(sync_component(Plain(factory))))
    }

    /// [`sync_bolt`](Self::sync_bolt) with a set-up that awaits or can fail.
    pub fn sync_bolt_with<B: SyncBolt>(
        &mut self,
        name: impl Into<String>,
        factory: impl AsyncFn(&TaskContext) -> Result<B> + Send + Sync + 'static,
    ) -> BoltDeclarer<'_, B::In, B::Out> {
        self.declare_bolt(name.into(), Arc::new(sync_component(Fallible(factory))))
    }

    /// Checks everything and hands out the plan.
    ///
    /// # Errors
    ///
    /// All faults at once: bad or duplicate names, no spout, bolts without input, components that no spout
    /// reaches, handles of another builder, zero tasks or capacities.
    pub fn build(self) -> Result<Plan, Invalid> {
        validate(&self.name, self.id, &self.components)?;
        Ok(Plan::new(self.name, self.components))
    }

    fn declare_spout<S: Spout>(
        &mut self,
        name: String,
        spout: SpoutComponent<S>,
    ) -> SpoutDeclarer<'_, S::Out> {
        let handle = self.declare(name, Arc::new(spout));
        SpoutDeclarer { builder: self, handle, outputs: PhantomData, streams: S::Out::streams(handle) }
    }

    fn declare_bolt<In, Out, Calls>(
        &mut self,
        name: String,
        bolt: Arc<dyn Component>,
    ) -> BoltDeclarer<'_, In, Out, Calls> {
        let handle = self.declare(name, bolt);
        BoltDeclarer { builder: self, handle, types: PhantomData }
    }

    fn declare_concurrent<B: ConcurrentBolt>(
        &mut self,
        name: String,
        bolt: ConcurrentComponent<B>,
    ) -> BoltDeclarer<'_, B::In, B::Out, Concurrent> {
        let declarer: BoltDeclarer<'_, B::In, B::Out, Concurrent> = self.declare_bolt(name, Arc::new(bolt));
        declarer.edit(|component| component.calls = Some(CallOptions::default()))
    }

    fn declare(&mut self, name: String, component: Arc<dyn Component>) -> ComponentRef {
        let handle = ComponentRef { builder: self.id, index: self.components.len() };
        self.components.push(ComponentPlan::new(name, component));
        handle
    }

    fn edit(&mut self, handle: ComponentRef, edit: impl FnOnce(&mut ComponentPlan)) {
        if let Some(component) = self.components.get_mut(handle.index) {
            edit(component);
        }
    }
}

/// A spout that is being declared.
#[must_use = "a spout is of no use until a bolt reads its `output()`"]
pub struct SpoutDeclarer<'t, Out: Outputs, Streams = <Out as Outputs>::Streams> {
    builder: &'t mut TopologyBuilder,
    handle: ComponentRef,
    outputs: PhantomData<fn() -> Out>,
    streams: Streams,
}

impl<'t, Out: Outputs> SpoutDeclarer<'t, Out> {
    /// Has the engine replay what fails, for a source that cannot do so itself.
    ///
    /// A root that fails is not told to the spout: its tuples are emitted again after a pause, as often as the
    /// policy says; bolts see the attempt in [`Output::delivery`](squall_core::Output::delivery). The root stays
    /// pending from the first attempt to its one outcome, and counts towards `max_pending`; so long the engine
    /// keeps a copy of its tuples.
    ///
    /// When no attempt is left, or at once when the error was
    /// [permanent](squall_core::Error::permanent), the tuples go out as a [`Dead`](squall_core::Dead) letter on a
    /// stream of their own. A bolt that answers `Ok` to the letter releases the original: the spout's `ack` is
    /// called. A letter that fails is emitted again, with the same pauses, for ever. If nobody reads the letters,
    /// the root fails with its last failure, and the spout's `fail` is called.
    ///
    /// Nothing is emitted again while the topology drains: what fails then, or waits for its next attempt, fails
    /// for good. So does a root that the spout had not completed when its `next` failed or panicked.
    ///
    /// [`output`](Self::output) then gives the stream and that of the dead letters:
    ///
    /// ```
    /// # use squall_core::{Bolt, Dead, Emit, Next, Output, Result, RetryPolicy, Spout, SpoutOutput};
    /// # use squall_topology::TopologyBuilder;
    /// # struct Lines;
    /// # impl Spout for Lines {
    /// #     type Id = u64;
    /// #     type Out = Emit<String>;
    /// #     async fn next(&mut self, _: &mut SpoutOutput<Emit<String>, u64>) -> Result<Next> { Ok(Next::End) }
    /// # }
    /// # struct Print;
    /// # impl Bolt for Print {
    /// #     type In = String;
    /// #     type Out = ();
    /// #     async fn execute(&mut self, _: String, _: &mut Output<()>) -> Result<()> { Ok(()) }
    /// # }
    /// # struct Bury;
    /// # impl Bolt for Bury {
    /// #     type In = Dead<String>;
    /// #     type Out = ();
    /// #     async fn execute(&mut self, _: Dead<String>, _: &mut Output<()>) -> Result<()> { Ok(()) }
    /// # }
    /// let mut t = TopologyBuilder::new("print");
    /// let policy = RetryPolicy { attempts: 5, ..RetryPolicy::default() };
    /// let (lines, dead) = t.spout("lines", || Lines).replay(policy).output();
    /// t.bolt("print", || Print).shuffle(lines);
    /// t.bolt("bury", || Bury).shuffle(dead);
    ///
    /// assert_eq!(t.build()?.component("lines").unwrap().streams(), ["default", "dead"]);
    /// # Ok::<(), squall_topology::Invalid>(())
    /// ```
    pub fn replay<P: Replays<Out>>(self, policy: P) -> SpoutDeclarer<'t, Out, (Out::Streams, P::Dead)> {
        let Self { builder, handle, outputs, streams } = self;
        builder.edit(handle, |component| component.set_replay(policy.into(), P::names_with_dead()));
        SpoutDeclarer { builder, handle, outputs, streams: (streams, P::dead(handle)) }
    }
}

impl<Out: Outputs, Streams> SpoutDeclarer<'_, Out, Streams> {
    /// How many tasks; 1 unless said.
    pub fn tasks(self, tasks: usize) -> Self {
        self.edit(|component| component.tasks = tasks)
    }

    /// How many roots of each task may be without outcome; 1,024 unless said.
    pub fn max_pending(self, roots: usize) -> Self {
        self.edit(|component| component.max_pending = roots)
    }

    /// When a root without outcome fails; 30 seconds unless said. It fails later than that, and at most
    /// one eighth of it later still.
    pub fn message_timeout(self, timeout: Duration) -> Self {
        self.edit(|component| component.message_timeout = timeout)
    }

    /// How long one call of its code may last before its task counts as stuck; 30 seconds unless said. A
    /// call that awaits for longer is dropped and its task rebuilt; a thread that does not come back is
    /// given up and replaced, and what else ran on it is built anew elsewhere.
    pub fn stuck_after(self, limit: Duration) -> Self {
        self.edit(|component| component.stuck_after = limit)
    }

    /// What happens when a task fails or ends.
    pub fn restart(self, policy: RestartPolicy) -> Self {
        self.edit(|component| component.restart = policy)
    }

    /// The handles of its streams.
    pub fn output(self) -> Streams {
        self.streams
    }

    fn edit(self, edit: impl FnOnce(&mut ComponentPlan)) -> Self {
        self.builder.edit(self.handle, edit);
        self
    }
}

/// A bolt that is being declared.
pub struct BoltDeclarer<'t, In, Out, Calls = OneByOne> {
    builder: &'t mut TopologyBuilder,
    handle: ComponentRef,
    types: PhantomData<fn(In) -> (Out, Calls)>,
}

impl<In: Send + 'static, Out: Outputs, Calls> BoltDeclarer<'_, In, Out, Calls> {
    /// How many tasks; 1 unless said.
    pub fn tasks(self, tasks: usize) -> Self {
        self.edit(|component| component.tasks = tasks)
    }

    /// How many tuples an inbox holds; 4,096 unless said. A bolt that is reached only by shuffle has one
    /// inbox for all its tasks, any other bolt one a task.
    pub fn inbox(self, tuples: usize) -> Self {
        self.edit(|component| component.inbox = tuples)
    }

    /// Calls `tick` at this period.
    pub fn tick(self, period: Duration) -> Self {
        self.edit(|component| component.tick = Some(period))
    }

    /// How long one call of its code may last before its task counts as stuck; 30 seconds unless said. A
    /// call that awaits for longer is dropped and its task rebuilt; a thread that does not come back is
    /// given up and replaced, and what else ran on it is built anew elsewhere.
    pub fn stuck_after(self, limit: Duration) -> Self {
        self.edit(|component| component.stuck_after = limit)
    }

    /// What happens when a task fails.
    pub fn restart(self, policy: RestartPolicy) -> Self {
        self.edit(|component| component.restart = policy)
    }

    /// Reads a stream; each tuple goes to any one task, to whichever takes it first.
    pub fn shuffle<S: Subscribe<In>>(self, stream: S) -> Self {
        self.subscribe(Edge::plain::<In, S>(stream, Grouping::Shuffle))
    }

    /// Reads a stream; a tuple goes to a task of the same process if there is one. One process holds all
    /// tasks of a topology that no broker cuts, so this is [`shuffle`](Self::shuffle).
    pub fn local_or_shuffle<S: Subscribe<In>>(self, stream: S) -> Self {
        self.subscribe(Edge::plain::<In, S>(stream, Grouping::LocalOrShuffle))
    }

    /// Reads a stream; tuples with the same key go to the same task. The key is borrowed from the tuple:
    /// `fields(words, |word| &word.text)`.
    pub fn fields<S, K>(
        self,
        stream: S,
        key: impl for<'a> Fn(&'a S::Tuple) -> &'a K + Send + Sync + 'static,
    ) -> Self
    where
        S: Subscribe<In>,
        K: Key + ?Sized,
    {
        self.subscribe(Edge::fields::<In, S, K>(stream, key))
    }

    /// [`fields`](Self::fields) with a key that is computed: `fields_by(clicks, |click| click.at / 60)`.
    pub fn fields_by<S, K>(self, stream: S, key: impl Fn(&S::Tuple) -> K + Send + Sync + 'static) -> Self
    where
        S: Subscribe<In>,
        K: Key,
    {
        self.subscribe(Edge::fields_by::<In, S, K>(stream, key))
    }

    /// Reads a stream; two tasks share the tuples of a key, each of which goes to the one that its emitter
    /// has sent less to. For counts and sums over skewed keys, whose halves are added up further down.
    ///
    /// `partial_key(words, |word| &word.text)`
    pub fn partial_key<S, K>(
        self,
        stream: S,
        key: impl for<'a> Fn(&'a S::Tuple) -> &'a K + Send + Sync + 'static,
    ) -> Self
    where
        S: Subscribe<In>,
        K: Key + ?Sized,
    {
        self.subscribe(Edge::partial_key::<In, S, K>(stream, key))
    }

    /// Reads a stream; each tuple names the task that gets it, counted from 0: `direct(jobs, |job| job.worker)`.
    ///
    /// A task that does not exist fails the tuple's root with [`Reason::Explicit`](squall_core::Reason) and is
    /// reported among the errors of the emitting component.
    pub fn direct<S: Subscribe<In>>(
        self,
        stream: S,
        task: impl Fn(&S::Tuple) -> usize + Send + Sync + 'static,
    ) -> Self {
        self.subscribe(Edge::direct::<In, S>(stream, task))
    }

    /// Reads a stream; a [`CustomGrouping`] names the tasks that get a tuple: none, one or several. `make` is
    /// called once for each task that emits the stream.
    pub fn custom<S, G>(self, stream: S, make: impl Fn() -> G + Send + Sync + 'static) -> Self
    where
        S: Subscribe<In>,
        G: CustomGrouping<S::Tuple>,
    {
        self.subscribe(Edge::custom::<In, S, G>(stream, make))
    }

    /// Reads a stream; every task gets every tuple.
    pub fn all<S: Subscribe<In>>(self, stream: S) -> Self {
        self.subscribe(Edge::plain::<In, S>(stream, Grouping::All))
    }

    /// Reads a stream; the first task gets every tuple.
    pub fn global<S: Subscribe<In>>(self, stream: S) -> Self {
        self.subscribe(Edge::plain::<In, S>(stream, Grouping::Global))
    }

    /// The handles of its streams.
    pub fn output(self) -> Out::Streams {
        Out::streams(self.handle)
    }

    fn subscribe(self, edge: Edge) -> Self {
        self.edit(|component| component.inputs.push(edge))
    }

    fn edit(self, edit: impl FnOnce(&mut ComponentPlan)) -> Self {
        self.builder.edit(self.handle, edit);
        self
    }
}

impl<Out: Outputs, Streams> fmt::Debug for SpoutDeclarer<'_, Out, Streams> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpoutDeclarer").field("handle", &self.handle).finish_non_exhaustive()
    }
}

impl<In, Out, Calls> fmt::Debug for BoltDeclarer<'_, In, Out, Calls> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoltDeclarer").field("handle", &self.handle).finish_non_exhaustive()
    }
}
