//! The form of a deed: what will happen, what it takes, and what to type in a shell instead.

use askama::Template;
use squall_topology::settings::MAX_PARALLELISM;
use squall_topology::{EngineSettings, Plan};

use super::{Deed, Target, act, back};
use crate::pages::Frame;
use crate::show::Count;
use crate::site::Topology;
use crate::{Form, Html, Problem};

#[derive(Template)]
#[template(path = "action.html")]
struct Action<'a> {
    title: String,
    post: &'a str,
    back: String,
    fault: Option<&'a Problem>,
    field: Field,
    effect: Vec<String>,
    command: String,
    word: &'a str,
    kind: &'a str,
}

/// What the form asks for.
enum Field {
    Nothing,
    /// A number of tasks.
    Parallelism {
        now: usize,
        wanted: String,
        most: usize,
    },
    /// How long what is in flight may take.
    Deadline {
        wanted: String,
    },
    /// The name once more, for what cannot be taken back.
    Confirm {
        name: String,
        typed: String,
    },
}

/// Makes the form for what is wanted; with the reason if it was refused.
pub(super) fn of(
    frame: &Frame,
    deed: Deed,
    target: &Target,
    wanted: &Form,
    fault: Option<&Problem>,
) -> Result<Html, Problem> {
    let topology = frame.site.topology(&target.topology);
    let topology = topology.ok_or_else(|| Problem::not_found("The topology is gone."))?;
    let field = field(topology, deed, target, wanted);
    Html::of(&Action {
        title: title(deed, target),
        post: &frame.view.path,
        back: back(wanted, target),
        fault,
        effect: effect(topology, deed, target, &field),
        command: command(&frame.site.name, deed, target, &field),
        field,
        word: deed.word(),
        kind: deed.kind(),
    })
}

fn title(deed: Deed, target: &Target) -> String {
    let Target { topology, component, task } = target;
    match deed {
        Deed::RestartTask => format!("Restart task {task} of {component}"),
        Deed::Rebalance | Deed::PauseSpout | Deed::ResumeSpout => format!("{} {component}", deed.word()),
        _ => format!("{} {topology}", deed.word()),
    }
}

fn field(topology: &Topology, deed: Deed, target: &Target, wanted: &Form) -> Field {
    let given = |name| wanted.get(name).map(str::to_owned);
    match deed {
        Deed::Rebalance => {
            let now = tasks(topology, &target.component);
            let wanted = given("parallelism").unwrap_or_else(|| (now + 1).min(MAX_PARALLELISM).to_string());
            Field::Parallelism { now, wanted, most: MAX_PARALLELISM }
        }
        Deed::Drain => {
            let usual = || humantime::format_duration(EngineSettings::default().drain_deadline).to_string();
            Field::Deadline { wanted: given("deadline").unwrap_or_else(usual) }
        }
        Deed::Kill => {
            Field::Confirm { name: topology.name.to_owned(), typed: given("confirm").unwrap_or_default() }
        }
        _ => Field::Nothing,
    }
}

fn tasks(topology: &Topology, component: &str) -> usize {
    let plan = topology.running.plan();
    plan.as_ref().and_then(|plan| plan.component(component)).map_or(0, |component| component.tasks)
}

/// What will happen, in sentences.
fn effect(topology: &Topology, deed: Deed, target: &Target, field: &Field) -> Vec<String> {
    let pending = Count(topology.running.status().roots.pending);
    let component = &target.component;
    match (deed, field) {
        (Deed::Pause, _) => vec![format!(
            "Its spouts are asked for nothing more until it is resumed. The {pending} roots in flight come to their end."
        )],
        (Deed::Resume, _) => vec!["Its spouts are asked for tuples again.".to_owned()],
        (Deed::Drain, _) => vec![
            format!(
                "Its spouts end, and the {pending} roots in flight come to their end; what is left at the deadline fails."
            ),
            "It does not start again before the process does.".to_owned(),
        ],
        (Deed::Kill, _) => vec![
            format!(
                "It ends at once: the {pending} roots in flight fail, and their sources will offer them again, if they do so."
            ),
            "It does not start again before the process does.".to_owned(),
        ],
        (Deed::PauseSpout, _) => vec![format!(
            "`{component}` is asked for nothing more until it is resumed; its roots in flight come to their end."
        )],
        (Deed::ResumeSpout, _) => vec![format!("`{component}` is asked for tuples again.")],
        (Deed::RestartTask, _) => vec![format!(
            "The task is built anew. What it holds fails, and is offered again by sources that do so; what waits in its inbox stays. What it keeps in memory begins anew."
        )],
        (Deed::Rebalance, Field::Parallelism { now, wanted, .. }) => {
            rebalance(topology.running.plan().as_ref(), component, *now, wanted)
        }
        (Deed::Rebalance, _) => Vec::new(),
    }
}

fn rebalance(plan: Option<&Plan>, component: &str, now: usize, wanted: &str) -> Vec<String> {
    let Ok(to) = act::parallelism(wanted) else { return Vec::new() };
    if to == now {
        return vec![format!("`{component}` has {now} already: nothing changes.")];
    }
    let many = |tasks| if tasks == 1 { "1 task".to_owned() } else { format!("{tasks} tasks") };
    let mut sentences = vec![format!(
        "What waits in its inboxes is finished first, then {} go on instead of {now}. Whoever sends to it waits \
         meanwhile, mostly for some milliseconds; nothing is lost or doubled.",
        many(to),
    )];
    let own = plan.and_then(|plan| plan.component(component));
    sentences.extend(own.and_then(|own| own.loses_state()).map(|warning| format!("Mind: {warning}.")));
    sentences
}

fn command(product: &str, deed: Deed, target: &Target, field: &Field) -> String {
    let Target { topology, component, task } = target;
    match (deed, field) {
        (Deed::Drain, Field::Deadline { wanted }) => {
            format!("{product} ctl drain {topology} --deadline '{wanted}'")
        }
        (Deed::Rebalance, Field::Parallelism { wanted, .. }) => {
            format!("{product} ctl rebalance {topology} {component}={wanted}")
        }
        (Deed::PauseSpout, _) => format!("{product} ctl pause {topology} {component}"),
        (Deed::ResumeSpout, _) => format!("{product} ctl resume {topology} {component}"),
        (Deed::RestartTask, _) => format!("{product} ctl restart {topology} {component} {task}"),
        (Deed::Kill, _) => format!("{product} ctl kill {topology} --yes"),
        _ => format!("{product} ctl {} {topology}", deed.word().to_lowercase()),
    }
}
