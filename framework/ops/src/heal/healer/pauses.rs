//! [`Pauses`]: the spouts that findings keep paused.

use std::collections::{BTreeMap, BTreeSet};

use squall_runtime::{HappeningKind, Running};

use super::Place;
use crate::event::Journal;
use crate::lookout::Sights;

/// The spouts that findings keep paused, and whether it is for the healer to resume them.
#[derive(Debug, Default)]
pub(super) struct Pauses(BTreeMap<Place, Pause>);

/// One of them.
#[derive(Debug)]
pub(super) struct Pause {
    findings: BTreeSet<String>,
    /// Not if a person has had a hand in it: then it stays as the person wants it until all is well.
    is_ours: bool,
    /// The life of the topology in which it was paused.
    life: Option<u64>,
    /// What happened, and what was written down, up to the pause.
    happening: u64,
    event: u64,
}

impl Pause {
    /// Before it is paused: what people do from now on is theirs.
    pub(super) fn before(place: &Place, running: &Running, sights: &Sights, journal: &Journal) -> Self {
        let happening = running.happenings(0).last().map_or(0, |happening| happening.seq);
        let is_paused = running.status().component(&place.component).is_some_and(|status| status.paused);
        Self {
            findings: BTreeSet::new(),
            is_ours: !is_paused,
            life: sights.life(&place.topology),
            happening,
            event: *journal.follow().borrow(),
        }
    }

    pub(super) fn is_ours(&self) -> bool {
        self.is_ours
    }

    /// It was paused: that is no deed of a person.
    pub(super) fn done(&mut self, place: &Place, running: &Running) {
        let own = running.happenings(self.happening).into_iter().find(|happening| {
            matches!(&happening.what, HappeningKind::SpoutPaused { component } if *component == place.component)
        });
        self.happening = own.map_or(self.happening, |own| own.seq);
    }

    /// Whether somebody else has paused or resumed it since, or the topology was started anew.
    fn is_touched(&self, place: &Place, sights: &Sights, journal: &Journal) -> bool {
        let Some(running) = sights.running(&place.topology) else { return true };
        if sights.life(&place.topology) != self.life
            || !running.status().component(&place.component).is_some_and(|status| status.paused)
        {
            return true;
        }
        let happened = running.happenings(self.happening).into_iter().any(|happening| {
            matches!(&happening.what, HappeningKind::SpoutPaused { component }
                | HappeningKind::SpoutResumed { component } if *component == place.component)
        });
        // Pausing what is paused happens to nobody: only the journal knows that a person wants it so.
        let asked = journal.newest(1, |event| {
            event.seq > self.event
                && event.ok
                && matches!(event.kind, "pause_spout" | "resume_spout")
                && event.topology.as_deref() == Some(place.topology.as_str())
                && event.component.as_deref() == Some(place.component.as_str())
        });
        happened || !asked.is_empty()
    }
}

impl Pauses {
    /// Whether the finding keeps a spout paused, or leaves it to a person.
    pub(super) fn has(&self, finding: &str) -> bool {
        self.0.values().any(|pause| pause.findings.contains(finding))
    }

    /// One more finding wants the spout paused; false if it is the first.
    pub(super) fn join(&mut self, place: &Place, finding: &str) -> bool {
        let Some(pause) = self.0.get_mut(place) else { return false };
        pause.findings.insert(finding.to_owned());
        true
    }

    pub(super) fn add(&mut self, place: Place, mut pause: Pause, finding: &str) {
        pause.findings.insert(finding.to_owned());
        self.0.insert(place, pause);
    }

    /// Leaves to people what they have paused or resumed themselves.
    pub(super) fn respect(&mut self, sights: &Sights, journal: &Journal) {
        for (place, pause) in &mut self.0 {
            pause.is_ours = pause.is_ours && !pause.is_touched(place, sights, journal);
        }
    }

    /// The spouts to resume, each with the last finding that had kept it paused.
    pub(super) fn well(&mut self, is_there: impl Fn(&String) -> bool) -> Vec<(Place, String)> {
        let mut well = Vec::new();
        self.0.retain(|place, pause| {
            let last = pause.findings.iter().next_back().cloned();
            pause.findings.retain(&is_there);
            let is_over = pause.findings.is_empty();
            if let (true, true, Some(last)) = (is_over, pause.is_ours, last) {
                well.push((place.clone(), last));
            }
            !is_over
        });
        well
    }
}
