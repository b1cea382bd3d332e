//! [`Plan`]: a topology as data, the one seam between typed code, configuration and runtime.

use std::{fmt, sync::Arc, time::Duration};

use squall_core::{CallOptions, Component, Edge, Kind};

use crate::{
    change::{self, Change},
    settings::{ComponentSettings, RestartPolicy, RetryPolicy, TopologySettings},
    validate::{Invalid, validate_settings},
};

/// A topology that is wired, checked and not running.
#[derive(Clone, Debug)]
pub struct Plan {
    name: Arc<str>,
    /// As the code has them: what is taken out of a configuration falls back to these.
    declared: Arc<[ComponentPlan]>,
    components: Vec<ComponentPlan>,
}

impl Plan {
    pub(crate) fn new(name: String, components: Vec<ComponentPlan>) -> Self {
        Self { name: name.into(), declared: components.clone().into(), components }
    }

    /// The topology's name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The components, each behind those that it reads from.
    pub fn components(&self) -> &[ComponentPlan] {
        &self.components
    }

    /// The component with this name.
    pub fn component(&self, name: &str) -> Option<&ComponentPlan> {
        self.components.iter().find(|component| &*component.name == name)
    }

    /// The names of the components, as a configuration may use them.
    pub fn component_names(&self) -> Vec<&str> {
        self.components.iter().map(|component| &*component.name).collect()
    }

    /// Lets other numbers hold for one component: those of `next`, which must be the same component.
    pub fn set_component(&mut self, index: usize, next: ComponentPlan) {
        if let Some(component) = self.components.get_mut(index) {
            *component = next;
        }
    }

    /// Lets settings override the numbers of the code. Nothing is changed if a fault is found.
    ///
    /// Settings given before do not count any more: what the new ones leave out is as the code says.
    ///
    /// # Errors
    ///
    /// All faults at once: settings for a component that does not exist or has no use for them, numbers
    /// out of range.
    pub fn configure(&mut self, settings: &TopologySettings) -> Result<(), Invalid> {
        let mut components = self.declared.to_vec();
        for component in &mut components {
            component.apply(&settings.component(&component.name));
        }
        validate_settings(&self.name, &components, settings)?;
        self.components = components;
        Ok(())
    }

    /// The settings under which the plan as the code has it has the numbers of this one: what
    /// [`configure`](Self::configure) takes to come back here.
    pub fn settings(&self) -> TopologySettings {
        let both = self.declared.iter().zip(&self.components);
        let component = both.map(|(declared, now)| (now.name.to_string(), declared.settings_for(now)));
        let component = component.filter(|(_, settings)| *settings != ComponentSettings::default()).collect();
        TopologySettings { component, ..TopologySettings::default() }
    }

    /// The numbers that differ in the plan `to` of the same topology, in the order of the components.
    ///
    /// Only numbers are compared, and only those of components that both plans have.
    ///
    /// ```
    /// # use squall_core::{Emit, Next, Result, Spout, SpoutOutput};
    /// # use squall_topology::{Config, TopologyBuilder};
    /// # struct Numbers;
    /// # impl Spout for Numbers {
    /// #     type Id = u64;
    /// #     type Out = Emit<u64>;
    /// #     async fn next(&mut self, _: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> { Ok(Next::End) }
    /// # }
    /// let mut t = TopologyBuilder::new("numbers");
    /// t.spout("numbers", || Numbers).max_pending(64);
    /// let plan = t.build()?;
    ///
    /// let mut config = Config::parse("squall.toml", "[topology.numbers.component.numbers]\nparallelism = 8")?;
    /// let mut to = plan.clone();
    /// to.configure(&config.topology("numbers", &["numbers"])?)?;
    ///
    /// let changes = plan.changes(&to);
    /// assert_eq!(changes.len(), 1);
    /// assert_eq!(changes[0].to_string(), "numbers.parallelism 1 -> 8");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn changes(&self, to: &Self) -> Vec<Change> {
        let both = self.components.iter().filter_map(|from| Some((from, to.component(&from.name)?)));
        both.flat_map(|(from, to)| change::between(from, to)).collect()
    }
}

/// One spout or bolt of a plan.
#[derive(Clone)]
pub struct ComponentPlan {
    /// Its name, unique in the topology.
    pub name: Arc<str>,
    /// Number of tasks.
    pub tasks: usize,
    /// Tuples that an inbox holds.
    pub inbox: usize,
    /// Roots of a spout task that may be without outcome.
    pub max_pending: usize,
    /// When a root without outcome fails.
    pub message_timeout: Duration,
    /// The period of `tick`.
    pub tick: Option<Duration>,
    /// How long one call of its code may last before its task counts as stuck.
    pub stuck_after: Duration,
    /// How a concurrent bolt makes its calls; `None`: it is none.
    pub calls: Option<CallOptions>,
    /// What happens when a task fails or ends.
    pub restart: RestartPolicy,
    /// How the engine replays what a spout emits; `None`: not at all.
    pub replay: Option<RetryPolicy>,
    /// The streams that it reads.
    pub inputs: Vec<Edge>,
    component: Arc<dyn Component>,
    streams: &'static [&'static str],
}

