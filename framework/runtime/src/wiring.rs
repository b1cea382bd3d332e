//! From a plan to what its tasks are made of: links, inboxes, routes, probes.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use squall_core::{
    AnyInbox, AnyRoute, Component, Control, ErrorLog, Grouping, Kind, Life, Link, Order, Orders, Probe,
    Replaying, Taps, TaskContext, TaskProbe, Wiring,
};
use squall_topology::{ComponentPlan, Plan, RestartMode, RestartPolicy};

use crate::{
    happenings::Happenings,
    status::{StateCell, TaskState},
    totals::Totals,
};

/// A task of a topology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TaskId {
    pub(crate) component: usize,
    pub(crate) task: usize,
    /// Tells it from those that had its number before.
    pub(crate) life: Life,
}

/// What stays of a plan while it runs: everything that can be looked at.
pub(crate) struct Wired {
    pub(crate) name: Arc<str>,
    pub(crate) control: Arc<Control>,
    pub(crate) happenings: Arc<Happenings>,
    pub(crate) components: Vec<ComponentWiring>,
    /// Whether tasks measure how long things take.
    pub(crate) has_latencies: bool,
}

pub(crate) struct ComponentWiring {
    pub(crate) name: Arc<str>,
    pub(crate) kind: Kind,
    /// The components that it reads from, by number.
    pub(crate) inputs: Vec<usize>,
    /// Its output streams.
    pub(crate) streams: Vec<StreamWiring>,
    pub(crate) errors: Arc<ErrorLog>,
    pub(crate) taps: Arc<Taps>,
    /// It is a spout that is paused alone.
    pub(crate) is_paused: AtomicBool,
    /// The way into it.
    pub(crate) link: Arc<Link>,
    live: Mutex<Live>,
}

/// What a rebalance changes.
pub(crate) struct Live {
    pub(crate) inboxes: Vec<AnyInbox>,
    pub(crate) tasks: Vec<Arc<LiveTask>>,
    /// The counts of tasks that are no more, by their numbers.
    pub(crate) former: Vec<Totals>,
}

/// An output stream of a component.
pub(crate) struct StreamWiring {
    pub(crate) name: &'static str,
    /// In the order in which the probes of its tasks count them.
    pub(crate) to: Vec<Subscription>,
}

/// Who reads a stream.
pub(crate) struct Subscription {
    /// By number.
    pub(crate) component: usize,
    pub(crate) grouping: Grouping,
}

/// One life of a task, as it can be looked at.
pub(crate) struct LiveTask {
    pub(crate) id: TaskId,
    pub(crate) probe: Probe,
    pub(crate) orders: Arc<Orders>,
    pub(crate) state: StateCell,
    pub(crate) renewals: Renewals,
    /// Of a spout.
    max_pending: usize,
    /// Calls of a concurrent bolt that it may have under way.
    concurrency: Option<usize>,
}

impl Live {
    /// The counts of all tasks there are and were.
    pub(crate) fn totals(&self, now: Instant) -> Totals {
        let mut totals = Totals::default();
        self.former.iter().for_each(|former| totals.add(former));
        self.tasks.iter().for_each(|task| totals.add(&Totals::of(&task.probe.counters, now)));
        totals
    }

    /// The task is no more: its counts stay.
    pub(crate) fn keep_counts_of(&mut self, task: &LiveTask) {
        let now = tokio::time::Instant::now().into_std();
        self.former_of(task.id.task).add(&Totals::left_by(&task.probe.counters, now));
    }

    /// The counts of the tasks that had this number.
    pub(crate) fn former_of(&mut self, task: usize) -> &mut Totals {
        if self.former.len() <= task {
            self.former.resize_with(task + 1, Totals::default);
        }
        #[expect(clippy::indexing_slicing, reason = "it was made long enough above")]
        &mut self.former[task]
    }

