//! What is said of accounts: that they are suspended, and what to do with what is late.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use squall_connect::sql::{Access, Connection, Row};

use super::dialect::{Column, batch, now, or_ignore};
use super::{fetch, fetch_one, lane, micros, row, run, values};
use crate::state::{State, Step};

/// The name that stands for all accounts. No account has it.
pub const ALL: &str = "*";

/// What an account wants done with messages that are late because nothing could be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatchUp {
    /// Send them all, at once.
    All,
    /// Send them one by one.
    Spread {
        /// How late a message is when this begins to hold.
        after: Duration,
        /// One in this time.
        every: Duration,
    },
    /// Do not send them.
    Skip {
        /// How late a message is when this begins to hold.
        after: Duration,
    },
}

impl CatchUp {
    pub(super) fn after(&self) -> Duration {
        match self {
            Self::All => Duration::MAX,
            Self::Spread { after, .. } | Self::Skip { after } => *after,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Spread { .. } => "spread",
            Self::Skip { .. } => "skip",
        }
    }

    fn read(row: &Row) -> Result<Option<Self>, sqlx::Error> {
        let duration = |column| -> Result<Duration, sqlx::Error> {
            let micros = row.optional_int(column)?.unwrap_or_default();
            Ok(Duration::from_micros(u64::try_from(micros).unwrap_or_default()))
        };
        let after = duration("catch_up_after")?;
        Ok(match row.optional_text("catch_up")?.as_deref() {
            Some("all") => Some(Self::All),
            Some("spread") => Some(Self::Spread { after, every: duration("catch_up_every")? }),
            Some("skip") => Some(Self::Skip { after }),
            _ => None,
        })
    }
}

/// An account that is suspended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suspension {
    /// Which account; `*` is all.
    pub account: String,
    /// Since when.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What is said of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which account; `*` is all.
    pub name: String,
    /// Whether, and why, its messages wait.
    pub suspension: Option<Suspension>,
    /// What it wants done with what is late; `None` is what all want.
    pub catch_up: Option<CatchUp>,
}

/// What a claim needs to know of an account.
#[derive(Clone, Debug)]
pub(super) struct Circumstances {
    pub(super) is_suspended: bool,
    pub(super) catch_up: Option<CatchUp>,
}

const COLUMNS: &str = "a.account, a.suspended_at, a.suspended_by, a.suspended_reason, a.catch_up, a.catch_up_after, a.catch_up_every";

/// What is said of these accounts; most are not mentioned at all.
pub(super) async fn circumstances(
    accounts: &BTreeSet<&str>,
    connection: &mut Connection<'_>,
) -> Result<HashMap<String, Circumstances>, sqlx::Error> {
    let names: Vec<_> = accounts.iter().map(|account| json!({ "account": account })).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM accounts AS a JOIN {} ON a.account = b.account",
        batch(connection.dialect(), &[Column::Key("account")])
    );
    let rows = fetch(connection, sql, values![serde_json::Value::Array(names).to_string()]).await?;
    rows.iter()
        .map(|row| {
            let Account { name, suspension, catch_up } = account(row)?;
            Ok((name, Circumstances { is_suspended: suspension.is_some(), catch_up }))
        })
        .collect()
}

