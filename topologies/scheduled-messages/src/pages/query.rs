//! [`Sought`]: which messages a page is to show, as its address says.

use reqwest::Url;
use squall_ops::{Problem, View};

use super::MESSAGES;
use super::tab::Tab;
use crate::api::actions::Query;
use crate::message::MessageId;
use crate::state::State;
use crate::store::{Place, Search};

/// The parameters that narrow the table, in the order in which they stand in an address.
pub(super) const FILTERS: [&str; 7] =
    ["state", "account", "destination", "q", "due_from", "due_before", "series"];

/// Which messages a page is to show, as its address says.
#[derive(Clone, Debug, Default)]
pub(super) struct Sought {
    /// The parameters that are given, `state` always.
    given: Vec<(&'static str, String)>,
}

impl Sought {
    /// Reads the parameters by `field`: those of an address, or the fields of a form.
    pub(super) fn read<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Self {
        let given = |name: &'static str| {
            let value = field(name).map(str::trim).filter(|value| !value.is_empty());
            match (name, value) {
                ("state", None) => Tab::ALL.first().map(|tab| (name, tab.parameter())),
                (_, value) => value.map(|value| (name, value.to_owned())),
            }
        };
        Self { given: FILTERS.into_iter().filter_map(given).collect() }
    }

    pub(super) fn of(view: &View) -> Self {
        Self::read(|name| view.query(name))
    }

    /// The value of a parameter; empty if it is not given.
    pub(super) fn get(&self, name: &str) -> &str {
        self.given.iter().find(|(given, _)| *given == name).map_or("", |(_, value)| value)
    }

    /// All that are given.
    pub(super) fn given(&self) -> &[(&'static str, String)] {
        &self.given
    }

    /// Whether something beside the tab narrows the table.
    pub(super) fn is_narrow(&self) -> bool {
        self.given.iter().any(|(name, _)| *name != "state")
    }

    /// The address of the page with these messages, or of another state of them.
    pub(super) fn path(&self, state: Option<&str>) -> String {
        let value = |name: &str, value: &'_ str| match state {
            Some(state) if name == "state" => state.to_owned(),
            _ => value.to_owned(),
        };
        with_query(MESSAGES, self.given.iter().map(|(name, given)| (*name, value(name, given))))
    }

    /// The states; none stands for all.
    pub(super) fn states(&self) -> Vec<State> {
        self.get("state").split(',').filter_map(State::parse).collect()
    }

    /// The same for the interface.
    pub(super) fn query(&self) -> Query {
        let some = |name: &str| Some(self.get(name).to_owned()).filter(|value| !value.is_empty());
        Query {
            account: some("account"),
            destination: some("destination"),
            state: some("state").filter(|state| state != "all"),
            due_from: some("due_from").map(|at| instant(&at)),
            due_before: some("due_before").map(|at| instant(&at)),
            series: some("series"),
            text: some("q"),
        }
    }

    pub(super) fn search(&self) -> Result<Search, Problem> {
        self.query().search()
    }
}

/// A path with these parameters.
pub(super) fn with_query(path: &str, pairs: impl IntoIterator<Item = (&'static str, String)>) -> String {
    // The place does not matter: only the query is taken from it.
    let Ok(mut url) = Url::parse("http://here/") else { return path.to_owned() };
    url.query_pairs_mut().extend_pairs(pairs);
    format!("{path}?{}", url.query().unwrap_or_default())
}

/// A date and time as browsers send it has no offset: it is meant in UTC, as the page says.
fn instant(text: &str) -> String {
    let is_wall = text.parse::<jiff::Timestamp>().is_err() && text.parse::<jiff::civil::DateTime>().is_ok();
    if is_wall { format!("{text}Z") } else { text.to_owned() }
}

/// Where a page begins, as the address of the page before says.
pub(super) fn after(view: &View) -> Option<Place> {
    let (key, id) = view.query("after")?.split_once('.')?;
    Some(Place { key: key.parse().ok()?, id: MessageId::parse(id)? })
}

/// The address of the page behind a place.
pub(super) fn behind(sought: &Sought, place: &Place) -> String {
    format!("{}&after={}.{}", sought.path(None), place.key, place.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written() {
        let sought =
            Sought::of(&View::of("/messages?account=a%26b&state=dead&q=50%25&due_from=2031-01-01T09:00"));

        assert_eq!(
            sought.path(None),
            "/messages?state=dead&account=a%26b&q=50%25&due_from=2031-01-01T09%3A00"
        );
        let query = sought.query();
        assert_eq!(
            (query.account.as_deref(), query.due_from.as_deref()),
            (Some("a&b"), Some("2031-01-01T09:00Z"))
        );
        assert!(sought.search().is_ok());
        assert_eq!(sought.states(), [State::Dead]);
    }

    #[test]
    fn without_a_word_the_first_tab_is_shown_and_all_is_no_state() {
        assert_eq!(Sought::of(&View::of("/messages")).query().state.as_deref(), Some("scheduled,claimed"));
        assert_eq!(Sought::of(&View::of("/messages?state=all")).query().state, None);
    }
}
