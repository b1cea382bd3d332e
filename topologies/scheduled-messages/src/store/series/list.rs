//! Finding series.

use squall_connect::sql::{Access, Connection, Value};

use super::row;
use crate::series::{Series, SeriesId, SeriesState};
use crate::store::{fetch, fetch_one, values};

/// One series.
#[derive(Clone, Debug)]
pub(in crate::store) struct Get(pub(in crate::store) SeriesId);

impl Access for Get {
    type Answer = Option<Series>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<Series>, sqlx::Error> {
        let sql = format!("SELECT {} FROM series AS s WHERE s.id = ?", row::COLUMNS);
        fetch_one(connection, sql, values![self.0.to_string()]).await?.as_ref().map(row::series).transpose()
    }
}

/// Which series to list: by their ids, which is by when they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeriesFilter {
    /// Whose.
    pub account: Option<String>,
    /// In this state.
    pub state: Option<SeriesState>,
    /// Behind this one.
    pub after: Option<SeriesId>,
}

/// A page of series.
#[derive(Clone, Debug)]
pub(in crate::store) struct List {
    pub(in crate::store) filter: SeriesFilter,
    pub(in crate::store) limit: u32,
}

impl Access for List {
    type Answer = Vec<Series>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<Series>, sqlx::Error> {
        let SeriesFilter { account, state, after } = self.filter;
        let (mut conditions, mut values) = (vec!["1 = 1"], Vec::new());
        let mut add = |condition, value: Value| {
            conditions.push(condition);
            values.push(value);
        };
        if let Some(account) = account {
            add("s.account = ?", account.into());
        }
        if let Some(state) = state {
            add("s.state = ?", state.name().into());
        }
        if let Some(after) = after {
            add("s.id > ?", after.to_string().into());
        }
        values.push(self.limit.into());
        let condition = conditions.join(" AND ");
        let sql = format!("SELECT {} FROM series AS s WHERE {condition} ORDER BY s.id LIMIT ?", row::COLUMNS);
        fetch(connection, sql, values).await?.iter().map(row::series).collect()
    }
}
