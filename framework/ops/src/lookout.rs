//! [`Lookout`]: looks at all topologies once a second, and keeps what it sees for everybody who asks.

mod rounds;

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, io};

use squall_runtime::Running;
use tokio::sync::watch;

use crate::alert::Alerts;
use crate::check::{AllSettings, Board, Check, CheckState, Rules};
use crate::event::Journal;
use crate::finding::Finding;
use crate::heal::Healer;
use crate::history::History;
use crate::seen::Seen;
use crate::systemd::Watchdog;

/// What is seen of all topologies. A clone is a handle to the same lookout; with the last one its threads end.
#[derive(Clone)]
pub(crate) struct Lookout {
    journal: Journal,
    history: History,
    board: Board,
    alerts: Alerts,
    seen: watch::Receiver<Arc<Seen>>,
    sights: Sights,
    rules: Arc<Mutex<Rules>>,
    own: Own,
    /// Has it look at once. Its threads end when nobody holds this.
    rounds: Sender<()>,
}

/// A topology to look at.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// How often it was started before.
    pub(crate) life: u64,
    pub(crate) running: Running,
    /// The checks that it brings.
    pub(crate) checks: Vec<Check>,
}

/// What there is to look at; becomes something else when a topology is started anew.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sights(Arc<Mutex<Vec<Sight>>>);

/// The checks that the process itself brings.
type Own = Arc<Mutex<Vec<Check>>>;

impl Sights {
    /// From now on these are looked at.
    pub(crate) fn set(&self, sights: Vec<Sight>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sights;
    }

    /// The topology with this name, as it runs now.
    pub(crate) fn running(&self, name: &str) -> Option<Running> {
        self.now().into_iter().find(|sight| sight.name == name).map(|sight| sight.running)
    }

    /// How often it was started before.
    pub(crate) fn life(&self, name: &str) -> Option<u64> {
        self.now().into_iter().find(|sight| sight.name == name).map(|sight| sight.life)
    }

    fn now(&self) -> Vec<Sight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Lookout {
    /// Begins to look, once a second.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread.
    pub(crate) fn start() -> io::Result<Self> {
        Self::start_with(Watchdog::asked_for())
    }

    /// The same; each round is a sign of life.
    fn start_with(watchdog: Option<Watchdog>) -> io::Result<Self> {
        let (journal, history, board) = (Journal::default(), History::default(), Board::default());
        let (sights, alerts) = (Sights::default(), Alerts::default());
        let (publish, seen) = watch::channel(Arc::new(Seen::nothing()));
        Healer::new(sights.clone(), journal.clone()).start(board.follow())?;
        let (rules, own) = (Arc::default(), Own::default());
        let (checks, said) = ((&rules, &own), (&board, &alerts));
        let rounds = rounds::start(&sights, checks, &journal, &history, said, (publish, watchdog))?;
        Ok(Self { journal, history, board, alerts, seen, sights, rules, own, rounds })
    }

    /// From now on these are looked at.
    pub(crate) fn look_at(&self, sights: Vec<Sight>) {
        self.sights.set(sights);
        self.look();
    }

    /// Looks at once: whoever has just done something shall not have to wait for the next round to see it.
    pub(crate) fn look(&self) {
        // Without the thread that looks nobody looks anyway.
        self.rounds.send(()).ok();
    }

    /// From now on the process itself brings these checks.
    pub(crate) fn check_own(&self, checks: Vec<Check>) {
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = checks;
    }

    /// From now on the configuration says this of the checks.
    pub(crate) fn check_by(&self, settings: AllSettings) {
        *self.rules.lock().unwrap_or_else(PoisonError::into_inner) = Rules::new(settings);
    }

    /// The time since the checks answered; none before they have.
    pub(crate) fn age_of_checks(&self) -> Option<Duration> {
        self.board.age(Instant::now())
    }

    /// What was seen last.
    pub(crate) fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen.borrow())
    }

    /// The same, and what will be seen.
    pub(crate) fn follow(&self) -> watch::Receiver<Arc<Seen>> {
        self.seen.clone()
    }

    /// What was seen before.
    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// What happened, and where more is written down.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What somebody should look into, the worst first.
    pub(crate) fn findings(&self) -> Arc<Vec<Finding>> {
        self.board.findings()
    }

    /// The same, and what becomes of it.
    pub(crate) fn follow_findings(&self) -> watch::Receiver<Arc<Vec<Finding>>> {
        self.board.follow()
    }

    /// What was raised, and what people say of it.
    pub(crate) fn alerts(&self) -> &Alerts {
        &self.alerts
    }

    /// Where the checks say it.
    pub(crate) fn board(&self) -> &Board {
        &self.board
    }

    /// What every check says of every thing.
    pub(crate) fn checks(&self) -> Vec<CheckState> {
        self.board.states()
    }
}

impl fmt::Debug for Lookout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookout").field("sights", &self.sights).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_round_that_hangs_is_no_sign_of_life() {
        let (say, said) = channel();
        let watchdog = Watchdog::new(Duration::ZERO, move || say.send(()).unwrap_or_default());
        let lookout = Lookout::start_with(Some(watchdog)).unwrap();
        said.recv().unwrap();

        // Whoever looks waits for this.
        let held = lookout.sights.0.lock().unwrap();
        let rounds = (0..5).map(|_| lookout.rounds.send(()).unwrap());
        let signs = rounds.filter(|()| said.recv_timeout(Duration::from_millis(300)).is_ok()).count();
        // The round that was on its way.
        assert!(signs <= 1, "{signs} signs of life");

        drop(held);
        said.recv().unwrap();
    }
}
