//! `/messages`: what comes, and a table of messages.

use askama::Template;
use futures_util::future::join3;
use jiff::Timestamp;
use squall_ops::show::Count;
use squall_ops::{Html, Page, Problem, View};

use super::bars::Bars;
use super::look::Row;
use super::office::{Office, soon};
use super::query::{Sought, after, behind};
use super::tab::Tab;
use super::{MESSAGES, Moment, action, away};
use crate::api::actions::MOST;
use crate::state::State;
use crate::store::{AtHand, Counts, Found, Search};

/// How many messages a page has.
const SHOWN: usize = 50;

pub(super) fn page(office: &Office) -> Page {
    office.page(MESSAGES, "Messages", show).key('m')
}

#[derive(Template)]
#[template(path = "messages.html")]
struct Shown {
    may_act: bool,
    tabs: Vec<Entry>,
    sought: Sought,
    fault: String,
    destinations: Vec<String>,
    minutes: Option<Bars>,
    hours: Option<Bars>,
    due: Option<Count>,
    oldest: Option<Moment>,
    as_of: Moment,
    table: Table,
    actions: Vec<(&'static str, &'static str)>,
}

/// A tab as it stands on the page.
struct Entry {
    name: &'static str,
    href: String,
    count: Option<Count>,
    is_here: bool,
    /// Somebody should look.
    is_due: bool,
}

/// What was found.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    nothing: &'static str,
    /// How many are found in all, if all of them can be changed at once.
    all: Option<usize>,
    next: Option<String>,
    first: Option<String>,
    is_cut: bool,
}

impl Table {
    /// Whether there is something to tell of attempts: of what waits for its first one there is not.
    fn has_attempts(&self) -> bool {
        self.rows.iter().any(|row| row.attempts > 0 || row.error.is_some())
    }
}

async fn show(office: Office, view: View) -> Result<Html, Problem> {
    let sought = Sought::of(&view);
    let store = office.store();
    let (table, fault) = match sought.search() {
        Ok(search) => (table(&office, &view, &sought, search).await?, String::new()),
        Err(problem) => (Table::default(), problem.detail().to_owned()),
    };
    let (forecast, at_hand, counts) = join3(
        soon(store.forecast(), || store.last_views().next),
        soon(store.at_hand(), || store.last_views().now),
        soon(store.counts(), || store.last_views().all),
    )
    .await;
    let now = store.now();
    Html::of(&Shown {
        may_act: view.may_act,
        tabs: tabs(&sought, counts.as_ref()),
        fault,
        destinations: office.place.destinations.names().map(str::to_owned).collect(),
        minutes: forecast.as_ref().map(|forecast| Bars::of_minutes(&forecast.minutes, forecast.as_of)),
        hours: forecast.as_ref().map(|forecast| Bars::of_hours(&forecast.minutes, forecast.as_of)),
        due: at_hand.as_ref().map(|at_hand| Count(at_hand.due)),
        oldest: at_hand.and_then(|at_hand| oldest(&at_hand)),
        as_of: Moment::new(forecast.map_or(now, |forecast| forecast.as_of), now),
        table,
        actions: Tab::actions(&sought.states()).into_iter().map(|name| (name, action::word(name))).collect(),
        sought,
    })
}

/// When the message was due that waits longest.
pub(super) fn oldest(at_hand: &AtHand) -> Option<Moment> {
    at_hand.oldest_overdue.as_ref().map(|oldest| Moment::new(oldest.due_at, at_hand.as_of))
}

async fn table(office: &Office, view: &View, sought: &Sought, search: Search) -> Result<Table, Problem> {
    let (store, place) = (office.store(), after(view));
    let found = store.search(search.clone(), place, SHOWN).await.map_err(|error| away(&error))?;
    let Found { messages, next, is_cut } = found;
    let all = if !view.may_act || messages.is_empty() {
        None
    } else if place.is_none() && next.is_none() {
        Some(messages.len())
    } else {
        let matches = soon(store.matches(search, MOST), || None).await.filter(|matches| !matches.is_cut);
        matches.map(|matches| matches.ids.len())
    };
    let now: Timestamp = store.now();
    Ok(Table {
        rows: messages.iter().map(|message| Row::of(message, now)).collect(),
        nothing: nothing(sought, is_cut),
        all,
        next: next.map(|place| behind(sought, &place)),
        first: place.map(|_| sought.path(None)),
        is_cut,
    })
}

fn nothing(sought: &Sought, is_cut: bool) -> &'static str {
    if is_cut {
        return "Nothing like that among the messages looked through so far.";
    }
    if sought.is_narrow() {
        return "Nothing like that.";
    }
    let state = sought.get("state");
    Tab::ALL.iter().find(|tab| tab.parameter() == state).map_or("Nothing like that.", |tab| tab.nothing)
}

fn tabs(sought: &Sought, counts: Option<&Counts>) -> Vec<Entry> {
    let count = |tab: &Tab| {
        let of = |counts: &Counts, states: &[State]| {
            states.iter().filter_map(|state| counts.states.get(state)).sum::<u64>()
        };
        counts.map(|counts| of(counts, if tab.states.is_empty() { &State::ALL } else { tab.states }))
    };
    let entry = |tab: &Tab| {
        let (parameter, count) = (tab.parameter(), count(tab));
        Entry {
            name: tab.name,
            href: sought.path(Some(&parameter)),
            is_here: sought.get("state") == parameter,
            is_due: tab.states == [State::Unconfirmed] && count.is_some_and(|count| count > 0),
            count: count.map(Count),
        }
    };
    Tab::ALL.iter().map(entry).collect()
}
