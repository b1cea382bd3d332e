//! [`Lookout`]: looks at all topologies once a second, and keeps what it sees for everybody who asks.

mod rounds;

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, io};

use squall_runtime::Running;
use tokio::sync::watch;

use crate::check::{Board, Check, CheckState};
use crate::event::Journal;
use crate::finding::Finding;
use crate::history::History;
use crate::seen::Seen;

/// What is seen of all topologies. A clone is a handle to the same lookout; with the last one its threads end.
#[derive(Clone)]
pub(crate) struct Lookout {
    journal: Journal,
    history: History,
    board: Board,
    seen: watch::Receiver<Arc<Seen>>,
    sights: Sights,
    /// Its threads end when nobody holds it.
    _rounds: Sender<()>,
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
struct Sights(Arc<Mutex<Vec<Sight>>>);

impl Sights {
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
        let (journal, history, board) = (Journal::default(), History::default(), Board::default());
        let sights = Sights::default();
        let (publish, seen) = watch::channel(Arc::new(Seen::nothing()));
        let rounds = rounds::start(&sights, &journal, &history, &board, publish)?;
        Ok(Self { journal, history, board, seen, sights, _rounds: rounds })
    }

    /// From now on these are looked at.
    pub(crate) fn look_at(&self, sights: Vec<Sight>) {
        *self.sights.0.lock().unwrap_or_else(PoisonError::into_inner) = sights;
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