    /// Calls of a concurrent bolt that a task may have under way.
    pub(crate) fn concurrency(&self) -> Option<usize> {
        self.tasks.first().and_then(|task| task.concurrency)
    }
}

/// A task that is not built yet.
pub(crate) struct Seed {
    pub(crate) live: Arc<LiveTask>,
    pub(crate) component: Arc<dyn Component>,
    pub(crate) wiring: Wiring,
    pub(crate) restart: RestartPolicy,
    pub(crate) happenings: Arc<Happenings>,
}

/// Whether somebody waits for a task to be built anew. The supervisor's thread alone writes it.
#[derive(Debug, Default)]
pub(crate) struct Renewals(AtomicBool);

impl Renewals {
    pub(crate) fn ask(&self) {
        self.0.store(true, Relaxed);
    }

    pub(crate) fn settle(&self) {
        self.0.store(false, Relaxed);
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Relaxed)
    }
}

impl Seed {
    /// The restart policy of its component is not `never`.
    pub(crate) fn may_restart(&self) -> bool {
        self.restart.policy != RestartMode::Never
    }
}

impl LiveTask {
    /// Whether as many roots are pending as may be.
    pub(crate) fn is_full(&self) -> bool {
        self.probe.counters.roots().pending >= self.max_pending as u64
    }

    /// It is a spout that has nothing more to emit.
    pub(crate) fn has_ended(&self) -> bool {
        self.probe.counters.has_ended()
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state.get(), TaskState::Finished | TaskState::Failed)
    }
}

impl ComponentWiring {
    fn new(declared: &ComponentPlan) -> Self {
        let inboxes = inboxes(declared);
        let live = Live { inboxes: inboxes.clone(), tasks: Vec::new(), former: Vec::new() };
        Self {
            name: Arc::clone(&declared.name),
            kind: declared.kind(),
            inputs: declared.inputs.iter().map(|edge| edge.origin.component).collect(),
            streams: Vec::new(),
            errors: Arc::default(),
            taps: Arc::new(Taps::new(Arc::clone(&declared.name), declared.streams())),
            is_paused: AtomicBool::new(false),
            link: Arc::new(Link::new(inboxes)),
            live: Mutex::new(live),
        }
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tasks(&self) -> Vec<Arc<LiveTask>> {
        self.live().tasks.clone()
    }
}

/// The inboxes of a component with these numbers: one that its tasks share, or one a task.
pub(crate) fn inboxes(declared: &ComponentPlan) -> Vec<AnyInbox> {
    let (count, readers) = if declared.shares_inbox() { (1, declared.tasks) } else { (declared.tasks, 1) };
    (0..count).filter_map(|_| declared.component().inbox(declared.inbox, readers)).collect()
}

/// The output streams of component number `from`.
fn streams(plan: &Plan, from: usize) -> Vec<StreamWiring> {
    let names = plan.components().get(from).map_or(&[][..], |declared| declared.streams());
    let mut streams: Vec<_> = names.iter().map(|name| StreamWiring { name, to: Vec::new() }).collect();
    for (component, subscriber) in plan.components().iter().enumerate() {
        for edge in subscriber.inputs.iter().filter(|edge| edge.origin.component == from) {
            if let Some(stream) = streams.get_mut(edge.origin.stream) {
                stream.to.push(Subscription { component, grouping: edge.grouping });
            }
        }
    }
    streams
}

/// The least message timeout of the spouts whose tuples reach component number `index`.
fn message_timeout(plan: &Plan, index: usize) -> Duration {
    let mut timeouts: Vec<Duration> = Vec::new();
    for component in plan.components() {
        // Each stands behind those that it reads from.
        let above = component.inputs.iter().filter_map(|edge| timeouts.get(edge.origin.component).copied());
        timeouts.push(above.min().unwrap_or(component.message_timeout));
    }
    timeouts.get(index).copied().unwrap_or_default()
}

impl Wired {
    /// Makes the inboxes, then the routes of every task into them.
    ///
    /// All senders exist before the first task runs, so that no inbox closes early. The seeds come by
    /// component and task.
    pub(crate) fn new(plan: &Plan, control: &Arc<Control>, has_latencies: bool) -> (Self, Vec<Seed>) {
        let of_component = |(index, declared)| ComponentWiring {
            streams: streams(plan, index),
            ..ComponentWiring::new(declared)
        };
        let components = plan.components().iter().enumerate().map(of_component).collect();
        let (name, control) = (Arc::clone(plan.name()), Arc::clone(control));
        let wired = Self { name, control, happenings: Arc::default(), components, has_latencies };
        let mut seeds = Vec::new();
        for (index, (declared, wiring)) in plan.components().iter().zip(&wired.components).enumerate() {
            let inboxes = wiring.live().inboxes.clone();
            let own: Vec<_> = (0..declared.tasks)
                .map(|task| wired.seed(plan, (index, declared), task, &inboxes, Order::Run))
                .collect();
            wiring.live().tasks = own.iter().map(|seed| Arc::clone(&seed.live)).collect();
            seeds.extend(own);
        }
        (wired, seeds)
    }