fn account(row: &Row) -> Result<Account, sqlx::Error> {
    let name = row.text("account")?;
    let suspension = match row::optional_instant(row, "suspended_at")? {
        Some(at) => Some(Suspension {
            account: name.clone(),
            at,
            by: row.optional_text("suspended_by")?.unwrap_or_default(),
            reason: row.optional_text("suspended_reason")?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Account { suspension, catch_up: CatchUp::read(row)?, name })
}

/// Everything that is said of accounts, up to a number of them.
#[derive(Clone, Debug)]
pub(super) struct Accounts {
    pub(super) limit: u32,
}

impl Access for Accounts {
    type Answer = Vec<Account>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<Account>, sqlx::Error> {
        let sql = format!("SELECT {COLUMNS} FROM accounts AS a ORDER BY a.account LIMIT ?");
        fetch(connection, sql, values![self.limit]).await?.iter().map(account).collect()
    }
}

/// What is suspended, up to a number of accounts.
#[derive(Clone, Debug)]
pub(super) struct Suspensions {
    pub(super) limit: u32,
}

impl Access for Suspensions {
    type Answer = Vec<Suspension>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<Suspension>, sqlx::Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM accounts AS a WHERE a.suspended_at IS NOT NULL ORDER BY a.account LIMIT ?"
        );
        let rows = fetch(connection, sql, values![self.limit]).await?;
        rows.iter().filter_map(|row| account(row).map(|account| account.suspension).transpose()).collect()
    }
}

/// What holds for an account that has something late.
#[derive(Clone, Debug)]
pub(super) struct CatchUpOf {
    pub(super) account: String,
}

impl Access for CatchUpOf {
    /// With the name under which it was set.
    type Answer = Option<(String, CatchUp)>;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        let names = BTreeSet::from([self.account.as_str(), ALL]);
        let mut known = circumstances(&names, connection).await?;
        let mut of = |name: &str| known.remove(name)?.catch_up.map(|catch_up| (name.to_owned(), catch_up));
        Ok(of(&self.account).or_else(|| of(ALL)))
    }
}

/// What suspending did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suspended {
    /// The suspension as it now holds.
    #[serde(flatten)]
    pub suspension: Suspension,
    /// The cut-off: attempts that began before this instant may still arrive, and none begins after it.
    pub cut_off: Timestamp,
    /// How many attempts are under way.
    pub still_sending: u64,
    /// How many messages were held for their instant, and are suspended now.
    pub held_back: u64,
}

/// Suspends an account, or all: no attempt begins for it from the answer on.
#[derive(Clone, Debug)]
pub(super) struct Suspend {
    pub(super) account: String,
    pub(super) reason: String,
    pub(super) who: String,
}

/// The messages of an account, or of all: the condition and its value.
fn of(account: &str) -> (&'static str, Option<String>) {
    if account == ALL { ("", None) } else { ("AND account = ?", Some(account.to_owned())) }
}

async fn mention(account: &str, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
    let ignore = or_ignore(connection.dialect(), "account");
    run(connection, format!("INSERT INTO accounts (account) VALUES (?) {ignore}"), values![account]).await?;
    Ok(())
}

impl Access for Suspend {
    /// How many were held back.
    type Answer = u64;

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, sqlx::Error> {
        let now = now(connection.dialect());
        mention(&self.account, connection).await?;
        let sql = format!(
            "UPDATE accounts SET suspended_at = coalesce(suspended_at, {now}), suspended_by = ?, suspended_reason = ?
             WHERE account = ?"
        );
        run(connection, sql, values![self.who, self.reason, self.account.clone()]).await?;
        // What waits for a later time is suspended when its time comes; what is held for the next moments now.
        let (condition, account) = of(&self.account);
        let sql = format!(
            "UPDATE messages SET state = '{to}', lane = {lane}, fence = fence + 1, owner = NULL
             WHERE lane IN ({first}, {again}) AND state = '{held}' AND next_at <= {now} + {minute} {condition}",
            to = Step::Suspend.to(false),
            held = State::Claimed,
            lane = lane::SUSPENDED,
            first = lane::FIRST,
            again = lane::AGAIN,
            minute = 60_000_000,
        );
        run(connection, sql, account.into_iter().map(Into::into)).await
    }
}

/// How a suspension stands: asked after it, so that whatever began before is counted.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) account: String,
    pub(super) held_back: u64,
}

