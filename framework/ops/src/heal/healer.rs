//! [`Healer`]: does what findings ask for, on a thread of its own: what it does takes time, and no check waits for it.

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
    /// The spouts that are paused because of a finding.
    paused: BTreeMap<String, Place>,
}

/// A component of a topology.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    topology: String,
    component: String,
}

/// What became of it.
enum End {
    /// It was done, or would have been.
    Done(String),
    /// It was not, and why.
    Refused(String),
}

impl Healer {
    pub(crate) fn new(sights: Sights, journal: Journal) -> Self {
        let (records, said, paused) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { sights, journal, records, said, paused }
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
        let well: Vec<String> = self.paused.keys().filter(|id| !is_there(id)).cloned().collect();
        for id in well {
            self.resume(&id);
        }
        for finding in findings {
            if let Some(heal) = &finding.heal {
                self.heal(now, finding, heal).await;
            }
        }
    }

    async fn heal(&mut self, now: Instant, finding: &Finding, heal: &Heal) {
        let record = self.records.entry(finding.check.clone()).or_default();
        if !record.is_time(now, &finding.id, heal) || self.paused.contains_key(&finding.id) {
            return;
        }
        let is_spent = record.is_spent(now, heal);
        let (place, end) = match self.target(finding, heal) {
            Err(why) => (None, End::Refused(why)),
            Ok((place, _)) if is_spent => {
                let window = humantime::format_duration(heal.window);
                let why =
                    format!("it was done {} times in {window} already: a person has to look", heal.most);
                (Some(place), End::Refused(why))
            }
            Ok((place, running)) => {
                let end = act(&place, &running, heal).await;
                (Some(place), end)
            }
        };
        if let End::Done(_) = end {
            self.records.entry(finding.check.clone()).or_default().note(now, &finding.id);
            if let (Deed::PauseSpout, false, Some(place)) = (&heal.deed, heal.dry_run, &place) {
                self.paused.insert(finding.id.clone(), place.clone());
            }
        }
        self.tell(finding, heal, place.as_ref(), end);
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

    fn resume(&mut self, id: &str) {
        let Some(Place { topology, component }) = self.paused.remove(id) else { return };
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
    let done = match timeout(PATIENCE, deed(place, running, heal)).await {
        Ok(done) => done,
        Err(_) => Err(format!("it took longer than {}", humantime::format_duration(PATIENCE))),
    };
    match done {
        Ok(what) => End::Done(what),
        Err(why) => {
            error!(topology = place.topology, component = place.component, %why, "A repair was not made.");
            End::Refused(why)
        }
    }
}

async fn deed(place: &Place, running: &Running, heal: &Heal) -> Result<String, String> {
    let component = &place.component;
    let tasks = running.status().component(component).map_or(0, |status| status.tasks);
    let would = if heal.dry_run { "would be" } else { "was" };
    match heal.deed {
        Deed::Restart => {
            for task in (0..tasks).filter(|_| !heal.dry_run) {
                running.restart_task(component, task).await.map_err(|refused| refused.to_string())?;
            }
            let were = if heal.dry_run { "would be" } else { "were" };
            Ok(format!("the {tasks} tasks of `{component}` {were} restarted, one after the other"))
        }
        Deed::Rebalance { step, min, max } => {
            let to = wanted(tasks, step, min, max);
            if to == tasks {
                return Err(format!(
                    "`{component}` has {tasks} tasks already, and the bounds are {min} to {max}"
                ));
            }
            if !heal.dry_run {
                running.rebalance(component, to).await.map_err(|refused| refused.to_string())?;
            }
            Ok(format!("`{component}` {would} rebalanced from {tasks} to {to} tasks"))
        }
        Deed::PauseSpout => {
            if !heal.dry_run {
                running.pause_component(component).map_err(|refused| refused.to_string())?;
            }
            Ok(format!("spout `{component}` {would} paused until all is well"))
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
