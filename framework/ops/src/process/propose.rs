//! What a new configuration would change.

use std::collections::BTreeSet;

use squall_topology::{Config, Plan};

use super::{Fixed, Host};
use crate::App;
use crate::check::{AllSettings, CheckSettings};
use crate::reload::{Changes, Number, Refusal, Restart};
use crate::settings::{Loaded, Mode};

/// A configuration that is right, and what it changes.
pub(super) struct Proposal {
    pub(super) loaded: Loaded,
    pub(super) changes: Changes,
    /// What becomes of each member.
    pub(super) steps: Vec<Step>,
}

/// What becomes of a member.
pub(super) enum Step {
    Stay,
    /// It takes over the numbers of this plan.
    Reconfigure(Plan),
    /// It is drained, prepared anew and started.
    Restart,
}

impl Host<'_> {
    /// Reads the configuration, checks all of it, and finds out what it changes. Nothing is touched.
    ///
    /// # Errors
    ///
    /// It is wrong, or the process is on its way to the end.
    pub(super) fn propose(&mut self) -> Result<Proposal, Refusal> {
        self.is_ending()?;
        let mut loaded = self.settings.load().map_err(Refusal::Wrong)?;
        let chosen: Vec<&dyn App> = self.members.iter().map(|member| member.app).collect();
        let dry = Mode { dry: true, ..self.mode };
        let ready = self.settings.prepare(&mut loaded, self.known, &chosen, dry).map_err(Refusal::Wrong)?;
        let fixed = Fixed::new(&self.settings, &loaded).map_err(Refusal::Wrong)?;
        let hash = loaded.config.sha256();
        let mut changes = Changes { hash, hot: self.engine_changes(&loaded), ..Changes::default() };
        let mut steps = Vec::new();
        for (member, (app, prepared)) in self.members.iter().zip(ready) {
            let step = match member.running.plan() {
                // It has come to its end.
                None => Step::Stay,
                Some(_) if member.is_over => Step::Stay,
                Some(now) => {
                    step(app, (&self.loaded.config, &now), (&loaded.config, prepared.plan), &mut changes)
                }
            };
            steps.push(step);
        }
        changes.hot.extend(check_changes(&self.loaded.checks, &loaded.checks));
        changes.needs_process_restart = self.fixed.changes(&fixed);
        Ok(Proposal { loaded, changes, steps })
    }

    fn engine_changes(&self, to: &Loaded) -> Vec<Number> {
        let from = humantime::format_duration(self.engine().drain_deadline);
        let to = humantime::format_duration(to.engine.drain_deadline);
        Number::unless_same("engine.drain_deadline", from, to).into_iter().collect()
    }
}

/// What is said of each check that is not the same.
fn check_changes(from: &AllSettings, to: &AllSettings) -> Vec<Number> {
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let said = |all: &AllSettings, name| all.get(name).map_or("nothing".to_owned(), CheckSettings::to_string);
    let changes = names
        .into_iter()
        .map(|name| Number::unless_same(format!("checks.{name}"), said(from, name), said(to, name)));
    changes.flatten().collect()
}

/// Finds out what becomes of a topology.
fn step(app: &dyn App, from: (&Config, &Plan), to: (&Config, Plan), changes: &mut Changes) -> Step {
    let ((config, plan), (new_config, new_plan)) = (from, to);
    let sections = app.sections();
    let different = sections.iter().filter(|section| config.differs(new_config, section.name()));
    let mut because: Vec<String> = different.map(|section| format!("[{}] changed", section.name())).collect();
    if plan.component_names() != new_plan.component_names() {
        because.push("it has other components".to_owned());
    }
    if !because.is_empty() {
        changes.restart.push(Restart { topology: app.name(), because });
        return Step::Restart;
    }
    let numbers = plan.changes(&new_plan);
    if numbers.is_empty() {
        return Step::Stay;
    }
    changes.hot.extend(numbers.into_iter().map(|change| Number {
        path: format!("topology.{}.component.{}.{}", app.name(), change.component, change.setting),
        from: change.from,
        to: change.to,
    }));
    Step::Reconfigure(new_plan)
}

impl Fixed {
    fn changes(&self, to: &Self) -> Vec<Number> {
        let threads =
            |fixed: &Self| fixed.threads.map_or("one a core".to_owned(), |threads| threads.to_string());
        let numbers = [
            Number::unless_same("engine.threads", threads(self), threads(to)),
            Number::unless_same("engine.latencies", self.latencies, to.latencies),
            Number::unless_same("engine.data_dir", self.data_dir.display(), to.data_dir.display()),
            Number::unless_same("admin.listen", self.listen, to.listen),
            Number::unless_same("admin.share_port", self.shares_port, to.shares_port),
            self.access.token_change(&to.access),
            Number::unless_same("admin.actions", self.access.may_act, to.access.may_act),
            Number::unless_same("admin.tap", self.access.may_tap, to.access.may_tap),
            Number::unless_same("admin.hosts", self.access.host_names(), to.access.host_names()),
        ];
        numbers.into_iter().flatten().collect()
    }
}
