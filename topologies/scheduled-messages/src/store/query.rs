//! What is asked of the rows without changing them.

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection};
use squall_connect::sqlite::Access;

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
pub(super) struct Get(pub(super) MessageId);

impl Access for Get {
    type Answer = Option<Message>;

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Answer, sqlx::Error> {
        let row = sqlx::query("SELECT * FROM messages WHERE id = ?1")
            .bind(row::key(self.0))
            .fetch_optional(connection)
            .await?;
        row.as_ref().map(row::message).transpose()
    }
}

const LOOK: &str = "
    SELECT next_at, id, version FROM messages
    WHERE (next_at, id) > (?1, ?2) AND next_at <= ?3
    ORDER BY next_at, id LIMIT ?4";

/// The unfinished messages behind a place in the order of their instants, up to an instant.
pub(super) struct Look {
    pub(super) after: (Timestamp, MessageId),
    pub(super) until: Timestamp,
    pub(super) limit: u32,
}

impl Access for Look {
    type Answer = Vec<Upcoming>;

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Answer, sqlx::Error> {
        let (at, id) = self.after;
        let rows = sqlx::query(LOOK)
            .bind(at.as_microsecond())
            .bind(row::key(id))
            .bind(self.until.as_microsecond())
            .bind(self.limit)
            .fetch_all(connection)
            .await?;
        rows.iter()
            .map(|row| {
                let at = row::instant(row, "next_at")?;
                Ok(Upcoming { at, id: row::id(row)?, version: row.try_get("version")? })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;
    use squall_connect::sqlite::Database;

    use super::*;
    use crate::store::schema::SCHEMA;

    struct Explain;

    impl Access for Explain {
        type Answer = Vec<String>;

        async fn run(self, connection: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
            let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {LOOK}")))
                .bind(0)
                .bind(vec![0_u8])
                .bind(0)
                .bind(0)
                .fetch_all(connection)
                .await?;
            rows.iter().map(|row| row.try_get("detail")).collect()
        }
    }

    #[tokio::test]
    async fn a_look_reads_nothing_but_what_is_due() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(dir.path().join("messages.sqlite3"), SCHEMA).await.unwrap();

        let plan = database.read(Explain).await.unwrap();

        assert_eq!(plan.len(), 1, "no sorting, no second table: {plan:?}");
        assert!(plan[0].starts_with("SEARCH messages USING INDEX messages_next"), "{plan:?}");
    }
}
