//! [`Member`]: one topology of the process, which may be started anew.

use std::fmt;

use squall_runtime::{Failed, Options, Report, Running};
use squall_topology::EngineSettings;

use super::say;
use crate::http::Brought;
use crate::lookout::Sight;
use crate::metrics::Own;
use crate::reload::Configured;
use crate::site::Topology;
use crate::{App, Card, Check, Link, Page, Prepared, StartError, Summary};

/// One topology of the process, as it runs now.
pub(super) struct Member<'a> {
    pub(super) app: &'a dyn App,
    pub(super) running: Running,
    pub(super) configured: Configured,
    pub(super) brought: Brought,
    summary: Option<Summary>,
    /// How often it was started before: an end that comes late is not taken for that of its successor.
    pub(super) life: u64,
    pub(super) is_over: bool,
    links: Vec<Link>,
    pages: Vec<Page>,
    cards: Vec<Card>,
    own: Own,
    checks: Vec<Check>,
}

impl<'a> Member<'a> {
    /// Starts a topology; returns also what it says to whoever sits in front of the terminal.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread.
    pub(super) fn start(
        app: &'a dyn App,
        prepared: Prepared,
        engine: &EngineSettings,
    ) -> Result<(Self, Vec<String>), StartError> {
        let Prepared { plan, routes, operations, links, pages, cards, collectors, checks, banner, summary } =
            prepared;
        let configured = Configured::new(plan.clone());
        let running = Running::start(plan, Options::from(engine))
            .map_err(|error| StartError::failed(format!("cannot start `{}`: {error}", app.name())))?;
        let own = Own(collectors);
        let brought = Brought { name: app.name(), about: app.about(), routes, operations };
        Ok((
            Self {
                app,
                running,
                configured,
                brought,
                summary,
                life: 0,
                is_over: false,
                links,
                pages,
                cards,
                own,
                checks,
            },
            banner,
        ))
    }

    /// It has ended: says what it has to say about that.
    pub(super) fn end(&mut self, end: &Result<Report, Failed>) {
        self.is_over = true;
        let report = end.as_ref().map_or_else(Failed::report, Some);
        if let (Some(summary), Some(report)) = (self.summary.take(), report) {
            say(&summary(report));
        }
    }

    /// What pages and API show of it.
    pub(super) fn topology(&self) -> Topology {
        Topology {
            name: self.app.name(),
            about: self.app.about(),
            links: self.links.clone(),
            pages: self.pages.clone(),
            cards: self.cards.clone(),
            running: self.running.clone(),
            configured: self.configured.clone(),
            own: self.own.clone(),
        }
    }

    /// What is looked at once a second.
    pub(super) fn sight(&self) -> Sight {
        Sight {
            name: self.app.name(),
            about: self.app.about(),
            life: self.life,
            running: self.running.clone(),
            checks: self.checks.clone(),
        }
    }
}

impl fmt::Debug for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("running", &self.running)
            .field("life", &self.life)
            .finish_non_exhaustive()
    }
}
