//! What a path names.

use squall_runtime::{ComponentStatus, Refused, Status, TopologyState};

use crate::Problem;
use crate::site::{Site, Topology};

/// The most characters of a name that are repeated to whoever sent it.
const SHOWN: usize = 100;

/// The topology with this name.
pub(super) fn topology<'a>(site: &'a Site, name: &str) -> Result<&'a Topology, Problem> {
    site.topology(name).ok_or_else(|| {
        let known: Vec<&str> = site.topologies.iter().map(|topology| topology.name).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Problem::not_found(format!("No topology `{}` runs here; there are: {known}.", shown(name)))
    })
}

/// The topology with this name, if it can still be told anything.
pub(super) fn alive<'a>(site: &'a Site, name: &str) -> Result<&'a Topology, Problem> {
    let topology = topology(site, name)?;
    match topology.running.status().state {
        TopologyState::Ended | TopologyState::Failed => {
            Err(Problem::conflict(format!("`{name}` is over; nothing can be changed any more.")))
        }
        _ => Ok(topology),
    }
}

/// The component with this name.
pub(super) fn component<'a>(status: &'a Status, name: &str) -> Result<&'a ComponentStatus, Problem> {
    status.component(name).ok_or_else(|| {
        let known: Vec<&str> = status.components.iter().map(|component| component.name.as_str()).collect();
        Problem::not_found(format!(
            "`{}` has no component `{}`; it has: {}.",
            status.topology,
            shown(name),
            known.join(", ")
        ))
    })
}

/// Why the engine did not do it.
pub(super) fn refusal(refused: &Refused) -> Problem {
    let detail = format!("Nothing was changed: {refused}.");
    match refused {
        Refused::UnknownComponent { .. } | Refused::UnknownTask { .. } | Refused::UnknownStream { .. } => {
            Problem::not_found(detail)
        }
        Refused::Invalid(_) => Problem::unprocessable(detail),
        Refused::TooManyTaps { .. } => Problem::unavailable(detail),
        _ => Problem::conflict(detail),
    }
}

/// What somebody sent, short enough to be repeated.
pub(super) fn shown(name: &str) -> String {
    let mut shown: String = name.chars().take(SHOWN).filter(|letter| !letter.is_control()).collect();
    if name.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}
