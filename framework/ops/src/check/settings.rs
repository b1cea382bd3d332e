//! `[checks.NAME]`: what the configuration says of a check.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_topology::settings::duration;

use super::weekly::Weekly;
use super::{Bound, Category, Check, Only, disk, metric};
use crate::heal::HealSettings;
use crate::history::Metric;

/// `[checks]`: settings by the name of the check.
pub(crate) type AllSettings = BTreeMap<String, CheckSettings>;

/// `[checks.NAME]`: changes the check with this name, or adds one.
///
/// ```toml
/// [checks.bottleneck]       # one that is there: only what is said changes
/// for = "1m"
/// category = "page"
///
/// [checks.few-orders]       # one that is not: it says what is measured, where, and what is too much or too little
/// metric = "emitted"
/// topology = "shop"
/// component = "orders"
/// below = 10
/// for = "5m"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CheckSettings {
    /// What is measured, for a check that is added. The names are those of the series that charts show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metric: Option<Metric>,
    /// A folder: the free share of its file system, from 0 to 1, is measured, for a check that is added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) disk: Option<PathBuf>,
    /// Only this topology is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) topology: Option<String>,
    /// Only this component of it is looked at; without it a check that is added looks at the topology as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) component: Option<String>,
    /// What is more than this is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) above: Option<f64>,
    /// What is less than this is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) below: Option<f64>,
    /// What holds instead, by the hour of the week.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) weekly: Option<Weekly>,
    /// The bound was suggested by `squall thresholds`: until a person promotes it, it mails and repairs nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) mined: bool,
    /// Who has looked at a mined bound and stands for it: from then on it may page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) promoted_by: Option<String>,
    /// How long it must be wrong before it counts.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(rename = "for", with = "duration::optional", skip_serializing_if = "Option::is_none")]
    pub(crate) lasting: Option<Duration>,
    /// Who must act: `page` now, `mail` when there is time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<Category>,
    /// Nobody looks at it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) off: bool,
    /// What to do when it is wrong, in a sentence without a stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) what_to_do: Option<String>,
    /// A link to where the way out is described.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) runbook: Option<String>,
    /// What is done by itself when it is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<HealSettings>,
}

impl CheckSettings {
    pub(crate) fn bound(&self) -> Option<Bound> {
        self.above.map(Bound::Above).or(self.below.map(Bound::Below))
    }

    /// The bound in each hour of the week, Monday 00:00 first.
    #[cfg(feature = "history")]
    pub(crate) fn week(&self) -> impl Iterator<Item = Option<Bound>> {
        (0..super::weekly::HOURS_OF_WEEK).map(|hour| self.bound_in(hour))
    }

    /// The bound in an hour of the week.
    fn bound_in(&self, hour: usize) -> Option<Bound> {
        let bound = self.bound()?;
        let Some(value) = self.weekly.as_ref().and_then(|weekly| weekly.at(hour)) else { return Some(bound) };
        Some(match bound {
            Bound::Above(_) => Bound::Above(value),
            Bound::Below(_) => Bound::Below(value),
        })
    }

    /// Whether nobody stands for the bound.
    pub(crate) fn is_only_mined(&self) -> bool {
        self.mined && self.promoted_by.as_ref().is_none_or(|who| who.trim().is_empty())
    }

    /// The check that is added, if these settings add one; a check that lacks something is refused before.
    pub(super) fn added(&self, name: &str) -> Option<Check> {
        if let Some(folder) = &self.disk {
            return Some(disk::added(name.to_owned(), folder.clone(), self.bound()?));
        }
        let (metric, topology, bound) = (self.metric?, self.topology.clone()?, self.bound()?);
        let probe = metric::Probe { topology, component: self.component.clone(), metric };
        Some(Check::new(name.to_owned(), bound, probe).unit(metric::unit(metric)))
    }

    /// Changes what is said here, and nothing else.
    pub(super) fn lay_over(&self, hour: usize, check: &mut Check) {
        check.bound = self.bound_in(hour).unwrap_or(check.bound);
        check.lasting = self.lasting.unwrap_or(check.lasting);
        check.category = self.category.unwrap_or(check.category);
        if let Some(what) = &self.what_to_do {
            check.what_to_do = what.clone().into();
        }
        if let Some(runbook) = &self.runbook {
            check.runbook = runbook.clone().into();
        }
        if let Some(action) = &self.action {
            check.heal = Some(action.heal());
        }
        if let Some(topology) = &self.topology {
            check.only = Some(Only { topology: topology.clone(), component: self.component.clone() });
        }
        // Such settings are refused; this holds also for a check that pages or repairs without them.
        if self.is_only_mined() {
            (check.category, check.heal) = (Category::Mail, None);
        }
    }
}

/// As it may stand in one line of the file.
impl fmt::Display for CheckSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
