//! [`Check`]: a number that is looked at every second, and the bound that it should keep.
//!
//! One concept behind what the pages find, `/health`, `squall check`, alerts, thresholds and repairs.

mod amount;
mod board;
mod bottleneck;
mod disk;
mod engine;
mod failures;
mod inbox;
mod memory;
mod metric;
mod queue_age;
mod restarts;
mod retention;
mod rules;
mod settings;
mod silence;
mod tasks;
mod watermark;
mod weekly;

pub(crate) use amount::Amount;
pub(crate) use board::Board;
pub use board::{CheckState, CheckStatus};
pub use retention::{Aging, Retention, RetentionTrend};
pub(crate) use rules::{Known, Rules};
pub(crate) use settings::{AllSettings, CheckSettings};
pub use watermark::Watermark;
#[cfg(feature = "history")]
pub(crate) use {
    metric::unit,
    weekly::{DAYS, HOURS_OF_WEEK, Weekly, hour_of_week, hour_of_week_since_1970},
};

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::heal::Heal;
use crate::history::History;
use crate::seen::{ComponentSeen, Seen};

/// What is checked of every process and every topology.
pub(crate) fn built_in() -> Vec<Check> {
    // Which folder it is the process says, once it has one.
    let [disk, disk_bytes] = disk::checks(None);
    vec![
        bottleneck::check(),
        disk,
        disk_bytes,
        engine::check(),
        failures::check(),
        inbox::check(),
        memory::check(),
        queue_age::check(),
        restarts::check(),
        silence::check(),
        tasks::check(),
    ]
}

/// What is checked of the folder in which a process keeps its data; it counts instead of what is
/// [built in](built_in) under the same names.
pub(crate) fn of_folder(folder: &Path) -> Vec<Check> {
    disk::checks(Some(folder)).to_vec()
}

/// Who must act, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Somebody has to do something now.
    Page,
    /// Somebody should look at it when there is time.
    Mail,
}

impl Category {
    /// As it stands in the configuration: `page`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Mail => "mail",
        }
    }
}

/// The side of a number on which all is well.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// Too much is more than this.
    Above(f64),
    /// Too little is less than this.
    Below(f64),
}

impl Bound {
    /// Whether a number is on the wrong side.
    pub fn is_broken_by(self, value: f64) -> bool {
        match self {
            Self::Above(bound) => value > bound,
            Self::Below(bound) => value < bound,
        }
    }

    /// The number that should not be passed.
    pub fn value(self) -> f64 {
        match self {
            Self::Above(bound) | Self::Below(bound) => bound,
        }
    }
}

/// What a check is about, and what it measured there.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reading {
    /// The topology; none if it is about the process.
    pub topology: Option<String>,
    /// The component of the topology.
    pub component: Option<String>,
    /// What was measured, in the unit of the check.
    pub value: f64,
    /// What is wrong if the bound is broken, in a sentence without a stop; else one is made of the numbers.
    pub sentence: Option<String>,
    /// What to do then, in a sentence without a stop; else what the check says.
    pub what_to_do: Option<String>,
    /// The components that wait for this one.
    pub waits: Vec<String>,
}

impl Reading {
    /// A number about the process.
    pub fn new(value: f64) -> Self {
        Self { topology: None, component: None, value, sentence: None, what_to_do: None, waits: Vec::new() }
    }

    /// It is about a topology.
    #[must_use]
    pub fn of(mut self, topology: impl Into<String>) -> Self {
        self.topology = Some(topology.into());
        self
    }

    /// It is about a component of a topology.
    #[must_use]
    pub fn about(mut self, topology: impl Into<String>, component: impl Into<String>) -> Self {
        self.component = Some(component.into());
        self.of(topology)
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn sentence(mut self, sentence: impl Into<String>) -> Self {
        self.sentence = Some(sentence.into());
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn what_to_do(mut self, what: impl Into<String>) -> Self {
        self.what_to_do = Some(what.into());
        self
    }

    /// Who waits for it.
    #[must_use]
    pub fn waits(mut self, waits: Vec<String>) -> Self {
        self.waits = waits;
        self
    }
}

/// What a probe looks at.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct View<'a> {
    /// What the topologies did in the last seconds.
    pub seen: &'a Seen,
    /// What they did before.
    pub history: &'a History,
}

impl View<'_> {
    /// A reading of each bolt of everything that runs, each about that bolt.
    fn each_bolt(self, reading: impl Fn(&ComponentSeen) -> Reading) -> Vec<Reading> {
        let topologies = self.seen.topologies.iter();
        let readings = topologies.flat_map(|topology| {
            topology.bolts().map(|bolt| reading(bolt).about(topology.name, &bolt.name)).collect::<Vec<_>>()
        });
        readings.collect()
    }
}

