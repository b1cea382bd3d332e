//! [`Checks`]: what the checks measure, and whether they are raised.

use prometheus::core::{Collector, Desc};
use prometheus::proto::{LabelPair, MetricFamily};

use super::families::CHECK;
use super::family::label;
use crate::check::{Board, CheckState, CheckStatus};

/// The most things that checks are told about: a probe may be anybody's code, and name whatever it finds.
const MOST: usize = 2_000;

/// What the checks measure, and whether they are raised: as the last second left it.
pub(super) struct Checks {
    board: Board,
    descs: Vec<Desc>,
}

impl Checks {
    pub(super) fn new(board: Board) -> prometheus::Result<Self> {
        let descs = CHECK.iter().map(|family| family.desc(&["check", "topology", "component"]));
        Ok(Self { board, descs: descs.collect::<Result<_, _>>()? })
    }
}

impl Collector for Checks {
    fn desc(&self) -> Vec<&Desc> {
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut states = self.board.states();
        // What is raised must not be what is left out.
        states.sort_by_key(|state| state.status != CheckStatus::Raised);
        states.truncate(MOST);
        CHECK.iter().map(|family| family.gather(states.iter().map(|state| (place(state), state)))).collect()
    }
}

fn place(state: &CheckState) -> Vec<LabelPair> {
    let (topology, component) = (state.topology.as_deref(), state.component.as_deref());
    vec![
        label("check", &state.check),
        label("topology", topology.unwrap_or_default()),
        label("component", component.unwrap_or_default()),
    ]
}