impl ComponentPlan {
    /// 16 batches: deep enough to hide a scheduling delay, shallow enough that a drain ends quickly.
    pub const DEFAULT_INBOX: usize = 4096;
    /// Four batches of roots.
    pub const DEFAULT_MAX_PENDING: usize = 1024;
    /// Storm's default.
    pub const DEFAULT_MESSAGE_TIMEOUT: Duration = Duration::from_secs(30);
    /// When the message timeout has failed the root, nobody waits for the call any more.
    pub const DEFAULT_STUCK_AFTER: Duration = Duration::from_secs(30);

    pub(crate) fn new(name: String, component: Arc<dyn Component>) -> Self {
        Self {
            name: name.into(),
            tasks: 1,
            inbox: Self::DEFAULT_INBOX,
            max_pending: Self::DEFAULT_MAX_PENDING,
            message_timeout: Self::DEFAULT_MESSAGE_TIMEOUT,
            tick: None,
            stuck_after: Self::DEFAULT_STUCK_AFTER,
            calls: None,
            restart: RestartPolicy::default(),
            replay: None,
            inputs: Vec::new(),
            streams: component.streams(),
            component,
        }
    }

    /// What kind of component it is.
    pub fn kind(&self) -> Kind {
        self.component.kind()
    }

    /// The names of its output streams.
    pub fn streams(&self) -> &'static [&'static str] {
        self.streams
    }

    pub(crate) fn set_replay(&mut self, policy: RetryPolicy, streams: &'static [&'static str]) {
        self.replay = Some(policy);
        self.streams = streams;
    }

    /// What makes its inboxes and tasks.
    pub fn component(&self) -> &Arc<dyn Component> {
        &self.component
    }

    /// Whether its tasks take from one inbox: it is reached only by shuffle.
    pub fn shares_inbox(&self) -> bool {
        self.inputs.iter().all(|edge| edge.grouping.is_shuffle())
    }

    /// What makes the numbers of `other` out of these.
    fn settings_for(&self, other: &Self) -> ComponentSettings {
        let (calls, others) = (self.calls.as_ref(), other.calls.as_ref());
        let concurrency = |calls: &CallOptions| calls.concurrency;
        ComponentSettings {
            parallelism: (other.tasks != self.tasks).then_some(other.tasks),
            inbox: (other.inbox != self.inbox).then_some(other.inbox),
            max_pending: (other.max_pending != self.max_pending).then_some(other.max_pending),
            message_timeout: (other.message_timeout != self.message_timeout).then_some(other.message_timeout),
            tick: other.tick.filter(|_| other.tick != self.tick),
            stuck_after: (other.stuck_after != self.stuck_after).then_some(other.stuck_after),
            concurrency: others.map(concurrency).filter(|now| Some(*now) != calls.map(concurrency)),
            call_timeout: others
                .and_then(|calls| calls.timeout)
                .filter(|now| Some(*now) != calls.and_then(|calls| calls.timeout)),
            retry: others
                .and_then(|calls| calls.retry)
                .filter(|now| Some(*now) != calls.and_then(|calls| calls.retry)),
            restart: (other.restart != self.restart).then_some(other.restart),
            replay: other.replay.filter(|_| other.replay != self.replay),
        }
    }

    /// Whether a task built with these numbers would be like one built with those of `other`.
    pub fn has_same_terms(&self, other: &Self) -> bool {
        let terms =
            |of: &Self| (of.max_pending, of.message_timeout, of.tick, of.stuck_after, of.restart, of.replay);
        let calls =
            |of: &Self| of.calls.as_ref().map(|calls| (calls.concurrency, calls.timeout, calls.retry));
        terms(self) == terms(other) && calls(self) == calls(other)
    }

    /// Whether no number differs.
    pub fn has_same_numbers(&self, other: &Self) -> bool {
        self.has_same_terms(other) && (self.tasks, self.inbox) == (other.tasks, other.inbox)
    }

    fn apply(&mut self, settings: &ComponentSettings) {
        let ComponentSettings {
            parallelism,
            inbox,
            max_pending,
            message_timeout,
            tick,
            stuck_after,
            restart,
            replay,
            ..
        } = settings;
        self.tasks = parallelism.unwrap_or(self.tasks);
        // What a topology says for all its components is not for all kinds of them.
        if self.kind() == Kind::Spout {
            self.max_pending = max_pending.unwrap_or(self.max_pending);
            self.message_timeout = message_timeout.unwrap_or(self.message_timeout);
        } else {
            self.inbox = inbox.unwrap_or(self.inbox);
            self.tick = tick.or(self.tick);
        }
        self.stuck_after = stuck_after.unwrap_or(self.stuck_after);
        if let Some(calls) = &mut self.calls {
            calls.concurrency = settings.concurrency.unwrap_or(calls.concurrency);
            calls.timeout = settings.call_timeout.or(calls.timeout);
            calls.retry = settings.retry.or(calls.retry);
        }
        self.restart = restart.unwrap_or(self.restart);
        // Whether it replays is wiring; only the numbers can be set.
        self.replay = self.replay.map(|policy| replay.unwrap_or(policy));
    }
}

impl fmt::Debug for ComponentPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentPlan")
            .field("name", &self.name)
            .field("kind", &self.kind())
            .field("tasks", &self.tasks)
            .field("inputs", &self.inputs)
            .finish_non_exhaustive()
    }
}
