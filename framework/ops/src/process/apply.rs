//! A new configuration comes to hold, or everything stays as it was.

use std::mem;

use squall_topology::{EngineSettings, Plan, TopologySettings};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use super::member::Member;
use super::propose::{Proposal, Step};
use super::{Fixed, Host, say};
use crate::reload::{Answer, Changes, Held, Refusal, Trigger};
use crate::{NewEvent, systemd};

/// What takes a step back.
enum Undo {
    /// The member takes these numbers, and this is what the configuration says.
    Numbers(usize, TopologySettings, Box<Plan>),
    /// The member starts anew, under the configuration that holds then.
    Restart(usize),
}

/// Why a step was not taken.
struct Obstacle(String);

impl<T: std::error::Error> From<T> for Obstacle {
    fn from(error: T) -> Self {
        Self(error.to_string())
    }
}

impl Host<'_> {
    /// Reads the configuration and lets it hold; tells log, pages and whoever asked what became of it.
    pub(super) fn reload(&mut self, trigger: Trigger, asker: Option<oneshot::Sender<Answer>>) {
        self.watch.note();
        let is_ending = self.site.is_draining();
        if !is_ending {
            systemd::reloading();
        }
        let answer = self.propose().and_then(|proposal| self.apply(proposal));
        if answer.is_ok() {
            let values = Held::all(&self.settings, &self.loaded);
            self.config.hold(&self.loaded.config, &self.loaded.engine, values);
        }
        self.config.note(trigger, &answer);
        if trigger != Trigger::Api {
            self.lookout.journal().write(told_by_nobody(trigger, &answer));
        }
        match &answer {
            Ok(changes) => tell(trigger, changes),
            Err(refusal) => {
                error!(?trigger, "The new configuration does not hold; the one before does.");
                let text = refusal.to_string();
                say(&if text.starts_with("error") { text } else { format!("error: {text}") });
            }
        }
        // It may be on its way to the end because of it.
        if !is_ending && !self.site.is_draining() {
            systemd::ready();
        }
        if let Some(asker) = asker {
            // Whoever asked may have gone away.
            drop(asker.send(answer));
        }
    }

    /// Reloads if whoever asks has looked at the file as it is, or at the configuration that still holds.
    pub(super) fn reload_if(&mut self, expected: Option<String>, asker: oneshot::Sender<Answer>) {
        // Looked at first, and by itself: the watch goes on to take a file that is not reloaded for new.
        let now = expected.as_ref().and_then(|_| self.propose().ok()).map(|proposal| proposal.changes.hash);
        match (expected, now) {
            (Some(expected), Some(hash)) if expected != hash && expected != self.config.shown().hash => {
                drop(asker.send(Err(Refusal::Stale { hash })))
            }
            _ => self.reload(Trigger::Api, Some(asker)),
        }
    }

    fn apply(&mut self, proposal: Proposal) -> Answer {
        let Proposal { loaded, changes, steps } = proposal;
        let before = mem::replace(&mut self.loaded, loaded);
        let mut undo = Vec::new();
        let taken =
            steps.into_iter().enumerate().try_for_each(|(index, step)| self.take(index, step, &mut undo));
        match taken {
            Ok(()) => {
                self.lookout.check_by(self.loaded.checks.clone());
                Ok(changes)
            }
            Err(obstacle) => {
                self.loaded = before;
                Err(self.take_back(undo, obstacle))
            }
        }
    }

    fn take(&mut self, index: usize, step: Step, undo: &mut Vec<Undo>) -> Result<(), Obstacle> {
        let Some(member) = self.members.get(index) else { return Ok(()) };
        match step {
            Step::Stay => {}
            Step::Reconfigure(plan) => {
                let before = member.running.plan().map(|plan| plan.settings()).unwrap_or_default();
                let configured = member.configured.clone();
                self.reconfigure(index, plan.settings())?;
                undo.push(Undo::Numbers(index, before, Box::new(configured.set(plan))));
            }
            Step::Restart => {
                self.bring_down(index)?;
                undo.push(Undo::Restart(index));
                self.bring_up(index)?;
            }
        }
        Ok(())
    }

    /// Takes back what was done, the last step first.
    fn take_back(&mut self, undo: Vec<Undo>, Obstacle(why): Obstacle) -> Refusal {
        for step in undo.into_iter().rev() {
            if self.site.is_draining() {
                return Refusal::Draining;
            }
            let taken_back = match step {
                Undo::Numbers(index, settings, plan) => {
                    if let Some(member) = self.members.get(index) {
                        member.configured.set(*plan);
                    }
                    self.reconfigure(index, settings)
                }
                Undo::Restart(index) => self.bring_down(index).and_then(|()| self.bring_up(index)),
            };
            if let Err(Obstacle(second)) = taken_back {
                // Better a process that ends and says so than one that runs something that nobody configured.
                self.has_failed = true;
                self.drain();
                return Refusal::Broken(format!(
                    "{why}; and it could not be taken back: {second}; the process drains"
                ));
            }
        }
        if self.site.is_draining() { Refusal::Draining } else { Refusal::PutBack(why) }
    }

    fn reconfigure(&mut self, index: usize, settings: TopologySettings) -> Result<(), Obstacle> {
        let Some(member) = self.members.get(index) else { return Ok(()) };
        let running = member.running.clone();
        self.wait_for(async move { running.reconfigure(&settings).await })?;
        Ok(())
    }

    /// Drains a member, unless it is over.
    fn bring_down(&mut self, index: usize) -> Result<(), Obstacle> {
        let Some(member) = self.members.get(index).filter(|member| !member.is_over) else { return Ok(()) };
        let (name, running) = (member.app.name(), member.running.clone());
        info!(topology = name, "Draining, to start anew.");
        running.drain(self.engine().drain_deadline);
        let end = self.wait_for(async move { running.wait().await });
        if self.site.is_draining() {
            // What ended is an end like any other now.
            return Err(Obstacle("the process drains".to_owned()));
        }
        if let Some(member) = self.members.get_mut(index) {
            member.end(&end);
        }
        if let Err(failed) = end {
            warn!(topology = name, %failed, "It failed on its way down.");
        }
        Ok(())
    }

    /// Prepares a member anew and starts it, under the configuration that holds.
    fn bring_up(&mut self, index: usize) -> Result<(), Obstacle> {
        let Some((app, life)) = self.members.get(index).map(|member| (member.app, member.life)) else {
            return Ok(());
        };
        let prepared = self.settings.prepare_one(&mut self.loaded, app, self.mode)?;
        // Threads change with a restart of the process only.
        let Fixed { threads, latencies, .. } = self.fixed;
        let engine = EngineSettings { threads, latencies, ..self.loaded.engine.clone() };
        let (mut member, _) = Member::start(app, prepared, &engine)?;
        member.life = life + 1;
        self.expect_end(index, &member);
        if let Some(place) = self.members.get_mut(index) {
            *place = member;
        }
        self.show();
        info!(topology = app.name(), "Started anew.");
        Ok(())
    }
}

/// Whoever asks over HTTP is known there, and noted.
fn told_by_nobody(trigger: Trigger, answer: &Answer) -> NewEvent {
    let cause = match trigger {
        Trigger::Signal => "SIGHUP",
        _ => "the file changed",
    };
    match answer {
        Ok(changes) => NewEvent::new("reload", format!("{cause}: {}", changes.in_words())),
        Err(refusal) => {
            NewEvent::new("reload", format!("{cause}, and the configuration does not hold: {refusal}"))
                .failed()
        }
    }
}

fn tell(trigger: Trigger, changes: &Changes) {
    info!(?trigger, "Configuration reloaded: {}.", changes.in_words());
    for number in &changes.hot {
        info!("Changed: {number}.");
    }
    for restart in &changes.restart {
        info!("Started anew: {restart}.");
    }
    for number in &changes.needs_process_restart {
        warn!("Needs a restart of the process: {number}.");
    }
}
