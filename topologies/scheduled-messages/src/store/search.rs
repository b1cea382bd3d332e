//! Looking through messages in the order in which people want to see them, however many there are.
//!
//! A look goes along an index, and through a bounded number of rows: what is rare among millions takes several looks,
//! each of which says where the next one begins.
//!
//! | asked for | goes along | begins with |
//! |---|---|---|
//! | those of an account | its messages by when they are due | the next one; the latest, if some are at their end |
//! | those that wait, for their instant or for a person | their lane | the next one; the latest of the dead |
//! | any others | all, by when they were made | the newest |

use std::cmp::Ordering;

use squall_connect::sql::{Access, Connection, Row, Value};

use super::list::{Filter, List};
use super::{fetch, fetch_one, lane, row, values};
use crate::message::{Message, MessageId};
use crate::state::State;

/// How many rows one look goes through in each lane.
const THROUGH: i64 = 10_000;

/// Which messages to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// What is known of them.
    pub filter: Filter,
    /// What they say somewhere; small and capital letters of the English alphabet are the same.
    pub text: Option<String>,
}

/// Where a look ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When that message is due, or wants attention; nothing where messages come by when they were made.
    pub(crate) key: i64,
    /// Its name.
    pub(crate) id: MessageId,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The messages, in their order.
    pub messages: Vec<Message>,
    /// Where the next look begins, if there may be more.
    pub next: Option<Place>,
    /// Whether the look ended because it had gone through as many rows as it may, and not because enough was found.
    pub is_cut: bool,
}

/// All that a search finds, if that is not too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matches {
    /// What they are called.
    pub ids: Vec<MessageId>,
    /// Whether there may be others.
    pub is_cut: bool,
}

/// Looks for a page of messages.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) search: Search,
    pub(super) after: Option<Place>,
    pub(super) limit: usize,
}

impl Access for Look {
    type Answer = Found;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Found, sqlx::Error> {
        let Self { search, after, limit } = self;
        let is_last_first = search.is_last_first();
        let (mut found, mut end) = (Vec::new(), None::<Place>);
        for way in search.ways() {
            // One more than is shown: it tells whether there is a next page.
            let rows = way.rows(&search, after, limit + 1, row::COLUMNS, connection).await?;
            if rows.len() <= limit
                && let Some(place) = way.end(after, is_last_first, connection).await?
            {
                end = Some(
                    end.map_or(place, |end| if is_last_first { end.max(place) } else { end.min(place) }),
                );
            }
            for row in &rows {
                found.push((way.place(row)?, row::message(row)?));
            }
        }
        found.sort_by(|(one, _), (other, _)| order(one, other, is_last_first));
        if let Some(end) = end {
            // Behind the end of one lane the others would be ahead of it.
            found.retain(|(place, _)| order(place, &end, is_last_first).is_le());
        }
        let is_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().map(|(place, _)| *place).filter(|_| is_more);
        let messages = found.into_iter().map(|(_, message)| message).collect();
        Ok(Found { messages, next: last.or(end), is_cut: last.is_none() && end.is_some() })
    }
}

/// Names all that a search finds, up to a number of them.
#[derive(Clone, Debug)]
pub(super) struct Match {
    pub(super) search: Search,
    pub(super) most: usize,
}

impl Access for Match {
    type Answer = Matches;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Matches, sqlx::Error> {
        let Self { search, most } = self;
        let (mut ids, mut is_cut) = (Vec::new(), false);
        for way in search.ways() {
            let rows = way.rows(&search, None, most + 1, "m.id", connection).await?;
            is_cut |= rows.len() > most || way.end(None, search.is_last_first(), connection).await?.is_some();
            for row in &rows {
                ids.push(row::id(row)?);
            }
        }
        is_cut |= ids.len() > most;
        ids.truncate(most);
        Ok(Matches { ids, is_cut })
    }
}

fn order(one: &Place, other: &Place, is_last_first: bool) -> Ordering {
    if is_last_first { other.cmp(one) } else { one.cmp(other) }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.key, self.id).cmp(&(other.key, other.id))
    }
}

impl Search {
    /// Whether the order is from the last to the first: what is over is looked at from its end.
    fn is_last_first(&self) -> bool {
        let states = &self.filter.states;
        states.is_empty() || states.iter().any(|state| state.is_final())
    }

    fn ways(&self) -> Vec<Way> {
        if let Some(account) = &self.filter.account {
            return vec![Way {
                along: "n.account = ?".to_owned(),
                value: Some(account.clone().into()),
                key: "due_at",
            }];
        }
        match self.lanes() {
            Some(lanes) => {
                let way = |lane| Way { along: format!("n.lane = {lane}"), value: None, key: "next_at" };
                lanes.into_iter().map(way).collect()
            }
            None => vec![Way { along: "1 = 1".to_owned(), value: None, key: "" }],
        }
    }