impl Access for Standing {
    /// `None` if it was lifted meanwhile.
    type Answer = Option<Suspended>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Option<Suspended>, sqlx::Error> {
        let now = now(connection.dialect());
        let sql = format!("SELECT {COLUMNS}, {now} AS now FROM accounts AS a WHERE a.account = ?");
        let Some(row) = fetch_one(connection, sql, values![self.account.clone()]).await? else {
            return Ok(None);
        };
        let Some(suspension) = account(&row)?.suspension else { return Ok(None) };
        let (condition, name) = of(&self.account);
        let sql = format!(
            "SELECT count(*) AS sending FROM messages
             WHERE lane IN ({}, {}) AND state = '{}' AND next_at <= {now} {condition}",
            lane::FIRST,
            lane::AGAIN,
            State::Sending
        );
        let sending = fetch_one(connection, sql, name.into_iter().map(Into::into)).await?;
        let still_sending = sending.map_or(Ok(0), |row| row.int("sending"))?;
        Ok(Some(Suspended {
            suspension,
            cut_off: row::instant(&row, "now")?,
            still_sending: u64::try_from(still_sending).unwrap_or_default(),
            held_back: self.held_back,
        }))
    }
}

/// Lifts a suspension; messages go on in steps of `limit`, so that no statement is long.
#[derive(Clone, Debug)]
pub(super) struct Resume {
    pub(super) account: String,
    pub(super) limit: u32,
}

impl Access for Resume {
    /// How many went on; fewer than the limit if it was the last step.
    type Answer = u64;

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, sqlx::Error> {
        let sql = "UPDATE accounts SET suspended_at = NULL, suspended_by = NULL, suspended_reason = NULL
                   WHERE account = ?";
        run(connection, sql.to_owned(), values![self.account.clone()]).await?;
        let (condition, account) = of(&self.account);
        // Those that are suspended by themselves, or with all others, stay so.
        let sql = format!(
            "SELECT id FROM messages WHERE lane = {lane} {condition}
                 AND NOT EXISTS (SELECT 1 FROM accounts AS a
                                 WHERE a.account IN (messages.account, '{ALL}') AND a.suspended_at IS NOT NULL)
             LIMIT ?",
            lane = lane::SUSPENDED
        );
        let values = account.into_iter().map(Into::into).chain(values![self.limit]);
        let rows = fetch(connection, sql, values).await?;
        let ids = rows
            .iter()
            .map(|row| Ok(json!({ "id": row.text("id")? })))
            .collect::<Result<Vec<_>, sqlx::Error>>()?;
        let to = |was_tried| Step::Resume.to(was_tried);
        let state = format!("CASE WHEN m.attempts = 0 THEN '{}' ELSE '{}' END", to(false), to(true));
        let lane = format!("CASE WHEN m.attempts = 0 THEN {} ELSE {} END", lane::FIRST, lane::AGAIN);
        let set = [("state", state.as_str()), ("lane", lane.as_str()), ("fence", "m.fence + 1")];
        let on = format!("m.id = b.id AND m.state IN ({})", Step::Resume.sources());
        let sql = super::dialect::update(connection.dialect(), &[Column::Key("id")], &set, &on);
        run(connection, sql, values![serde_json::Value::Array(ids).to_string()]).await
    }
}

/// Sets what an account wants done with what is late; `None` forgets it.
#[derive(Clone, Debug)]
pub(super) struct SetCatchUp {
    pub(super) account: String,
    pub(super) catch_up: Option<CatchUp>,
}

impl Access for SetCatchUp {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        mention(&self.account, connection).await?;
        let (after, every) = match self.catch_up {
            Some(CatchUp::Spread { after, every }) => (Some(micros(after)), Some(micros(every))),
            Some(CatchUp::Skip { after }) => (Some(micros(after)), None),
            Some(CatchUp::All) | None => (None, None),
        };
        let sql =
            "UPDATE accounts SET catch_up = ?, catch_up_after = ?, catch_up_every = ? WHERE account = ?";
        let name = self.catch_up.as_ref().map(CatchUp::name);
        run(connection, sql.to_owned(), values![name, after, every, self.account]).await?;
        Ok(())
    }
}
