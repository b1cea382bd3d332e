//! The statements.

use std::sync::{Arc, LazyLock};

use squall_connect::Fence;
use squall_connect::sql::{Access, Connection, Dialect, Value};

use super::batch::Row;
use super::progress::Progress;

/// Takes a source over from whoever had it.
#[derive(Clone)]
pub(super) struct Claim {
    pub(super) source: String,
    /// How it begins, for one that must begin as it did.
    pub(super) fingerprint: Option<String>,
}

/// What a claim found.
#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub(super) fence: Fence,
    pub(super) progress: Progress,
}

/// A source of which so much is done begins otherwise now: it is another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Another {
    pub(super) done_to: u64,
}

impl Access for Claim {
    type Answer = Result<Claimed, Another>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        let add = match connection.dialect() {
            Dialect::Mysql => "INSERT IGNORE INTO sources (source, done_to, fence) VALUES (?, 0, 0)",
            _ => {
                "INSERT INTO sources (source, done_to, fence) VALUES (?, 0, 0) ON CONFLICT (source) DO NOTHING"
            }
        };
        let source = || [Value::from(self.source.as_str())];
        connection.execute(add, source()).await?;
        // Whoever writes with the old fence now is waited for, and what he writes is seen. One that begins otherwise changes
        // nothing.
        let fingerprint = || self.fingerprint.as_deref().map(str::to_owned);
        connection
            .execute(
                "UPDATE sources SET fence = fence + 1, fingerprint = COALESCE(?, fingerprint) \
                 WHERE source = ? AND (done_to = 0 OR fingerprint IS NULL OR fingerprint = COALESCE(?, fingerprint))",
                [fingerprint().into(), self.source.as_str().into(), fingerprint().into()],
            )
            .await?;
        let row = connection
            .fetch_optional(
                "SELECT done_to, feed_cursor, fence, fingerprint FROM sources WHERE source = ?",
                source(),
            )
            .await?
            .ok_or(sqlx::Error::RowNotFound)?;
        let done_to = u64::try_from(row.int("done_to")?).unwrap_or_default();
        if self.fingerprint.is_some() && row.optional_text("fingerprint")? != self.fingerprint {
            return Ok(Err(Another { done_to }));
        }
        let progress = Progress { done_to, cursor: row.optional_text("feed_cursor")? };
        Ok(Ok(Claimed { fence: Fence::new(row.int("fence")?), progress }))
    }
}

/// Writes rows that are not there, and up to where their source is done. The answer is how many were not there; none if
/// the source has been claimed since: then nothing is written.
#[derive(Clone)]
pub(super) struct Insert {
    pub(super) source: String,
    pub(super) fence: Fence,
    pub(super) progress: Progress,
    pub(super) rows: Arc<[Row]>,
}

impl Access for Insert {
    type Answer = Option<u64>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<u64>, sqlx::Error> {
        let Progress { done_to, cursor } = self.progress;
        let done_to = i64::try_from(done_to).unwrap_or(i64::MAX);
        // The row is locked from here on: nobody claims the source before this is written.
        let is_mine = connection
            .execute(
                "UPDATE sources SET done_to = CASE WHEN done_to < ? THEN ? ELSE done_to END, \
                 feed_cursor = COALESCE(?, feed_cursor) WHERE source = ? AND fence <= ?",
                [done_to.into(), done_to.into(), cursor.into(), self.source.into(), self.fence.get().into()],
            )
            .await?;
        if is_mine == 0 {
            return Ok(None);
        }
        let (mut rows, mut added) = (&*self.rows, 0);
        while !rows.is_empty() {
            let [large, middle, small] = statements(connection.dialect());
            let (count, statement) = match rows.len() {
                LARGE.. => (LARGE, large),
                MIDDLE.. => (MIDDLE, middle),
                _ => (1, small),
            };
            let (now, then) = rows.split_at(count);
            let values = now.iter().flat_map(|row| [row.id.as_str().into(), row.json.as_str().into()]);
            added += connection.execute(statement, values.collect::<Vec<Value>>()).await?;
            rows = then;
        }
        Ok(Some(added))
    }
}

/// Rows of a statement. They are few, so that each is prepared once.
const LARGE: usize = 128;
const MIDDLE: usize = 16;

fn statements(dialect: Dialect) -> [&'static str; 3] {
    static PLAIN: LazyLock<[String; 3]> = LazyLock::new(|| {
        [LARGE, MIDDLE, 1].map(|rows| statement(rows, "INSERT", " ON CONFLICT (id) DO NOTHING"))
    });
    static MYSQL: LazyLock<[String; 3]> =
        LazyLock::new(|| [LARGE, MIDDLE, 1].map(|rows| statement(rows, "INSERT IGNORE", "")));
    match dialect {
        Dialect::Mysql => MYSQL.each_ref().map(String::as_str),
        _ => PLAIN.each_ref().map(String::as_str),
    }
}

fn statement(rows: usize, insert: &str, end: &str) -> String {
    format!("{insert} INTO activities (id, json) VALUES {}{end}", vec!["(?, ?)"; rows].join(", "))
}