    /// The lanes that have all of the states; `None` if some states have none.
    fn lanes(&self) -> Option<Vec<i64>> {
        let states = &self.filter.states;
        let mut lanes = Vec::new();
        for state in states {
            for attempts in [0, 1] {
                lanes.push(lane::of(*state, attempts)?);
            }
        }
        lanes.sort_unstable();
        lanes.dedup();
        (!lanes.is_empty()).then_some(lanes)
    }

    /// What must hold for a row `m`.
    fn conditions(&self) -> (String, Vec<Value>) {
        let list = List { filter: self.filter.clone(), after: None, limit: 0 };
        let (mut conditions, mut values) = list.conditions();
        if let Some(text) = &self.text {
            conditions.push("lower(m.text) LIKE lower(?) ESCAPE '!'".to_owned());
            values.push(pattern(text).into());
        }
        conditions.push("1 = 1".to_owned());
        (conditions.join(" AND "), values)
    }
}

/// The pattern for what has a text somewhere in it.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for char in text.chars() {
        if matches!(char, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(char);
    }
    pattern.push('%');
    pattern
}

/// A way along an index.
struct Way {
    along: String,
    value: Option<Value>,
    /// The column that it is in the order of; nothing for the names alone.
    key: &'static str,
}

impl Way {
    /// The rows that it goes through behind a place, as the inner part of a statement.
    fn through(&self, after: Option<Place>, is_last_first: bool) -> (String, Vec<Value>) {
        let Self { along, value, key } = self;
        let mut values: Vec<Value> = value.iter().cloned().collect();
        let (than, direction) = if is_last_first { ("<", "DESC") } else { (">", "ASC") };
        let behind = match after {
            None => String::new(),
            Some(place) if key.is_empty() => {
                values.push(place.id.to_string().into());
                format!("AND n.id {than} ?")
            }
            Some(place) => {
                values.extend(values![place.key, place.key, place.id.to_string()]);
                // The first part is for the index.
                format!("AND n.{key} {than}= ? AND (n.{key} {than} ? OR n.id {than} ?)")
            }
        };
        let order = if key.is_empty() { String::new() } else { format!("n.{key} {direction}, ") };
        (format!("FROM messages AS n WHERE {along} {behind} ORDER BY {order}n.id {direction}"), values)
    }

    async fn rows(
        &self,
        search: &Search,
        after: Option<Place>,
        limit: usize,
        columns: &str,
        connection: &mut Connection<'_>,
    ) -> Result<Vec<Row>, sqlx::Error> {
        let is_last_first = search.is_last_first();
        let (through, mut values) = self.through(after, is_last_first);
        let (conditions, more) = search.conditions();
        values.extend(more);
        values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
        let direction = if is_last_first { "DESC" } else { "ASC" };
        let order = if self.key.is_empty() { String::new() } else { format!("m.{} {direction}, ", self.key) };
        let sql = format!(
            "SELECT {columns} FROM (SELECT n.* {through} LIMIT {THROUGH}) AS m
             WHERE {conditions} ORDER BY {order}m.id {direction} LIMIT ?"
        );
        fetch(connection, sql, values).await
    }

    /// The last row that it goes through, if there may be more behind it.
    async fn end(
        &self,
        after: Option<Place>,
        is_last_first: bool,
        connection: &mut Connection<'_>,
    ) -> Result<Option<Place>, sqlx::Error> {
        let (through, values) = self.through(after, is_last_first);
        let sql = format!("SELECT n.id, n.due_at, n.next_at {through} LIMIT 1 OFFSET {}", THROUGH - 1);
        fetch_one(connection, sql, values).await?.as_ref().map(|row| self.place(row)).transpose()
    }

    fn place(&self, row: &Row) -> Result<Place, sqlx::Error> {
        let key = match self.key {
            "" => 0,
            key => row.optional_int(key)?.unwrap_or_default(),
        };
        Ok(Place { key, id: row::id(row)? })
    }
}

/// The states of messages that come next.
pub(super) const COMING: [State; 3] = [State::Scheduled, State::Claimed, State::Retrying];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_is_no_pattern() {
        assert_eq!(pattern("50% off!_"), "%50!% off!!!_%");
    }

    #[test]
    fn what_waits_is_looked_for_along_its_lanes() {
        let of = |states: &[State]| Search {
            filter: Filter { states: states.to_vec(), ..Filter::default() },
            text: None,
        };

        assert_eq!(of(&[State::Scheduled, State::Claimed]).lanes(), Some(vec![lane::FIRST, lane::AGAIN]));
        assert_eq!(of(&[State::Dead]).lanes(), Some(vec![lane::DEAD]));
        assert_eq!(of(&[State::Dead, State::Sent]).lanes(), None);
        assert_eq!(of(&[]).lanes(), None);
        assert!(of(&[State::Dead]).is_last_first() && !of(&[State::Unconfirmed]).is_last_first());
    }
}
