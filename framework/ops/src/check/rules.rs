//! [`Rules`]: the checks that the configuration adds, and what it changes about the others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use super::settings::{AllSettings, CheckSettings};
use super::weekly::{Weekly, hour_of_week};
use super::{Category, Check, built_in};
use crate::heal::HealSettings;

/// What the configuration says of all checks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    settings: AllSettings,
    /// Made once, since a probe may remember what it saw.
    added: Vec<Check>,
}

impl Rules {
    pub(crate) fn new(settings: AllSettings) -> Self {
        let added = settings.iter().filter_map(|(name, settings)| settings.added(name)).collect();
        Self { settings, added }
    }

    /// The checks that hold at an instant, by name: of two with one name the later one.
    pub(crate) fn apply<'a>(&'a self, at: SystemTime, there: impl Iterator<Item = &'a Check>) -> Vec<Check> {
        let hour = hour_of_week(at);
        let all = there.chain(&self.added);
        let mut all: BTreeMap<String, Check> =
            all.map(|check| (check.name().to_owned(), check.clone())).collect();
        for (name, settings) in &self.settings {
            if settings.off {
                all.remove(name);
            } else if let Some(check) = all.get_mut(name) {
                settings.lay_over(hour, check);
            }
        }
        all.into_values().collect()
    }
}

/// What settings may speak of.
#[derive(Debug, Default)]
pub(crate) struct Known {
    checks: BTreeSet<String>,
    /// The topologies that the binary knows, those that run with their components.
    topologies: BTreeMap<&'static str, Option<Vec<String>>>,
}

/// What is wrong: the keys below `[checks]`, and why.
pub(crate) type Fault = (Vec<String>, String);

impl Known {
    /// The checks that every topology has.
    pub(crate) fn built_in() -> Self {
        let checks = built_in().iter().map(|check| check.name().to_owned()).collect();
        Self { checks, topologies: BTreeMap::new() }
    }

    /// A topology that does not run.
    pub(crate) fn add(&mut self, topology: &'static str) {
        self.topologies.insert(topology, None);
    }

    /// A topology that runs.
    pub(crate) fn add_running(&mut self, topology: &'static str, components: Vec<String>, checks: &[Check]) {
        self.topologies.insert(topology, Some(components));
        self.checks.extend(checks.iter().map(|check| check.name().to_owned()));
    }

    /// What is wrong with these settings.
    pub(crate) fn faults(&self, settings: &AllSettings) -> Vec<Fault> {
        settings.iter().flat_map(|(name, settings)| self.of_check(name, settings)).collect()
    }

    fn of_check(&self, name: &str, settings: &CheckSettings) -> Vec<Fault> {
        let at = |key: &str, why: String| {
            let keys =
                if key.is_empty() { vec![name.to_owned()] } else { vec![name.to_owned(), key.to_owned()] };
            (keys, why)
        };
        let mut faults = Vec::new();
        if name.is_empty()
            || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
        {
            let why = "the name of a check is made of letters, digits, `-`, `_` and `.`: addresses and metrics have it";
            faults.push(at("", why.to_owned()));
        }
        faults.extend(self.of_place(settings).map(|(key, why)| at(key, why)));
        faults.extend(of_bound(settings).map(|(key, why)| at(key, why)));
        faults.extend(of_mined(settings).map(|(key, why)| at(key, why)));
        if let Some((day, why)) = settings.weekly.as_ref().and_then(Weekly::fault) {
            faults.push((vec![name.to_owned(), "weekly".to_owned(), day.to_owned()], why));
        }
        if settings.disk.is_some() {
            faults.extend(of_disk(settings).map(|(key, why)| at(key, why)));
        } else if settings.metric.is_some() {
            let lacks = |key: &str| format!("a check that is added needs `{key}`");
            if settings.topology.is_none() {
                faults.push(at("metric", lacks("topology")));
            }
            if settings.bound().is_none() {
                faults.push(at("metric", lacks("above` or `below")));
            }
        } else if !self.checks.contains(name) && self.all_run(settings) {
            faults.push(at("", self.unknown(name)));
        }
        if let Some((key, why)) = settings.action.as_ref().and_then(HealSettings::fault) {
            faults.push((vec![name.to_owned(), "action".to_owned(), key.to_owned()], why));
        }
        faults
    }

