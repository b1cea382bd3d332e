//! The beginning of an attempt, and its end.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::json;
use squall_connect::Fence;
use squall_connect::sql::{Access, Connection, Dialect, Row};

use super::claim::TOO_LATE;
use super::dialect::{Column, batch, now, update};
use super::events::{Event, record};
use super::people::ALL;
use super::{fetch, lane, row, run, values};
use crate::crash;
use crate::message::{Message, MessageId};
use crate::state::{State, Step};

/// An attempt that is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin {
    /// Which message.
    pub id: MessageId,
    /// The number under which it is held.
    pub fence: Fence,
    /// What it said when it was claimed.
    pub version: i64,
    /// Which attempt: 1 for the first.
    pub attempt: u32,
}

/// What became of an attempt that was to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The row says `sending`: send this now.
    Send(Box<Message>),
    /// The row is no longer held, or was changed, or is too late: there is nothing to be done.
    Void,
}

/// Turns `claimed` into `sending`, for many at once. Asked again for the same attempt, it gives the same answer.
#[derive(Clone, Debug)]
pub(super) struct BeginAll {
    pub(super) owner: String,
    pub(super) attempts: Vec<Begin>,
}

const BEGIN: [Column; 5] = [
    Column::Key("id"),
    Column::Int("fence"),
    Column::Int("version"),
    Column::Int("attempt"),
    Column::Key("holder"),
];

impl Access for BeginAll {
    /// In the order of the attempts.
    type Answer = Vec<Begun>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<Begun>, sqlx::Error> {
        crash::point("begin");
        let mut begun = self.begin(connection).await?;
        crash::point("beginning");
        let answers: Vec<_> = self
            .attempts
            .iter()
            .map(|attempt| {
                begun.remove(&attempt.id).map_or(Begun::Void, |message| Begun::Send(Box::new(message)))
            })
            .collect();
        let void: Vec<_> = self
            .attempts
            .iter()
            .zip(&answers)
            .filter_map(|(attempt, answer)| (*answer == Begun::Void).then_some(attempt))
            .collect();
        if !void.is_empty() {
            self.let_go(&void, connection).await?;
        }
        Ok(answers)
    }
}

impl BeginAll {
    fn batch<'a>(&self, attempts: impl Iterator<Item = &'a Begin>) -> String {
        let rows = attempts.map(|begin| {
            json!({
                "id": begin.id.to_string(), "fence": begin.fence.get(), "version": begin.version,
                "attempt": begin.attempt, "holder": self.owner,
            })
        });
        serde_json::Value::Array(rows.collect()).to_string()
    }

    async fn begin(
        &self,
        connection: &mut Connection<'_>,
    ) -> Result<HashMap<MessageId, Message>, sqlx::Error> {
        let rows = self.batch(self.attempts.iter());
        run(connection, begin(connection.dialect()), values![rows.clone()]).await?;
        let sql = format!(
            "SELECT {} FROM messages AS m JOIN {} ON m.id = b.id AND m.fence = b.fence AND m.owner = b.holder
                 AND m.attempts = b.attempt AND m.state = '{}'",
            row::COLUMNS,
            batch(connection.dialect(), &BEGIN),
            State::Sending,
        );
        by_id(&fetch(connection, sql, values![rows]).await?)
    }

    /// What is still held, and yet may not be sent, is too late, or its account is suspended.
    async fn let_go(&self, void: &[&Begin], connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        let dialect = connection.dialect();
        let now = now(dialect);
        let held = "m.id = b.id AND m.fence = b.fence AND m.version = b.version AND m.state = 'claimed'
                    AND m.owner = b.holder";
        let lane = format!("CASE WHEN m.in_doubt = 1 THEN {} ELSE NULL END", lane::UNCONFIRMED);
        let error = format!("'{TOO_LATE}'");
        let expire = [
            ("state", "CASE WHEN m.in_doubt = 1 THEN 'unconfirmed' ELSE 'expired' END"),
            ("fence", "m.fence + 1"),
            ("owner", "NULL"),
            ("lane", lane.as_str()),
            ("next_at", "CASE WHEN m.in_doubt = 1 THEN m.next_at ELSE NULL END"),
            ("last_error", error.as_str()),
        ];
        let rows = self.batch(void.iter().copied());
        let late = format!("{held} AND m.not_after < {now}");
        run(connection, update(dialect, &BEGIN, &expire, &late), values![rows.clone()]).await?;
        // Back to where the next claim sees that it is suspended.
        let back = [
            ("state", "CASE WHEN m.attempts = 0 THEN 'scheduled' ELSE 'retrying' END"),
            ("fence", "m.fence + 1"),
            ("owner", "NULL"),
        ];
        run(connection, update(dialect, &BEGIN, &back, held), values![rows]).await?;
        Ok(())
    }
}

