//! [`Healer`]: does what findings ask for, on a thread of its own: what it does takes time, and no check waits for it.

mod pauses;
mod record;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{io, thread};

use squall_runtime::{Running, TopologyState};
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::error;

use super::{Deed, Heal};
use crate::event::{Journal, NewEvent};
use crate::finding::Finding;
use crate::lookout::Sights;
use pauses::{Pause, Pauses};
use record::Record;

/// How long something that is done may take before the next finding has its turn.
const PATIENCE: Duration = Duration::from_secs(120);

/// Does what findings ask for.
pub(crate) struct Healer {
    sights: Sights,
    journal: Journal,
    /// By the name of the check.
    records: BTreeMap<String, Record>,
    /// What was said of a finding last: the same is said once.
    said: BTreeMap<String, String>,
    pauses: Pauses,
}

/// A component of a topology.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    topology: String,
    component: String,
}

/// What became of it.
enum End {
    /// It was done, or would have been.
    Done(String),
    /// It was not even tried, and why.
    Refused(String),
    /// It was tried, and this went wrong; a part of it may be done.
    Failed(String),
    /// It was tried, and nobody has said in time what became of it.
    Unknown(String),
}

impl Healer {
    pub(crate) fn new(sights: Sights, journal: Journal) -> Self {
        let (records, said) = (BTreeMap::new(), BTreeMap::new());
        Self { sights, journal, records, said, pauses: Pauses::default() }
    }

    /// Follows the findings until nobody publishes any more.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread, or what a runtime needs.
    pub(crate) fn start(mut self, mut findings: watch::Receiver<Arc<Vec<Finding>>>) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let follow = async move {
            while findings.changed().await.is_ok() {
                let now = Arc::clone(&findings.borrow_and_update());
                self.round(Instant::now(), &now).await;
            }
        };
        let run = move || runtime.block_on(follow);
        thread::Builder::new().name("squall-heal".to_owned()).spawn(run).map(drop)
    }

    /// Does what these findings ask for; what was done about others that are gone is taken back.
    pub(crate) async fn round(&mut self, now: Instant, findings: &[Finding]) {
        let is_there = |id: &String| findings.iter().any(|finding| finding.id == *id);
        self.said.retain(|id, _| is_there(id));
        self.pauses.respect(&self.sights, &self.journal);
        for (place, id) in self.pauses.well(is_there) {
            self.resume(place, &id);
        }
        for finding in findings {
            if let Some(heal) = &finding.heal {
                self.heal(now, finding, heal).await;
            }
        }
    }

    async fn heal(&mut self, now: Instant, finding: &Finding, heal: &Heal) {
        let record = self.records.entry(finding.check.clone()).or_default();
        if !record.is_time(now, &finding.id, heal) || self.pauses.has(&finding.id) {
            return;
        }
        let is_spent = record.is_spent(now, heal);
        let (place, end) = match self.target(finding, heal) {
            Err(why) => (None, End::Refused(why)),
            Ok((place, _)) if pauses(heal) && self.pauses.join(&place, &finding.id) => return,
            Ok((place, _)) if is_spent => {
                let window = humantime::format_duration(heal.window);
                let why =
                    format!("it was done {} times in {window} already: a person has to look", heal.most);
                (Some(place), End::Refused(why))
            }
            Ok((place, running)) => {
                let end = if pauses(heal) {
                    self.pause(&place, &running, &finding.id)
                } else {
                    act(&place, &running, heal).await
                };
                (Some(place), end)
            }
        };
        // What was tried in vain counts, too: it may do harm each time.
        if !matches!(end, End::Refused(_)) {
            self.records.entry(finding.check.clone()).or_default().note(now, &finding.id);
        }
        self.tell(finding, heal, place.as_ref(), end);
    }

    fn pause(&mut self, place: &Place, running: &Running, finding: &str) -> End {
        let component = &place.component;
        let mut pause = Pause::before(place, running, &self.sights, &self.journal);
        let end = if pause.is_ours() {
            if let Err(refused) = running.pause_component(component) {
                return End::Failed(refused.to_string());
            }
            pause.done(place, running);
            End::Done(format!("spout `{component}` was paused until all is well"))
        } else {
            End::Refused(format!("spout `{component}` is paused already, and is left to whoever paused it"))
        };
        self.pauses.add(place.clone(), pause, finding);
        end
    }

    /// The component that it is done to, if anything may be done to it now.
    fn target(&self, finding: &Finding, heal: &Heal) -> Result<(Place, Running), String> {
        let topology =
            finding.topology.as_deref().ok_or("it is about the process, and no component of it")?;
        let component = heal.component.as_deref().or(finding.component.as_deref());
        let component =
            component.ok_or_else(|| format!("it is about `{topology}`, and no component of it"))?;
        let running = self.sights.running(topology).ok_or_else(|| format!("`{topology}` does not run"))?;
        let status = running.status();
        let does = match status.state {
            TopologyState::Running | TopologyState::Paused => None,
            TopologyState::Draining => Some("drains"),
            _ => Some("is over"),
        };
        if let Some(does) = does {
            return Err(format!("`{topology}` {does}"));
        }
        if status.component(component).is_none() {
            return Err(format!("`{topology}` has no component `{component}`"));
        }
        Ok((Place { topology: topology.to_owned(), component: component.to_owned() }, running))
    }

    fn resume(&self, Place { topology, component }: Place, id: &str) {
        let Some(running) = self.sights.running(&topology) else { return };
        let check = id.split('/').next().unwrap_or(id);
        let event = match running.resume_component(&component) {
            Ok(()) => NewEvent::new("heal", format!("all is well again: spout `{component}` was resumed")),
            Err(refused) => {
                NewEvent::new("heal_refused", format!("spout `{component}` was not resumed: {refused}"))
                    .failed()
            }
        };
        self.journal.write(event.about(topology, component).by(format!("check {check}"), ""));
    }

    /// Writes down what became of it; a refusal once, not every second.
    fn tell(&mut self, finding: &Finding, heal: &Heal, place: Option<&Place>, end: End) {
        let event = match end {
            End::Done(what) => {
                self.said.remove(&finding.id);
                NewEvent::new(if heal.dry_run { "heal_dry_run" } else { "heal" }, what)
            }
            End::Refused(why) => {
                if self.said.get(&finding.id) == Some(&why) {
                    return;
                }
                self.said.insert(finding.id.clone(), why.clone());
                NewEvent::new("heal_refused", format!("`{}` did nothing: {why}", finding.check)).failed()
            }
            End::Failed(why) => {
                self.said.remove(&finding.id);
                NewEvent::new("heal_refused", format!("`{}` could not do it: {why}", finding.check)).failed()
            }
            End::Unknown(what) => {
                self.said.remove(&finding.id);
                NewEvent::new("heal_unknown", what).failed()
            }
        };
        let event = match (place, &finding.topology) {
            (Some(place), _) => event.about(&place.topology, &place.component),
            (None, Some(topology)) => event.of(topology),
            (None, None) => event,
        };
        self.journal.write(event.by(format!("check {}", finding.check), ""));
    }
}