/// What measures a number. It is asked once a second, on a thread that does nothing else, and should answer at once.
///
/// It returns a reading for each thing that it is about; none for what cannot be measured now, and that is then neither
/// well nor wrong. A panic is such an answer, too.
pub trait Probe: Send {
    /// Measures.
    fn probe(&mut self, view: View<'_>) -> Vec<Reading>;
}

impl<F: FnMut(View<'_>) -> Vec<Reading> + Send> Probe for F {
    fn probe(&mut self, view: View<'_>) -> Vec<Reading> {
        self(view)
    }
}

/// A number that is looked at every second, and the bound that it should keep.
///
/// ```
/// use std::time::Duration;
/// use squall_ops::{Bound, Check, Reading};
///
/// let backlog = Check::new("backlog", Bound::Above(1_000.0), |view: squall_ops::CheckView<'_>| {
///     let topologies = view.seen.topologies.iter();
///     topologies.map(|topology| Reading::new(topology.pending as f64).of(topology.name)).collect()
/// })
/// .unit("roots")
/// .lasting(Duration::from_secs(60))
/// .what_to_do("add tasks to the slowest component")
/// .pages();
///
/// assert_eq!(backlog.name(), "backlog");
/// ```
#[derive(Clone)]
pub struct Check {
    pub(crate) name: Cow<'static, str>,
    pub(crate) bound: Bound,
    pub(crate) category: Category,
    pub(crate) unit: Cow<'static, str>,
    pub(crate) lasting: Duration,
    pub(crate) what_to_do: Cow<'static, str>,
    pub(crate) runbook: Cow<'static, str>,
    pub(crate) probe: Arc<Mutex<dyn Probe>>,
    pub(crate) only: Option<Only>,
    pub(crate) heal: Option<Heal>,
}

/// The one place that a check is about, where its probe looks at more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Only {
    pub(crate) topology: String,
    pub(crate) component: Option<String>,
}

impl Only {
    pub(crate) fn is(&self, reading: &Reading) -> bool {
        let is_component = self.component.is_none() || self.component == reading.component;
        reading.topology.as_ref() == Some(&self.topology) && is_component
    }
}

impl Check {
    /// A check that mails when the bound has been broken for ten seconds. Names are unique in a process: of two with one
    /// name the later one counts.
    pub fn new(name: impl Into<Cow<'static, str>>, bound: Bound, probe: impl Probe + 'static) -> Self {
        let name = name.into();
        Self {
            runbook: format!("#{name}").into(),
            name,
            bound,
            category: Category::Mail,
            unit: "".into(),
            lasting: Duration::from_secs(10),
            what_to_do: "".into(),
            probe: Arc::new(Mutex::new(probe)),
            only: None,
            heal: None,
        }
    }

    /// Somebody has to do something at once when it is broken.
    #[must_use]
    pub fn pages(mut self) -> Self {
        self.category = Category::Page;
        self
    }

    /// The unit of the number, as it stands behind it: `s`, `roots`, `tuples/s`; `ratio` for a share from 0 to 1.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<Cow<'static, str>>) -> Self {
        self.unit = unit.into();
        self
    }

    /// How long the bound must be broken before it counts.
    #[must_use]
    pub fn lasting(mut self, lasting: Duration) -> Self {
        self.lasting = lasting;
        self
    }

    /// What to do when it is broken, in a sentence without a stop.
    #[must_use]
    pub fn what_to_do(mut self, what: impl Into<Cow<'static, str>>) -> Self {
        self.what_to_do = what.into();
        self
    }

    /// Where the way out is described: a link, or an anchor of the runbook that comes with Squall.
    #[must_use]
    pub fn runbook(mut self, link: impl Into<Cow<'static, str>>) -> Self {
        self.runbook = link.into();
        self
    }

    /// What is done by itself while it is broken.
    #[must_use]
    pub fn heals(mut self, heal: Heal) -> Self {
        self.heal = Some(heal);
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bound that holds.
    pub fn bound(&self) -> Bound {
        self.bound
    }

    /// Where the way out is described, as a link on the pages of the process.
    pub(crate) fn runbook_link(&self) -> String {
        if self.runbook.starts_with('#') {
            format!("/runbook{}", self.runbook)
        } else {
            self.runbook.to_string()
        }
    }

    /// Who must act.
    pub fn category(&self) -> Category {
        self.category
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("name", &self.name)
            .field("bound", &self.bound)
            .field("category", &self.category)
            .finish_non_exhaustive()
    }
}
