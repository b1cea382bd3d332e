//! What is asked of the rows without changing them.

use jiff::Timestamp;
use squall_connect::sql::{Access, Connection};

use super::row;
use crate::message::{Message, MessageId};

/// An unfinished message, as the spout holds it: small, whatever its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upcoming {
    /// When it wants to be looked at.
    pub at: Timestamp,
    /// Its name.
    pub id: MessageId,
    /// The version of the row that was read.
    pub version: i64,
}

/// One message by its name.
#[derive(Clone)]
pub(super) struct Get(pub(super) MessageId);

impl Access for Get {
    type Answer = Option<Message>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        let row = connection
            .fetch_optional("SELECT * FROM messages WHERE id = ?1", [row::key(self.0).into()])
            .await?;
        row.as_ref().map(row::message).transpose()
    }
}

const LOOK: &str = "
    SELECT next_at, id, version FROM messages
    WHERE (next_at, id) > (?1, ?2) AND next_at <= ?3
    ORDER BY next_at, id LIMIT ?4";

/// The unfinished messages behind a place in the order of their instants, up to an instant.
#[derive(Clone)]
pub(super) struct Look {
    pub(super) after: (Timestamp, MessageId),
    pub(super) until: Timestamp,
    pub(super) limit: u32,
}

impl Access for Look {
    type Answer = Vec<Upcoming>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        let (at, id) = self.after;
        let values = [
            at.as_microsecond().into(),
            row::key(id).into(),
            self.until.as_microsecond().into(),
            self.limit.into(),
        ];
        let rows = connection.fetch_all(LOOK, values).await?;
        rows.iter()
            .map(|row| {
                let at = row::instant(row, "next_at")?;
                Ok(Upcoming { at, id: row::id(row)?, version: row.int("version")? })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;
    use squall_connect::sql::{Database, Options};

    use super::*;
    use crate::store::schema::SCHEMA;

    #[derive(Clone)]
    struct Explain;

    impl Access for Explain {
        type Answer = Vec<String>;

        async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<String>, sqlx::Error> {
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {LOOK}"));
            let values = [0_i64.into(), vec![0_u8].into(), 0_i64.into(), 0_i64.into()];
            let rows = connection.fetch_all(explain, values).await?;
            rows.iter().map(|row| row.text("detail")).collect()
        }
    }

    #[tokio::test]
    async fn a_look_reads_nothing_but_what_is_due() {
        let dir = tempfile::tempdir().unwrap();
        let database =
            Database::open(Options::file(dir.path().join("messages.sqlite3")), SCHEMA).await.unwrap();

        let plan = database.read(Explain).await.unwrap();

        assert_eq!(plan.len(), 1, "no sorting, no second table: {plan:?}");
        assert!(plan[0].starts_with("SEARCH messages USING INDEX messages_next"), "{plan:?}");
    }
}
