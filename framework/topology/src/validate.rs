//! Checks of a topology: all faults at once.

use std::{collections::HashSet, fmt, time::Duration};

use squall_core::{BuilderId, Grouping, Kind};

use crate::{
    plan::ComponentPlan,
    settings::{ComponentSettings, MAX_CONCURRENCY, MAX_PARALLELISM, TopologySettings},
};

/// The longest name of a topology or component.
const MAX_NAME: usize = 64;

/// Why a topology cannot be built or configured: every fault that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The topology's name.
    pub topology: String,
    /// The faults, in the order of the components.
    pub faults: Vec<Fault>,
}

impl Invalid {
    fn unless_empty(topology: &str, faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self { topology: topology.to_owned(), faults }) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.faults.len();
        let noun = if count == 1 { "fault" } else { "faults" };
        write!(f, "topology `{}` has {count} {noun}", self.topology)?;
        for fault in &self.faults {
            write!(f, "\n  - {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

/// One thing that is wrong with a topology.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A name that cannot stand in a metric, a path and a configuration.
    BadName {
        /// The name.
        name: String,
    },
    /// Two components with one name.
    DuplicateName {
        /// The name.
        name: String,
    },
    /// Nothing brings tuples in.
    NoSpout,
    /// A bolt that reads nothing.
    NoInput {
        /// The bolt.
        bolt: String,
    },
    /// A bolt whose inputs come, over whatever way, from bolts that read nothing.
    Unreachable {
        /// The bolt.
        bolt: String,
    },
    /// A bolt that reads a stream of another builder.
    ForeignStream {
        /// The bolt.
        bolt: String,
        /// The stream's name.
        stream: &'static str,
    },
    /// A number that must be something else.
    BadNumber {
        /// The component.
        component: String,
        /// The key of the configuration that sets the number.
        key: &'static str,
        /// What the number is, in words.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// Settings for a component that does not exist.
    UnknownComponent {
        /// The name in the settings.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A setting that a component of this kind has no use for.
    Useless {
        /// The component.
        component: String,
        /// The setting.
        setting: &'static str,
        /// The kind that has a use for it.
        only: &'static str,
    },
    /// Calls of one key beside each other, behind a grouping that keeps the tuples of a key together.
    UnkeyedConcurrency {
        /// The concurrent bolt.
        bolt: String,
        /// How many calls each of its tasks would have under way.
        concurrency: usize,
        /// The name of the grouping.
        grouping: &'static str,
    },
}

impl Fault {
    /// The component and the key of the configuration that a fault of settings is about.
    pub(crate) fn setting(&self) -> Option<(&str, &'static str)> {
        match self {
            Self::BadNumber { component, key, .. } => Some((component, key)),
            Self::Useless { component, setting, .. } => Some((component, setting)),
            Self::UnkeyedConcurrency { bolt, .. } => Some((bolt, "concurrency")),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadName { name } => write!(
                f,
                "`{name}` is no name: use 1 to {MAX_NAME} of a-z, A-Z, 0-9, `-` and `_`, beginning with a letter"
            ),
            Self::DuplicateName { name } => {
                write!(f, "two components are called `{name}`: rename one")
            }
            Self::NoSpout => write!(f, "there is no spout: declare one with `.spout(..)`"),
            Self::NoInput { bolt } => {
                write!(f, "bolt `{bolt}` reads nothing: subscribe it, as with `.shuffle(stream)`")
            }
            Self::Unreachable { bolt } => {
                write!(f, "no spout reaches bolt `{bolt}`: give the bolts that it reads from an input")
            }
            Self::ForeignStream { bolt, stream } => write!(
                f,
                "bolt `{bolt}` reads the stream `{stream}` of another `TopologyBuilder`: use handles of its own builder"
            ),
            Self::BadNumber { component, setting, found, expected, .. } => {
                write!(f, "`{component}`: {setting} is {found}, expected {expected}")
            }
            Self::UnknownComponent { name, known } => {
                write!(f, "there is no component `{name}`: the components are {}", quoted(known))
            }
            Self::Useless { component, setting, only } => {
                write!(f, "`{component}`: {setting} is for {only} only: remove it")
            }
            Self::UnkeyedConcurrency { bolt, concurrency, grouping } => write!(
                f,
                "concurrent bolt `{bolt}` is reached by `{grouping}` and may have {concurrency} calls of one key under \
                 way at once: declare `.per_key(|input| key)`, so that calls of one key follow each other, or \
                 `.concurrency(1)`"
            ),
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

pub(crate) fn validate(name: &str, builder: BuilderId, components: &[ComponentPlan]) -> Result<(), Invalid> {
    let mut faults = Vec::new();
    check_names(name, components, &mut faults);
    if !components.iter().any(is_spout) {
        faults.push(Fault::NoSpout);
    }
    check_inputs(builder, components, &mut faults);
    for component in components {
        number_faults(component, &mut faults);
        call_faults(component, &mut faults);
    }
    Invalid::unless_empty(name, faults)
}

/// Checks that settings name components that exist, and only what these have a use for, and the numbers that the
/// components have under them.
pub(crate) fn validate_settings(
    name: &str,
    components: &[ComponentPlan],
    settings: &TopologySettings,
) -> Result<(), Invalid> {
    let mut faults = Vec::new();
    for (key, own) in &settings.component {
        match components.iter().find(|component| *component.name == **key) {
            Some(component) => check_use(component, own, &mut faults),
            None => {
                let known = components.iter().map(|component| component.name.to_string()).collect();
                faults.push(Fault::UnknownComponent { name: key.clone(), known });
            }
        }
    }
    for component in components {
        number_faults(component, &mut faults);
        call_faults(component, &mut faults);
    }
    Invalid::unless_empty(name, faults)
}

fn check_use(component: &ComponentPlan, own: &ComponentSettings, faults: &mut Vec<Fault>) {
    let is_set = |setting: &str| match setting {
        "inbox" => own.inbox.is_some(),
        "tick" => own.tick.is_some(),
        "max_pending" => own.max_pending.is_some(),
        "message_timeout" => own.message_timeout.is_some(),
        "replay" => own.replay.is_some(),
        "concurrency" => own.concurrency.is_some(),
        "call_timeout" => own.call_timeout.is_some(),
        "retry" => own.retry.is_some(),
        _ => false,
    };
    for (setting, only) in useless(component).into_iter().filter(|(setting, _)| is_set(setting)) {
        faults.push(Fault::Useless { component: component.name.to_string(), setting, only });
    }
}

/// The settings that a component has no use for, and who has.
pub(crate) fn useless(component: &ComponentPlan) -> Vec<(&'static str, &'static str)> {
    let mut useless = if is_spout(component) {
        vec![("inbox", "bolts"), ("tick", "bolts")]
    } else {
        vec![("max_pending", "spouts"), ("message_timeout", "spouts")]
    };
    if component.replay.is_none() {
        useless.push(("replay", "spouts declared with `.replay(..)`"));
    }
    if component.calls.is_none() {
        useless.extend(["concurrency", "call_timeout", "retry"].map(|setting| (setting, "concurrent bolts")));
    }
    useless
}

fn is_spout(component: &ComponentPlan) -> bool {
    component.kind() == Kind::Spout
}

fn check_names(topology: &str, components: &[ComponentPlan], faults: &mut Vec<Fault>) {
    let mut seen = HashSet::new();
    for name in std::iter::once(topology).chain(components.iter().map(|component| &*component.name)) {
        if !is_name(name) {
            faults.push(Fault::BadName { name: name.chars().take(MAX_NAME).collect() });
        }
    }
    for component in components {
        if !seen.insert(&component.name) {
            faults.push(Fault::DuplicateName { name: component.name.to_string() });
        }
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

/// A handle exists only once its component is declared, so components stand in topological order and
/// cycles cannot be written.
fn check_inputs(builder: BuilderId, components: &[ComponentPlan], faults: &mut Vec<Fault>) {
    let mut reached: Vec<bool> = Vec::new();
    for component in components {
        let bolt = || component.name.to_string();
        let mut is_reached = is_spout(component);
        let mut has_foreign = false;
        for edge in &component.inputs {
            if edge.origin.builder == builder {
                is_reached |= reached.get(edge.origin.component).copied().unwrap_or_default();
            } else {
                has_foreign = true;
                faults.push(Fault::ForeignStream { bolt: bolt(), stream: edge.origin.name });
            }
        }
        if !is_reached && component.inputs.is_empty() {
            faults.push(Fault::NoInput { bolt: bolt() });
        } else if !is_reached && !has_foreign {
            faults.push(Fault::Unreachable { bolt: bolt() });
        }
        reached.push(is_reached);
    }
}

/// What is wrong with the calls of a concurrent bolt.
fn call_faults(component: &ComponentPlan, faults: &mut Vec<Fault>) {
    let Some(calls) = &component.calls else { return };
    let name = || component.name.to_string();
    let mut bad = |key, setting, found: String, expected: String| {
        faults.push(Fault::BadNumber { component: name(), key, setting, found, expected });
    };
    if !(1..=MAX_CONCURRENCY).contains(&calls.concurrency) {
        let expected = format!("1 to {MAX_CONCURRENCY}");
        bad("concurrency", "the number of calls at once", calls.concurrency.to_string(), expected);
    }
    if let Some(limit) = calls.timeout.filter(|limit| *limit < Duration::from_millis(1)) {
        bad("call_timeout", "the timeout of a call", format!("{limit:?}"), "at least 1 ms".to_owned());
    }
    if calls.retry.is_some_and(|policy| policy.attempts == 0) {
        bad("retry", "the number of attempts", "0".to_owned(), "at least 1".to_owned());
    }
    let is_keyed = |grouping| matches!(grouping, Grouping::Fields | Grouping::PartialKey);
    let keyed = component.inputs.iter().find(|edge| is_keyed(edge.grouping));
    if let Some(edge) = keyed
        && calls.concurrency > 1
        && calls.key.is_none()
    {
        let (concurrency, grouping) = (calls.concurrency, edge.grouping.name());
        faults.push(Fault::UnkeyedConcurrency { bolt: name(), concurrency, grouping });
    }
}

fn number_faults(component: &ComponentPlan, faults: &mut Vec<Fault>) {
    let mut bad = |key, setting, found: String, expected: &str| {
        let (component, expected) = (component.name.to_string(), expected.to_owned());
        faults.push(Fault::BadNumber { component, key, setting, found, expected });
    };
    if !(1..=MAX_PARALLELISM).contains(&component.tasks) {
        bad(
            "parallelism",
            "the number of tasks",
            component.tasks.to_string(),
            &format!("1 to {MAX_PARALLELISM}"),
        );
    }
    if component.inbox == 0 {
        bad("inbox", "the capacity of the inbox", "0".to_owned(), "at least 1 tuple");
    }
    if !(1..=u32::MAX as usize).contains(&component.max_pending) {
        bad("max_pending", "max_pending", component.max_pending.to_string(), "at least 1 root");
    }
    if component.message_timeout < Duration::from_millis(1) {
        bad(
            "message_timeout",
            "the message timeout",
            format!("{:?}", component.message_timeout),
            "at least 1 ms",
        );
    }
    if component.stuck_after < Duration::from_millis(10) {
        bad("stuck_after", "stuck_after", format!("{:?}", component.stuck_after), "at least 10 ms");
    }
    if component.tick.is_some_and(|period| period < Duration::from_millis(1)) {
        bad(
            "tick",
            "the period of the tick",
            format!("{:?}", component.tick.unwrap_or_default()),
            "at least 1 ms",
        );
    }
}