    fn of_place(&self, settings: &CheckSettings) -> Option<(&'static str, String)> {
        let Some(topology) = &settings.topology else {
            let has_component = settings.component.is_some();
            return has_component
                .then(|| ("component", "say `topology`, too: that of this component".to_owned()));
        };
        let Some(components) = self.topologies.get(topology.as_str()) else {
            let names: Vec<&str> = self.topologies.keys().copied().collect();
            return Some((
                "topology",
                format!("there is no topology `{topology}`; there are: {}", names.join(", ")),
            ));
        };
        let (Some(component), Some(components)) = (&settings.component, components) else { return None };
        let why = format!("`{topology}` has no component `{component}`; it has: {}", components.join(", "));
        (!components.contains(component)).then_some(("component", why))
    }

    /// Whether every topology runs whose check this could be.
    fn all_run(&self, settings: &CheckSettings) -> bool {
        let mut topologies = self.topologies.iter();
        let could_be = |name: &str| settings.topology.as_deref().is_none_or(|only| only == name);
        topologies.all(|(name, components)| components.is_some() || !could_be(name))
    }

    fn unknown(&self, name: &str) -> String {
        let names: Vec<&str> = self.checks.iter().map(String::as_str).collect();
        format!(
            "there is no check `{name}`; one that is added needs `metric` or `disk`; there are: {}",
            names.join(", ")
        )
    }
}

/// A file system is one of the process, and its own check.
fn of_disk(settings: &CheckSettings) -> Option<(&'static str, String)> {
    if settings.bound().is_none() {
        return Some(("disk", "a check that is added needs `below`: the free share, from 0 to 1".to_owned()));
    }
    let others = [("metric", settings.metric.is_some()), ("topology", settings.topology.is_some())];
    let (key, _) = others.into_iter().find(|(_, is_there)| *is_there)?;
    Some((key, format!("a check measures one thing: leave `{key}` or `disk` out")))
}

/// What a bound may not do for which nobody stands.
fn of_mined(settings: &CheckSettings) -> Option<(&'static str, String)> {
    if settings.promoted_by.is_some() && !settings.mined {
        return Some(("promoted_by", "only a check with `mined = true` is promoted".to_owned()));
    }
    if !settings.is_only_mined() {
        return None;
    }
    let needs = "add `promoted_by = \"name\"`: the person who has looked at it";
    if settings.category == Some(Category::Page) {
        return Some(("category", format!("a mined bound only mails until somebody stands for it; {needs}")));
    }
    let repairs = settings.action.is_some();
    repairs
        .then(|| ("action", format!("a mined bound repairs nothing until somebody stands for it; {needs}")))
}

fn of_bound(settings: &CheckSettings) -> Option<(&'static str, String)> {
    if settings.above.is_some() && settings.below.is_some() {
        return Some(("below", "a check has one bound: `above` or `below`".to_owned()));
    }
    if settings.weekly.is_some() && settings.bound().is_none() {
        let why =
            "say `above` or `below`, too: which side is wrong, and what holds on a day that is left out";
        return Some(("weekly", why.to_owned()));
    }
    let (key, bound) = [("above", settings.above), ("below", settings.below)]
        .into_iter()
        .find(|(_, bound)| bound.is_some_and(|bound| !bound.is_finite()))?;
    Some((key, format!("expected a number, found {}", bound.unwrap_or_default())))
}

#[cfg(test)]
mod guide;
#[cfg(test)]
mod tests;
