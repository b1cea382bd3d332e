//! Does a deed, as the interface does it, so that it is written down in the same words.

use std::time::Duration;

use super::{Deed, Target};
use crate::admin::{IfMatch, Operator, Rebalanced, Wanted};
use crate::pages::Frame;
use crate::{Actor, Form, Problem};

/// Does it, unless it is refused.
pub(super) async fn act(
    frame: &Frame,
    actor: &Actor,
    deed: Deed,
    target: &Target,
    form: &Form,
) -> Result<(), Problem> {
    let operator = Operator::new(&frame.site, actor);
    let Target { topology, component, task } = target;
    match deed {
        Deed::Pause => operator.pause(topology),
        Deed::Resume => operator.resume(topology),
        Deed::Drain => operator.drain(topology, deadline(form)?),
        Deed::Kill => {
            confirm(form, topology)?;
            operator.kill(topology)
        }
        Deed::Rebalance => rebalance(frame, actor, target, form, false).await.map(|_| ()),
        Deed::PauseSpout => operator.pause_spout(topology, component),
        Deed::ResumeSpout => operator.resume_spout(topology, component),
        Deed::RestartTask => operator.restart_task(topology, component, *task).await,
    }
}

/// Gives a component another number of tasks, or finds out what that would change.
pub(super) async fn rebalance(
    frame: &Frame,
    actor: &Actor,
    target: &Target,
    form: &Form,
    dry_run: bool,
) -> Result<Rebalanced, Problem> {
    let text = form.get("parallelism").unwrap_or_default().trim();
    let number = text.parse().map_err(|_| {
        Problem::unprocessable(format!("`{text}` is no number of tasks: give a whole number from 1 on."))
    })?;
    let wanted = Wanted { parallelism: Some(number), dry_run, ..Wanted::default() };
    let looked_at = form.get("version").filter(|version| !version.is_empty()).map(str::to_owned);
    let operator = Operator::new(&frame.site, actor);
    operator.rebalance(&target.topology, &target.component, &wanted, &IfMatch(looked_at)).await
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
