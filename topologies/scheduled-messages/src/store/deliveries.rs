//! What arrived in the built-in inbox.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sqlx::{Row, SqliteConnection};
use squall_connect::sqlite::Access;

use super::row;

/// How many deliveries are kept.
pub const KEPT_DELIVERIES: u32 = 1000;

/// A delivery as it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// The same for every copy of the same message.
    pub idempotency_key: String,
    /// Whose message it is.
    pub account: String,
    /// What it says.
    pub text: String,
    /// When it was to be sent.
    pub due_at: Timestamp,
}

/// A delivery that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The `Idempotency-Key` it came with: the id of the message.
    pub id: String,
    /// Whose message it is.
    pub account: String,
    /// What it says.
    pub text: String,
    /// When it was to be sent.
    pub due_at: Timestamp,
    /// When it arrived first.
    pub received_at: Timestamp,
    /// How often it arrived.
    pub copies: u32,
}

impl Delivery {
    /// How long after its instant it arrived.
    pub fn lateness(&self) -> SignedDuration {
        self.received_at.duration_since(self.due_at)
    }
}

pub(super) struct Receive {
    pub(super) delivery: NewDelivery,
    pub(super) now: Timestamp,
}

impl Access for Receive {
    /// Whether it is the first copy.
    type Answer = bool;

    async fn run(self, connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        let row = sqlx::query(
            "INSERT INTO deliveries (idempotency_key, account, text, due_at, received_at, copies)
             VALUES (?1, ?2, ?3, ?4, ?5, 1)
             ON CONFLICT (idempotency_key) DO UPDATE SET copies = copies + 1
             RETURNING copies",
        )
        .bind(self.delivery.idempotency_key)
        .bind(self.delivery.account)
        .bind(self.delivery.text)
        .bind(self.delivery.due_at.as_microsecond())
        .bind(self.now.as_microsecond())
        .fetch_one(&mut *connection)
        .await?;
        sqlx::query(
            "DELETE FROM deliveries
             WHERE seq <= (SELECT seq FROM deliveries ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
        )
        .bind(KEPT_DELIVERIES)
        .execute(connection)
        .await?;
        Ok(row.try_get::<u32, _>(0)? == 1)
    }
}

pub(super) struct Newest {
    pub(super) limit: u32,
}

impl Access for Newest {
    type Answer = Vec<Delivery>;

    async fn run(self, connection: &mut SqliteConnection) -> Result<Self::Answer, sqlx::Error> {
        let rows = sqlx::query("SELECT * FROM deliveries ORDER BY seq DESC LIMIT ?1")
            .bind(self.limit)
            .fetch_all(connection)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Delivery {
                    id: row.try_get("idempotency_key")?,
                    account: row.try_get("account")?,
                    text: row.try_get("text")?,
                    due_at: row::instant(row, "due_at")?,
                    received_at: row::instant(row, "received_at")?,
                    copies: row.try_get("copies")?,
                })
            })
            .collect()
    }
}