/// Does it, or says what would be done.
async fn act(place: &Place, running: &Running, heal: &Heal) -> End {
    let end = match timeout(PATIENCE, deed(place, running, heal)).await {
        Ok(end) => end,
        Err(_) => End::Unknown(late(place, heal)),
    };
    if let End::Failed(why) | End::Unknown(why) = &end {
        error!(topology = place.topology, component = place.component, %why, "A repair did not end well.");
    }
    end
}

/// The engine still has it: it may be done later, or given up.
fn late(Place { component, .. }: &Place, heal: &Heal) -> String {
    let what = match heal.deed {
        Deed::Restart => "restart",
        Deed::Rebalance { .. } => "rebalance",
        Deed::PauseSpout => "pause",
    };
    let patience = humantime::format_duration(PATIENCE);
    format!("nobody knows what became of the {what} of `{component}`: no answer within {patience}")
}

/// Whether it pauses a spout, and not only says so.
fn pauses(heal: &Heal) -> bool {
    heal.deed == Deed::PauseSpout && !heal.dry_run
}

async fn deed(place: &Place, running: &Running, heal: &Heal) -> End {
    let component = &place.component;
    let tasks = running.status().component(component).map_or(0, |status| status.tasks);
    let would = if heal.dry_run { "would be" } else { "was" };
    match heal.deed {
        Deed::Restart => {
            for task in (0..tasks).filter(|_| !heal.dry_run) {
                if let Err(refused) = running.restart_task(component, task).await {
                    return End::Failed(refused.to_string());
                }
            }
            if tasks == 1 {
                return End::Done(format!("the task of `{component}` {would} restarted"));
            }
            let were = if heal.dry_run { "would be" } else { "were" };
            End::Done(format!("the {tasks} tasks of `{component}` {were} restarted, one after the other"))
        }
        Deed::Rebalance { step, min, max } => {
            let to = wanted(tasks, step, min, max);
            if to == tasks {
                return End::Refused(format!(
                    "`{component}` has {tasks} tasks already, and the bounds are {min} to {max}"
                ));
            }
            if !heal.dry_run
                && let Err(refused) = running.rebalance(component, to).await
            {
                return End::Failed(refused.to_string());
            }
            End::Done(format!("`{component}` {would} rebalanced from {tasks} to {to} tasks"))
        }
        Deed::PauseSpout => {
            // For real it is not done here: that it was done is remembered.
            End::Done(format!("spout `{component}` would be paused until all is well"))
        }
    }
}

/// One step, but not out of the bounds, and not the other way: one that a person has put outside of them stays there.
fn wanted(tasks: usize, step: i64, min: usize, max: usize) -> usize {
    let size = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    if step > 0 {
        tasks.saturating_add(size).clamp(min, max).max(tasks)
    } else {
        tasks.saturating_sub(size).clamp(min, max).min(tasks)
    }
}

#[cfg(test)]
mod tests;
