//! Every transition of a message's state, and nothing else writes one.
//!
//! ```text
//!            Insert            Begin               Settle::Sent
//!   (nothing) ───► scheduled ───────► sending ─────────────────► sent
//!                      ▲   │            │ │ ▲
//!                      │   │            │ └─┘ Begin, after a crash: nobody knows how the attempt ended
//!        Settle::Retry └───┼────────────┤
//!                          │            │ Settle::Dead
//!                          └──► dead ◄──┘
//!              Begin, out of attempts
//! ```
//!
//! Each is one compare-and-set on the row's id, state and version: of two that begin at the same version one finds it
//! changed, and a task that comes back late cannot write over what was done since.

use jiff::Timestamp;
use squall_connect::sql::{Access, Connection};

use super::row;
use crate::message::{Message, MessageId, NewMessage};

/// A request that can be repeated without a second message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The key that its sender chose.
    pub key: String,
    /// What it asks for: the same in every repetition.
    pub content: String,
}

/// What became of a message that was to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is stored.
    New(Message),
    /// The same request stored it before; this is how it stands now.
    Known(Message),
    /// Another request had the same key; nothing is stored.
    Taken,
}

/// Makes a row in `scheduled`.
#[derive(Clone)]
pub(super) struct Insert {
    pub(super) id: MessageId,
    pub(super) message: NewMessage,
    pub(super) now: Timestamp,
}

impl Insert {
    async fn insert(
        self,
        request: Option<Request>,
        connection: &mut Connection<'_>,
    ) -> Result<Message, sqlx::Error> {
        let (key, content) = request.map(|request| (request.key, request.content)).unzip();
        let values = [
            row::key(self.id).into(),
            self.message.account.into(),
            self.message.destination.into(),
            self.message.text.into(),
            self.now.as_microsecond().into(),
            self.message.due_at.as_microsecond().into(),
            key.into(),
            content.into(),
        ];
        let row = connection.fetch_optional(
            "INSERT INTO messages (id, account, destination, text, state, version, attempt, created_at, due_at, next_at,
                 request_key, request)
             VALUES (?1, ?2, ?3, ?4, 'scheduled', 1, 0, ?5, ?6, ?6, ?7, ?8)
             RETURNING *", values
        )
        .await?;
        row::message(&row.ok_or(sqlx::Error::RowNotFound)?)
    }
}

impl Access for Insert {
    type Answer = Message;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Message, sqlx::Error> {
        self.insert(None, connection).await
    }
}

/// Makes a row in `scheduled`, unless its request did so before.
#[derive(Clone)]
pub(super) struct InsertOnce {
    pub(super) insert: Insert,
    pub(super) request: Request,
}

impl Access for InsertOnce {
    type Answer = Inserted;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Inserted, sqlx::Error> {
        match find(&self.request, connection).await? {
            Some(known) => Ok(known),
            None => self.insert.insert(Some(self.request), connection).await.map(Inserted::New),
        }
    }
}

/// What a request with this key stored before.
#[derive(Clone)]
pub(super) struct Known(pub(super) Request);

impl Access for Known {
    /// Never `New`.
    type Answer = Option<Inserted>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        find(&self.0, connection).await
    }
}

async fn find(request: &Request, connection: &mut Connection<'_>) -> Result<Option<Inserted>, sqlx::Error> {
    let row = connection
        .fetch_optional("SELECT * FROM messages WHERE request_key = ?1", [request.key.as_str().into()])
        .await?;
    let Some(row) = row else { return Ok(None) };
    let is_same = row.text("request")? == request.content;
    Ok(Some(if is_same { Inserted::Known(row::message(&row)?) } else { Inserted::Taken }))
}

/// What became of an attempt that was to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The row says `sending`: send this now.
    Send(Box<Message>),
    /// It had begun as often as it may, and is dead.
    Dead,
    /// The row is at another version or in another state: whoever changed it sees to it.
    Changed,
}

/// Turns `scheduled`, or `sending` that a crash left behind, into `sending`.
#[derive(Clone)]
pub(super) struct Begin {
    pub(super) id: MessageId,
    pub(super) version: i64,
    pub(super) attempts: u32,
}

impl Access for Begin {
    type Answer = Begun;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Begun, sqlx::Error> {
        let begun = connection
            .fetch_optional(
                "UPDATE messages SET state = 'sending', version = version + 1, attempt = attempt + 1
             WHERE id = ?1 AND version = ?2 AND state IN ('scheduled', 'sending') AND attempt < ?3
             RETURNING *",
                [row::key(self.id).into(), self.version.into(), self.attempts.into()],
            )
            .await?;
        if let Some(begun) = begun {
            return Ok(Begun::Send(Box::new(row::message(&begun)?)));
        }
        let dead = connection.execute(
            "UPDATE messages SET state = 'dead', version = version + 1, next_at = NULL,
                 last_error = coalesce(last_error || '; ', '') || 'the last attempt was cut off, and there is no further one'
             WHERE id = ?1 AND version = ?2 AND state IN ('scheduled', 'sending')",
            [row::key(self.id).into(), self.version.into()],
        )
        .await?;
        Ok(if dead == 1 { Begun::Dead } else { Begun::Changed })
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The destination took the message.
    Sent {
        /// When it said so.
        at: Timestamp,
    },
    /// It did not, but may later.
    Retry {
        /// When to try again.
        at: Timestamp,
        /// Why it did not.
        error: String,
    },
    /// It never will, or was asked often enough.
    Dead {
        /// Why.
        error: String,
    },
}

/// Turns `sending` into what came of it.
#[derive(Clone)]
pub(super) struct Settle {
    pub(super) id: MessageId,
    /// The version that `Begin` returned.
    pub(super) version: i64,
    pub(super) settlement: Settlement,
}

impl Access for Settle {
    /// Whether the row was still the one that `Begin` left.
    type Answer = bool;

    async fn run(self, connection: &mut Connection<'_>) -> Result<bool, sqlx::Error> {
        let (state, next_at, sent_at, error) = match self.settlement {
            Settlement::Sent { at } => ("sent", None, Some(at), None),
            Settlement::Retry { at, error } => ("scheduled", Some(at), None, Some(error)),
            Settlement::Dead { error } => ("dead", None, None, Some(error)),
        };
        let values = [
            row::key(self.id).into(),
            self.version.into(),
            state.into(),
            next_at.map(Timestamp::as_microsecond).into(),
            sent_at.map(Timestamp::as_microsecond).into(),
            error.into(),
        ];
        let settled = connection
            .execute(
                "UPDATE messages SET state = ?3, version = version + 1, next_at = ?4, sent_at = ?5,
                 last_error = coalesce(?6, last_error)
             WHERE id = ?1 AND version = ?2 AND state = 'sending'",
                values,
            )
            .await?;
        Ok(settled == 1)
    }
}