    /// A new life for a task.
    pub(crate) fn seed(
        &self,
        plan: &Plan,
        (index, declared): (usize, &ComponentPlan),
        task: usize,
        inboxes: &[AnyInbox],
        order: Order,
    ) -> Seed {
        let orders = Arc::new(Orders::new(order));
        let own = self.components.get(index);
        orders.pause(own.is_some_and(|own| own.is_paused.load(Relaxed)));
        let errors = own.map(|own| Arc::clone(&own.errors)).unwrap_or_default();
        let routes = self.routes(plan, index, orders.life());
        let counters = TaskProbe::new(routes.iter().map(Vec::len), self.has_latencies);
        let probe = Probe::new(task, errors, counters);
        let wiring = Wiring {
            inbox: inboxes.get(task).or_else(|| inboxes.first()).cloned(),
            routes,
            taps: own.map(|own| Arc::clone(&own.taps)),
            probe: probe.clone(),
            context: TaskContext {
                topology: Arc::clone(&self.name),
                component: Arc::clone(&declared.name),
                task,
                tasks: declared.tasks,
                message_timeout: message_timeout(plan, index),
            },
            control: Arc::clone(&self.control),
            max_pending: declared.max_pending,
            message_timeout: declared.message_timeout,
            tick: declared.tick,
            stuck_after: declared.stuck_after,
            replay: declared
                .replay
                .map(|policy| Replaying { policy, paths: Arc::new(plan.ways_from(index)) }),
            calls: declared.calls.clone().unwrap_or_default(),
            orders: Arc::clone(&orders),
        };
        let id = TaskId { component: index, task, life: orders.life() };
        let live = Arc::new(LiveTask {
            id,
            probe,
            orders,
            state: StateCell::new(),
            renewals: Renewals::default(),
            max_pending: declared.max_pending,
            concurrency: declared.calls.as_ref().map(|calls| calls.concurrency),
        });
        Seed {
            live,
            component: Arc::clone(declared.component()),
            wiring,
            restart: declared.restart,
            happenings: Arc::clone(&self.happenings),
        }
    }

    /// The routes of one task of component `from`, by stream, each in the order of [`streams`].
    pub(crate) fn routes(&self, plan: &Plan, from: usize, life: Life) -> Vec<Vec<AnyRoute>> {
        let streams = plan.components().get(from).map_or(0, |declared| declared.streams().len());
        let mut routes: Vec<Vec<_>> = (0..streams).map(|_| Vec::new()).collect();
        for (subscriber, wiring) in plan.components().iter().zip(&self.components) {
            for edge in subscriber.inputs.iter().filter(|edge| edge.origin.component == from) {
                if let Some(stream) = routes.get_mut(edge.origin.stream) {
                    stream.push(edge.connect(&wiring.link, life));
                }
            }
        }
        routes
    }
}