/// The statement that begins whatever may begin.
fn begin(dialect: Dialect) -> String {
    let now = now(dialect);
    let first = format!("coalesce(m.first_began_at, {now})");
    let set = [
        ("state", "'sending'"),
        ("attempts", "m.attempts + 1"),
        ("first_began_at", first.as_str()),
        ("began_at", now),
    ];
    let on = format!(
        "m.id = b.id AND m.fence = b.fence AND m.version = b.version AND m.state IN ({from})
         AND m.owner = b.holder AND m.attempts = b.attempt - 1 AND (m.not_after IS NULL OR m.not_after >= {now})
         AND NOT EXISTS (SELECT 1 FROM accounts AS a
                         WHERE a.account IN (m.account, '{ALL}') AND a.suspended_at IS NOT NULL)",
        from = Step::Begin.sources(),
    );
    update(dialect, &BEGIN, &set, &on)
}

fn by_id(rows: &[Row]) -> Result<HashMap<MessageId, Message>, sqlx::Error> {
    rows.iter().map(row::message).map(|message| message.map(|message| (message.id, message))).collect()
}

/// Begins what may begin in one statement, which PostgreSQL needs no transaction for; the rest is for [`BeginAll`].
#[derive(Clone, Debug)]
pub(super) struct BeginAtOnce(pub(super) BeginAll);

impl Access for BeginAtOnce {
    type Answer = HashMap<MessageId, Message>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        let sql = format!("{} RETURNING {}", begin(connection.dialect()), row::COLUMNS);
        by_id(&fetch(connection, sql, values![self.0.batch(self.0.attempts.iter())]).await?)
    }
}

/// How an attempt ended, for its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The destination took the message.
    Sent {
        /// When it said so.
        at: Timestamp,
        /// Where the message is now.
        receipt: Option<String>,
    },
    /// It did not, but may later.
    Retry {
        /// When to try again.
        at: Timestamp,
        /// Why it did not.
        error: String,
        /// Whether it may have taken the message all the same.
        in_doubt: bool,
    },
    /// It never will, or was asked often enough.
    Dead {
        /// Why.
        error: String,
    },
    /// It may have taken it, and must not be asked again.
    Unconfirmed {
        /// Why nobody knows.
        error: String,
    },
}

impl Settlement {
    fn step(&self) -> Step {
        match self {
            Self::Sent { .. } => Step::Accept,
            Self::Retry { .. } => Step::Retry,
            Self::Dead { .. } => Step::Refuse,
            Self::Unconfirmed { .. } => Step::Park,
        }
    }

    /// What it is called in the trail.
    fn name(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "accepted",
            Self::Retry { in_doubt: false, .. } => "failed",
            Self::Dead { .. } => "refused",
            Self::Retry { in_doubt: true, .. } | Self::Unconfirmed { .. } => "unknown",
        }
    }
}

/// An attempt that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    /// Which message.
    pub id: MessageId,
    /// The number under which it was held.
    pub fence: Fence,
    /// Which attempt.
    pub attempt: u32,
    /// When it began, as the row says.
    pub began_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How.
    pub settlement: Settlement,
}

/// Turns `sending` into what came of it, for many at once, and notes the attempts.
#[derive(Clone, Debug)]
pub(super) struct SettleAll {
    pub(super) owner: String,
    pub(super) attempts: Vec<Settle>,
}

