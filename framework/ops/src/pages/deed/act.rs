//! Does a deed, and writes down who did it.

use std::time::Duration;

use squall_runtime::Refused;
use squall_topology::settings::MAX_PARALLELISM;

use super::{Deed, Target};
use crate::event::NewEvent;
use crate::pages::Frame;
use crate::site::Topology;
use crate::{Actor, Form, Problem};

/// Does it, unless it is refused; both are written into the journal.
pub(super) async fn act(
    frame: &Frame,
    actor: &Actor,
    deed: Deed,
    target: &Target,
    form: &Form,
) -> Result<(), Problem> {
    let topology = frame.site.topology(&target.topology);
    let topology = topology.ok_or_else(|| Problem::not_found("The topology is gone."))?;
    let done = perform(topology, deed, target, form).await;
    let address = actor.address.map(|address| address.to_string()).unwrap_or_default();
    let sentence = match &done {
        Ok(sentence) => sentence.clone(),
        Err(problem) => problem.detail().trim_end_matches('.').to_owned(),
    };
    let event = NewEvent::new(kind(deed), sentence).by(&actor.name, address);
    let event = if target.component.is_empty() {
        event.of(topology.name)
    } else {
        event.about(topology.name, &target.component)
    };
    frame.site.lookout.journal().write(if done.is_ok() { event } else { event.failed() });
    done.map(|_| ())
}

async fn perform(topology: &Topology, deed: Deed, target: &Target, form: &Form) -> Result<String, Problem> {
    let running = &topology.running;
    let Target { component, task, .. } = target;
    match deed {
        Deed::Pause => running.pause(),
        Deed::Resume => running.resume(),
        Deed::Drain => running.drain(deadline(form)?),
        Deed::Kill => {
            confirm(form, topology.name)?;
            running.kill();
        }
        Deed::Rebalance => {
            let to = parallelism(form.get("parallelism").unwrap_or_default())?;
            running.rebalance(component, to).await.map_err(|refused| refusal(&refused))?;
            return Ok(format!("`{component}` was given {to} tasks"));
        }
        Deed::PauseSpout => running.pause_component(component).map_err(|refused| refusal(&refused))?,
        Deed::ResumeSpout => running.resume_component(component).map_err(|refused| refusal(&refused))?,
        Deed::RestartTask => {
            running.restart_task(component, *task).await.map_err(|refused| refusal(&refused))?;
            return Ok(format!("Task {task} of `{component}` was restarted"));
        }
    }
    let name = if component.is_empty() { topology.name } else { component };
    Ok(match deed {
        Deed::Pause | Deed::PauseSpout => format!("`{name}` was paused"),
        Deed::Resume | Deed::ResumeSpout => format!("`{name}` was resumed"),
        Deed::Drain => format!("`{name}` was told to drain"),
        _ => format!("`{name}` was killed"),
    })
}

fn kind(deed: Deed) -> &'static str {
    match deed {
        Deed::Pause | Deed::PauseSpout => "pause",
        Deed::Resume | Deed::ResumeSpout => "resume",
        Deed::Drain => "drain",
        Deed::Kill => "kill",
        Deed::Rebalance => "rebalance",
        Deed::RestartTask => "restart",
    }
}

/// A number of tasks, as it was typed.
pub(super) fn parallelism(text: &str) -> Result<usize, Problem> {
    let number = text.trim().parse().ok().filter(|number| (1..=MAX_PARALLELISM).contains(number));
    number.ok_or_else(|| {
        Problem::unprocessable(format!(
            "`{text}` tasks cannot be: give a whole number from 1 to {MAX_PARALLELISM}."
        ))
    })
}

fn deadline(form: &Form) -> Result<Duration, Problem> {
    let text = form.get("deadline").unwrap_or_default();
    humantime::parse_duration(text).map_err(|error| {
        Problem::unprocessable(format!(
            "The deadline `{text}` cannot be read: {error}; write it as `30s` or `2m`."
        ))
    })
}

fn confirm(form: &Form, name: &str) -> Result<(), Problem> {
    if form.get("confirm").is_some_and(|typed| typed.trim() == name) {
        return Ok(());
    }
    Err(Problem::unprocessable(format!("Nothing was done: type `{name}` to confirm it.")))
}

fn refusal(refused: &Refused) -> Problem {
    let detail = format!("Nothing was changed: {refused}.");
    match refused {
        Refused::UnknownComponent { .. } | Refused::UnknownTask { .. } => Problem::not_found(detail),
        Refused::Invalid(_) | Refused::NotASpout { .. } => Problem::unprocessable(detail),
        _ => Problem::conflict(detail),
    }
}
