//! The form of a deed: what will happen, what it takes, and what to type in a shell instead.

use askama::Template;
use squall_topology::settings::MAX_PARALLELISM;

use super::{Deed, Target, act, back};
use crate::admin::{Rebalanced, version_of};
use crate::cli::Line;
use crate::pages::Frame;
use crate::show::Count;
use crate::site::{Site, Topology};
use crate::{Actor, Form, Html, Problem};

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
        /// The numbers that were looked at.
        version: String,
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

impl Action<'_> {
    /// A browser keeps nothing but numbers in a field for numbers: what somebody typed would be lost.
    fn is_number(&self, wanted: &str) -> bool {
        wanted.trim().parse::<u32>().is_ok()
    }
}

/// Makes the form for what is wanted; with the reason if it was refused.
pub(super) async fn of(
    frame: &Frame,
    actor: &Actor,
    deed: Deed,
    target: &Target,
    wanted: &Form,
    fault: Option<&Problem>,
) -> Result<Html, Problem> {
    let topology = frame.site.topology(&target.topology);
    let topology = topology.ok_or_else(|| Problem::not_found("The topology is gone."))?;
    let field = field(&frame.site, topology, deed, target, wanted);
    let effect = match &field {
        Field::Parallelism { wanted, .. } => {
            let wanted = Form { fields: vec![("parallelism".to_owned(), wanted.clone())] };
            rebalance(act::rebalance(frame, actor, target, &wanted, true).await)
        }
        _ => effect(topology, deed, target),
    };
    Html::of(&Action {
        title: title(deed, target),
        post: &frame.view.path,
        back: back(frame, wanted, target),
        fault,
        effect,
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

fn field(site: &Site, topology: &Topology, deed: Deed, target: &Target, wanted: &Form) -> Field {
    let given = |name| wanted.get(name).map(str::to_owned);
    match deed {
        Deed::Rebalance => {
            let now = tasks(topology, &target.component);
            let wanted = given("parallelism").unwrap_or_else(|| (now + 1).min(MAX_PARALLELISM).to_string());
            Field::Parallelism { now, wanted, most: MAX_PARALLELISM, version: version(topology) }
        }
        Deed::Drain => {
            let usual = || humantime::format_duration(site.config.drain_deadline()).to_string();
            Field::Deadline { wanted: given("deadline").unwrap_or_else(usual) }
        }
        Deed::Kill => {
            Field::Confirm { name: topology.name.to_owned(), typed: given("confirm").unwrap_or_default() }
        }
        _ => Field::Nothing,
    }
}

/// Of two operators who look at the same numbers, the later one notices.
fn version(topology: &Topology) -> String {
    topology.running.plan().as_ref().map(version_of).unwrap_or_default()
}

fn tasks(topology: &Topology, component: &str) -> usize {
    let plan = topology.running.plan();
    plan.as_ref().and_then(|plan| plan.component(component)).map_or(0, |component| component.tasks)
}

/// What will happen, in sentences.
fn effect(topology: &Topology, deed: Deed, target: &Target) -> Vec<String> {
    let pending = Count(topology.running.status().roots.pending);
    let component = &target.component;
    match deed {
        Deed::Pause => vec![format!(
            "Its spouts are asked for nothing more until it is resumed. The {pending} roots in flight come to their end."
        )],
        Deed::Resume => vec!["Its spouts are asked for tuples again.".to_owned()],
        Deed::Drain => vec![
            format!(
                "Its spouts end, and the {pending} roots in flight come to their end; what is left at the deadline fails."
            ),
            "It does not start again before the process does.".to_owned(),
        ],
        Deed::Kill => vec![
            format!(
                "It ends at once: the {pending} roots in flight fail, and their sources will offer them again, if they do so."
            ),
            "It does not start again before the process does.".to_owned(),
        ],
        Deed::PauseSpout => vec![format!(
            "`{component}` is asked for nothing more until it is resumed; its roots in flight come to their end."
        )],
        Deed::ResumeSpout => vec![format!("`{component}` is asked for tuples again.")],
        Deed::RestartTask => vec![format!(
            "The task is built anew. What it holds fails, and is offered again by sources that do so; what waits in its inbox stays. What it keeps in memory begins anew."
        )],
        Deed::Rebalance => Vec::new(),
    }
}

/// What the dry run says.
fn rebalance(would: Result<Rebalanced, Problem>) -> Vec<String> {
    let would = match would {
        Ok(would) => would,
        Err(problem) => {
            let faults = problem.faults().iter().map(|fault| format!("It {}.", fault.detail));
            return [problem.detail().to_owned()].into_iter().chain(faults).collect();
        }
    };
    let (from, to) = (would.parallelism.from, would.parallelism.to);
    if would.changes.is_empty() {
        return vec![format!("`{}` has {from} already: nothing changes.", would.component)];
    }
    let tasks = if to == 1 { "1 task goes".to_owned() } else { format!("{to} tasks go") };
    let mut sentences = vec![format!(
        "What waits in its inboxes is finished first, then {tasks} on instead of {from}. Whoever sends to it waits \
         meanwhile, mostly for some milliseconds; nothing is lost or doubled."
    )];
    sentences.extend(would.warnings.iter().map(|warning| format!("Mind: {warning}.")));
    sentences
}

fn command(product: &str, deed: Deed, target: &Target, field: &Field) -> String {
    let Target { topology, component, task } = target;
    let line = match deed {
        Deed::Pause => Line::Pause { topology },
        Deed::Resume => Line::Resume { topology },
        Deed::Drain => Line::Drain { topology, deadline: field.wanted() },
        Deed::Kill => Line::Kill { topology },
        Deed::Rebalance => Line::Rebalance { topology, component, tasks: field.wanted() },
        Deed::PauseSpout => Line::PauseSpout { topology, spout: component },
        Deed::ResumeSpout => Line::ResumeSpout { topology, spout: component },
        Deed::RestartTask => Line::RestartTask { topology, component, task: *task },
    };
    line.of(product)
}

impl Field {
    /// What stands in it.
    fn wanted(&self) -> &str {
        match self {
            Self::Parallelism { wanted, .. } | Self::Deadline { wanted } => wanted,
            Self::Nothing | Self::Confirm { .. } => "",
        }
    }
}
