//! What an operator does to one component of a running topology, and what can be seen of it.

use std::sync::atomic::Ordering::Relaxed;

use squall_core::{Kind, Phase, Tap};

use crate::{
    happening::{Happening, HappeningKind},
    refused::Refused,
    renewal::Renewal,
    running::Running,
    supervisor::PausedSpouts,
    wiring::ComponentWiring,
};

/// Taps that a topology may have at once.
const TAPS: usize = 64;

impl Running {
    /// Shows what a component emits, into one of its streams or into all: at most `rate_per_s` tuples a second, and
    /// at least one. Drop the tap to end it; a topology has 64 at once at most.
    ///
    /// # Errors
    ///
    /// There is no such component or stream, there are too many taps, or the topology is over.
    pub fn tap(&self, component: &str, stream: Option<&str>, rate_per_s: u32) -> Result<Tap, Refused> {
        let (_, wiring) = self.find(component)?;
        let streams = wiring.taps.streams();
        let number = stream.map(|name| {
            streams.iter().position(|own| *own == name).ok_or_else(|| Refused::UnknownStream {
                component: component.to_owned(),
                name: name.to_owned(),
                known: streams.iter().map(|own| (*own).to_owned()).collect(),
            })
        });
        let number = number.transpose()?;
        if self.plan().is_none() {
            return Err(Refused::NotRunning);
        }
        // Who opens one counts first, and nobody else opens one meanwhile.
        let _turn = self.shared.tap_turn();
        let open: usize = self.shared.wired.components.iter().map(|other| other.taps.count()).sum();
        if open >= TAPS {
            return Err(Refused::TooManyTaps { most: TAPS });
        }
        Ok(wiring.taps.open(number, rate_per_s))
    }

    /// Has one task built anew by its factory, between two calls of user code: the old spout or bolt is dropped, as
    /// after a panic, and fails no root. What waits in the inbox, what was emitted and the roots of a spout are
    /// kept; what the bolt had in memory or held is not. It counts as a restart, and is not charged to the budget of
    /// the restart policy. Waits for its turn behind a rebalance, and returns when the old one is gone. Works on any
    /// executor.
    ///
    /// # Errors
    ///
    /// There is no such task, the topology does not run, or the call of user code that is under way did not come
    /// back before the deadline of a rebalance: then the task goes on as before.
    pub async fn restart_task(&self, component: &str, task: usize) -> Result<(), Refused> {
        let (component, _) = self.find(component)?;
        match self.supervisor.send(Renewal { component, task }).await {
            Ok(end) => end,
            Err(_) => Err(Refused::NotRunning),
        }
    }

    /// One spout is asked for nothing more until [`resume_component`](Self::resume_component), also if the topology
    /// is paused and resumed meanwhile. Its pending roots come to their ends, and it hears of them; a drain does not
    /// wait for it. Returns at once.
    ///
    /// # Errors
    ///
    /// There is no such component, it is no spout, or the topology drains or is over.
    pub fn pause_component(&self, component: &str) -> Result<(), Refused> {
        self.set_paused(component, true)
    }

    /// A spout is asked again. Nothing happens if it was not paused.
    ///
    /// # Errors
    ///
    /// As those of [`pause_component`](Self::pause_component).
    pub fn resume_component(&self, component: &str) -> Result<(), Refused> {
        self.set_paused(component, false)
    }

    fn set_paused(&self, component: &str, is_paused: bool) -> Result<(), Refused> {
        let (index, wiring) = self.find(component)?;
        if wiring.kind != Kind::Spout {
            return Err(Refused::NotASpout { component: component.to_owned() });
        }
        if self.plan().is_none() || self.shared.wired.control.phase() >= Phase::Draining {
            return Err(Refused::NotRunning);
        }
        if wiring.is_paused.swap(is_paused, Relaxed) == is_paused {
            return Ok(());
        }
        let component = component.to_owned();
        self.shared.wired.happenings.note(if is_paused {
            HappeningKind::SpoutPaused { component }
        } else {
            HappeningKind::SpoutResumed { component }
        });
        self.supervisor.do_send(PausedSpouts { component: index });
        Ok(())
    }

    /// What happened since number `after`, 0 for everything; the last 1,024 are kept.
    pub fn happenings(&self, after: u64) -> Vec<Happening> {
        self.shared.wired.happenings.after(after)
    }

    fn find(&self, component: &str) -> Result<(usize, &ComponentWiring), Refused> {
        let components = &self.shared.wired.components;
        let found = components.iter().enumerate().find(|(_, own)| &*own.name == component);
        found.ok_or_else(|| Refused::UnknownComponent {
            name: component.to_owned(),
            known: components.iter().map(|own| own.name.to_string()).collect(),
        })
    }
}
