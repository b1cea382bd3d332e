//! [`Operator`]: somebody who does something about what runs here.

use std::net::IpAddr;
use std::time::Duration;

use squall_runtime::Running;

use super::place;
use super::rebalance::{self, Rebalanced, Wanted};
use super::version::IfMatch;
use crate::event::NewEvent;
use crate::reload::Changes;
use crate::site::Site;
use crate::{Actor, Problem};

/// Somebody who does something about what runs here, over the interface or on a page. Whatever becomes of it is written
/// down: who did what, from where, and how it ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operator<'a> {
    site: &'a Site,
    actor: &'a Actor,
}

/// What something is done to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    topology: Option<&'a str>,
    component: Option<&'a str>,
}

impl<'a> Target<'a> {
    pub(super) const PROCESS: Target<'static> = Target { topology: None, component: None };

    fn topology(topology: &'a str) -> Self {
        Self { topology: Some(topology), component: None }
    }

    pub(super) fn component(topology: &'a str, component: &'a str) -> Self {
        Self { topology: Some(topology), component: Some(component) }
    }
}

impl<'a> Operator<'a> {
    pub(crate) fn new(site: &'a Site, actor: &'a Actor) -> Self {
        Self { site, actor }
    }

    pub(super) fn site(&self) -> &'a Site {
        self.site
    }

    pub(super) fn actor(&self) -> &'a Actor {
        self.actor
    }

    /// Has all spouts of a topology asked for nothing more.
    pub(crate) fn pause(&self, topology: &str) -> Result<(), Problem> {
        self.tell(topology, "pause", "paused", Running::pause)
    }

    /// Has them asked again.
    pub(crate) fn resume(&self, topology: &str) -> Result<(), Problem> {
        self.tell(topology, "resume", "resumed", Running::resume)
    }

    /// Has a topology come to its end; what is pending after `deadline` fails.
    pub(crate) fn drain(&self, topology: &str, deadline: Duration) -> Result<(), Problem> {
        let done = format!("drained, with {} to come to its end", humantime::format_duration(deadline));
        self.tell(topology, "drain", &done, |running| running.drain(deadline))
    }

    /// Ends a topology at once; what is in flight fails.
    pub(crate) fn kill(&self, topology: &str) -> Result<(), Problem> {
        self.tell(topology, "kill", "killed", Running::kill)
    }

    fn tell(
        &self,
        topology: &str,
        kind: &'static str,
        done: &str,
        tell: impl FnOnce(&Running),
    ) -> Result<(), Problem> {
        let told = place::alive(self.site, topology).map(|topology| tell(&topology.running));
        let sentence = |_: &()| format!("`{topology}` was {done}");
        self.note(kind, Target::topology(topology), told, sentence)
    }

    /// Has one spout asked for nothing more.
    pub(crate) fn pause_spout(&self, topology: &str, spout: &str) -> Result<(), Problem> {
        let told = place::alive(self.site, topology).and_then(|topology| {
            topology.running.pause_component(spout).map_err(|refused| place::refusal(&refused))
        });
        self.note("pause_spout", Target::component(topology, spout), told, |_| {
            format!("spout `{spout}` was paused")
        })
    }

    /// Has it asked again.
    pub(crate) fn resume_spout(&self, topology: &str, spout: &str) -> Result<(), Problem> {
        let told = place::alive(self.site, topology).and_then(|topology| {
            topology.running.resume_component(spout).map_err(|refused| place::refusal(&refused))
        });
        self.note("resume_spout", Target::component(topology, spout), told, |_| {
            format!("spout `{spout}` was resumed")
        })
    }

    /// Has one task built anew.
    pub(crate) async fn restart_task(
        &self,
        topology: &str,
        component: &str,
        task: usize,
    ) -> Result<(), Problem> {
        let restarted = match place::alive(self.site, topology) {
            Ok(topology) => {
                let restarted = topology.running.restart_task(component, task).await;
                restarted.map_err(|refused| place::refusal(&refused))
            }
            Err(problem) => Err(problem),
        };
        self.note("restart_task", Target::component(topology, component), restarted, |_| {
            format!("task {task} of `{component}` was restarted")
        })
    }

    /// Gives a component other numbers, or says what that would change.
    pub(crate) async fn rebalance(
        &self,
        topology: &str,
        component: &str,
        wanted: &Wanted,
        if_match: &IfMatch,
    ) -> Result<Rebalanced, Problem> {
        let rebalanced = rebalance::rebalance(self.site, topology, component, wanted, if_match).await;
        if wanted.dry_run {
            return rebalanced;
        }
        self.note("rebalance", Target::component(topology, component), rebalanced, |done| {
            format!("`{component}` was rebalanced: {}", done.in_words())
        })
    }

    /// Has the configuration read again, and lets it hold.
    pub(crate) async fn reload(&self, if_match: &IfMatch) -> Result<Changes, Problem> {
        let asked = self.site.reload(if_match.0.clone()).await;
        let reloaded = asked.and_then(|answer| answer.map_err(Problem::from));
        self.note("reload", Target::PROCESS, reloaded, |changes| {
            format!("the configuration was reloaded: {}", changes.in_words())
        })
    }

    /// Writes down what became of something that was asked for.
    pub(super) fn note<T>(
        &self,
        kind: &'static str,
        target: Target<'_>,
        end: Result<T, Problem>,
        done: impl FnOnce(&T) -> String,
    ) -> Result<T, Problem> {
        let Target { topology, component } = target;
        let event = match &end {
            Ok(value) => NewEvent::new(kind, done(value)),
            Err(problem) => {
                let faults = problem.faults().iter().map(|fault| format!("; {}", fault.detail));
                let why = problem.detail().trim_end_matches('.').to_owned();
                NewEvent::new(kind, faults.fold(format!("refused: {why}"), |all, one| all + &one)).failed()
            }
        };
        let event = match (topology, component) {
            (Some(topology), Some(component)) => event.about(place::shown(topology), place::shown(component)),
            (Some(topology), None) => event.of(place::shown(topology)),
            (None, _) => event,
        };
        let address = self.actor.address.as_ref().map(IpAddr::to_string).unwrap_or_default();
        self.site.lookout.journal().write(event.by(&self.actor.name, address));
        end
    }
}
