//! How many messages there are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use squall_connect::sql::{Access, Connection};

use super::super::{fetch, row, values};
use super::{clock, count};
use crate::state::State;

/// How many messages there are in each state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// When this was so, by the clock of the database.
    pub as_of: Timestamp,
    /// The number of messages by state; every state is there.
    pub states: BTreeMap<State, u64>,
}

/// How many messages there are in each state: costs as much as there are messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count;

impl Access for Count {
    type Answer = Counts;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Counts, sqlx::Error> {
        let as_of = clock(connection).await?;
        let sql = "SELECT m.state, count(*) AS messages FROM messages AS m GROUP BY m.state";
        let mut states: BTreeMap<_, _> = State::ALL.into_iter().map(|state| (state, 0)).collect();
        for row in &fetch(connection, sql.to_owned(), values![]).await? {
            states.insert(row::state(row)?, count(row, "messages")?);
        }
        Ok(Counts { as_of, states })
    }
}
