//! What arrived in the built-in inbox.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use squall_connect::sql::{Access, Connection, Database, Error, Migration, Options};

/// How many deliveries are kept.
pub const KEPT_DELIVERIES: u32 = 1000;

const SCHEMA: &[Migration] = &[Migration {
    version: 1,
    name: "deliveries",
    // It lies beside the process, wherever the messages are.
    sql: |_| {
        "CREATE TABLE deliveries (
            seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            idempotency_key TEXT NOT NULL UNIQUE,
            account TEXT NOT NULL,
            text TEXT NOT NULL,
            due_at INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            copies INTEGER NOT NULL
        ) STRICT;"
    },
}];

/// What arrived in the built-in inbox: a SQLite file of its own. A clone is a handle to the same file.
#[derive(Clone, Debug)]
pub struct Deliveries {
    database: Database,
}

impl Deliveries {
    /// Opens the file, and makes it if it is not there.
    ///
    /// # Errors
    ///
    /// See [`Database::open`].
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        Ok(Self { database: Database::open(Options::file(path), SCHEMA).await? })
    }

    /// Keeps what arrived; returns whether it is the first copy.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub async fn receive(&self, delivery: NewDelivery) -> Result<bool, Error> {
        self.database.write(Receive { delivery, now: Timestamp::now() }).await
    }

    /// Returns what arrived, newest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn newest(&self, limit: u32) -> Result<Vec<Delivery>, Error> {
        self.database.read(Newest { limit }).await
    }
}

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

#[derive(Clone)]
struct Receive {
    delivery: NewDelivery,
    now: Timestamp,
}

impl Access for Receive {
    /// Whether it is the first copy.
    type Answer = bool;

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, sqlx::Error> {
        let values = [
            self.delivery.idempotency_key.into(),
            self.delivery.account.into(),
            self.delivery.text.into(),
            self.delivery.due_at.as_microsecond().into(),
            self.now.as_microsecond().into(),
        ];
        let row = connection
            .fetch_optional(
                "INSERT INTO deliveries (idempotency_key, account, text, due_at, received_at, copies)
             VALUES (?1, ?2, ?3, ?4, ?5, 1)
             ON CONFLICT (idempotency_key) DO UPDATE SET copies = copies + 1
             RETURNING copies",
                values,
            )
            .await?;
        connection
            .execute(
                "DELETE FROM deliveries
             WHERE seq <= (SELECT seq FROM deliveries ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
                [KEPT_DELIVERIES.into()],
            )
            .await?;
        Ok(row.ok_or(sqlx::Error::RowNotFound)?.int("copies")? == 1)
    }
}

#[derive(Clone)]
struct Newest {
    limit: u32,
}

impl Access for Newest {
    type Answer = Vec<Delivery>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        let rows = connection
            .fetch_all("SELECT * FROM deliveries ORDER BY seq DESC LIMIT ?1", [self.limit.into()])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Delivery {
                    id: row.text("idempotency_key")?,
                    account: row.text("account")?,
                    text: row.text("text")?,
                    due_at: instant(row, "due_at")?,
                    received_at: instant(row, "received_at")?,
                    copies: u32::try_from(row.int("copies")?)
                        .map_err(|error| sqlx::Error::Decode(error.into()))?,
                })
            })
            .collect()
    }
}

fn instant(row: &squall_connect::sql::Row, column: &str) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_microsecond(row.int(column)?).map_err(|error| sqlx::Error::Decode(error.into()))
}