const SETTLE: [Column; 9] = [
    Column::Key("id"),
    Column::Int("fence"),
    Column::Key("state"),
    Column::Int("lane"),
    Column::Int("next_at"),
    Column::Int("sent_at"),
    Column::Text("error"),
    Column::Text("receipt"),
    Column::Int("in_doubt"),
];

impl Access for SettleAll {
    /// Whether each row was still the one that the attempt began with.
    type Answer = Vec<bool>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<bool>, sqlx::Error> {
        let dialect = connection.dialect();
        let events: Vec<_> = self.attempts.iter().map(|settle| self.event(settle)).collect();
        let set = [
            ("state", "b.state"),
            ("owner", "NULL"),
            ("lane", "b.lane"),
            ("next_at", "b.next_at"),
            ("sent_at", "b.sent_at"),
            ("last_error", "coalesce(b.error, m.last_error)"),
            ("receipt", "coalesce(b.receipt, m.receipt)"),
            ("in_doubt", "coalesce(b.in_doubt, m.in_doubt)"),
        ];
        let on = format!("m.id = b.id AND m.fence = b.fence AND m.state = '{}'", State::Sending);
        let rows: Vec<_> = self.attempts.iter().map(change).collect();
        let rows = serde_json::Value::Array(rows).to_string();
        let settled = run(connection, update(dialect, &SETTLE, &set, &on), values![rows.clone()]).await?;
        record(&events, connection).await?;
        crash::point("settling");
        if settled == self.attempts.len() as u64 {
            return Ok(vec![true; self.attempts.len()]);
        }
        let sql = format!(
            "SELECT m.id FROM messages AS m JOIN {} ON m.id = b.id AND m.fence = b.fence AND m.state = b.state",
            batch(dialect, &SETTLE)
        );
        let rows = fetch(connection, sql, values![rows]).await?;
        let settled = rows.iter().map(row::id).collect::<Result<HashSet<_>, _>>()?;
        Ok(self.attempts.iter().map(|settle| settled.contains(&settle.id)).collect())
    }
}

impl SettleAll {
    fn event(&self, settle: &Settle) -> Event {
        let detail = match &settle.settlement {
            Settlement::Sent { receipt, .. } => receipt.as_deref().map(clean),
            Settlement::Retry { error, .. }
            | Settlement::Dead { error }
            | Settlement::Unconfirmed { error } => Some(clean(error)),
        };
        Event {
            message: settle.id,
            at: settle.ended_at,
            who: self.owner.clone(),
            what: settle.settlement.name(),
            attempt: Some(settle.attempt),
            began_at: settle.began_at,
            detail,
        }
    }
}

/// What a destination said, fit to be stored: no control characters, which PostgreSQL takes as an error of the whole
/// statement if one of them is NUL, and no more than a few lines.
fn clean(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(2000).collect()
}

fn change(settle: &Settle) -> serde_json::Value {
    let state = settle.settlement.step().to(true);
    let mut change =
        json!({ "id": settle.id.to_string(), "fence": settle.fence.get(), "state": state.name() });
    let mut set = |name: &str, value: serde_json::Value| {
        if let Some(change) = change.as_object_mut() {
            change.insert(name.to_owned(), value);
        }
    };
    if let Some(lane) = lane::of(state, i64::from(settle.attempt)) {
        set("lane", lane.into());
        set("next_at", settle.ended_at.as_microsecond().into());
    }
    match &settle.settlement {
        Settlement::Sent { at, receipt } => {
            set("sent_at", at.as_microsecond().into());
            set("in_doubt", 0.into());
            if let Some(receipt) = receipt {
                set("receipt", clean(receipt).into());
            }
        }
        Settlement::Retry { at, error, in_doubt } => {
            set("next_at", at.as_microsecond().into());
            set("error", clean(error).into());
            if *in_doubt {
                set("in_doubt", 1.into());
            }
        }
        Settlement::Dead { error } => set("error", clean(error).into()),
        Settlement::Unconfirmed { error } => {
            set("error", clean(error).into());
            set("in_doubt", 1.into());
        }
    }
    change
}
