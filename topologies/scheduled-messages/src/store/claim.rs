//! Taking rows, so that no other process sends them.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use squall_connect::Fence;
use squall_connect::sql::{Access, Connection, Row, Value};

use super::dialect::{Column, batch, for_update, now, skip_locked, update};
use super::events::{Event, record};
use super::lease::is_abandoned;
use super::people::{ALL, CatchUp, Circumstances, circumstances};
use super::{fetch, lane, micros, row, run, values};
use crate::crash;
use crate::message::MessageId;
use crate::state::{State, Step};

/// A row that a process holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Which message.
    pub id: MessageId,
    /// Whose it is.
    pub account: String,
    /// Where it goes.
    pub destination: String,
    /// When it wants to be sent.
    pub at: Timestamp,
    /// The number under which it is held: every write names it.
    pub fence: Fence,
    /// What it said when it was claimed.
    pub version: i64,
    /// How many attempts began before.
    pub attempts: u32,
    /// It is so late that its account wants such messages apart: one in this time.
    pub spread: Option<Duration>,
}

/// Which rows to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The earliest first sends.
    First,
    /// The earliest first sends of one account: its share, when others have a lot to send.
    FirstOf(String),
    /// The earliest further attempts.
    Again,
    /// Whatever other processes held that are dead.
    Abandoned,
    /// What this process holds: it may have forgotten, or never have been told.
    Mine,
    /// These, if this process holds them and does not send them.
    Lost(Vec<MessageId>),
}

/// Takes rows that want attention up to an instant.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) owner: String,
    pub(super) which: Which,
    pub(super) ahead: Duration,
    pub(super) limit: u32,
    /// Destinations of which enough is held.
    pub(super) except: Vec<String>,
}

/// What became of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catch {
    /// What is held now.
    pub claimed: Vec<Claimed>,
    /// What this process is sending, as [`Which::Mine`] saw it.
    pub sending: Vec<MessageId>,
    /// Rows that were seen: if there are as many as were asked for, there may be more.
    pub seen: usize,
}

const SEEN: &str = "m.id, m.account, m.destination, m.state, m.next_at, m.due_at, m.not_after, m.fence, m.version, \
     m.attempts, m.in_doubt, m.owner, m.began_at";

impl Access for Claim {
    type Answer = Catch;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Catch, sqlx::Error> {
        let rows = self.see(connection).await?;
        let seen = rows.len();
        if seen == 0 {
            return Ok(Catch::default());
        }
        let mut seen_rows = Vec::with_capacity(seen);
        for row in &rows {
            seen_rows.push(Seen::read(row)?);
        }
        let mut sending = Vec::new();
        let claimed = match self.which {
            Which::Mine => {
                let is_sending = |seen: &Seen| seen.state == State::Sending;
                sending = seen_rows.iter().filter(|seen| is_sending(seen)).map(|seen| seen.id).collect();
                seen_rows.into_iter().filter(|seen| !is_sending(seen)).map(Seen::held).collect()
            }
            Which::Abandoned | Which::Lost(_) => self.retake(seen_rows, connection).await?,
            Which::First | Which::FirstOf(_) | Which::Again => self.take(seen_rows, connection).await?,
        };
        Ok(Catch { claimed, sending, seen })
    }
}

impl Claim {
    async fn see(&self, connection: &mut Connection<'_>) -> Result<Vec<Row>, sqlx::Error> {
        let dialect = connection.dialect();
        let now = now(dialect);
        let (skip, wait) = (skip_locked(dialect), for_update(dialect));
        let ahead = micros(self.ahead);
        let due = |lanes: &str| {
            format!(
                "SELECT {SEEN}, {now} AS now FROM messages AS m WHERE m.lane IN ({lanes}) AND m.next_at <= {now} + ?"
            )
        };
        let both = format!("{}, {}", lane::FIRST, lane::AGAIN);
        let free = match self.except.len() {
            0 => "m.owner IS NULL".to_owned(),
            count => format!("m.owner IS NULL AND m.destination NOT IN ({})", vec!["?"; count].join(", ")),
        };
        let except = || self.except.iter().map(|name| Value::from(name.as_str()));
        let (sql, args) = match &self.which {
            Which::First | Which::Again => {
                let lane = if self.which == Which::First { lane::FIRST } else { lane::AGAIN };
                let due = due(&lane.to_string());
                let sql = format!("{due} AND {free} ORDER BY m.next_at, m.id LIMIT ? {skip}");
                (sql, values![ahead].into_iter().chain(except()).chain(values![self.limit]).collect())
            }
            Which::FirstOf(account) => {
                let due = due(&lane::FIRST.to_string());
                let sql = format!("{due} AND m.account = ? AND {free} ORDER BY m.next_at LIMIT ? {skip}");
                let place = values![ahead, account.clone()];
                (sql, place.into_iter().chain(except()).chain(values![self.limit]).collect())
            }
            Which::Abandoned => {
                let abandoned = is_abandoned(now);
                let sql = format!("{} AND m.owner <> ? AND {abandoned} LIMIT ? {skip}", due(&both));
                (sql, values![micros(FAR), self.owner.clone(), self.limit])
            }
            Which::Mine => {
                let held = [State::Claimed, State::Sending].map(|state| format!("'{state}'")).join(", ");
                let sql = format!("{} AND m.owner = ? AND m.state IN ({held})", due(&both));
                (sql, values![micros(FAR), self.owner.clone()])
            }
            Which::Lost(ids) => {
                let ids: Vec<_> = ids.iter().map(|id| json!({ "id": id.to_string() })).collect();
                let sql = format!(
                    "SELECT {SEEN}, {now} AS now FROM messages AS m
                     WHERE m.id IN (SELECT b.id FROM {}) AND m.owner = ? {wait}",
                    batch(dialect, &[Column::Key("id")])
                );
                (sql, values![json!(ids).to_string(), self.owner.clone()])
            }
        };
        fetch(connection, sql, args).await
    }

    /// Takes what nobody holds, unless its account is suspended or it is too late for it.
    async fn take(
        &self,
        rows: Vec<Seen>,
        connection: &mut Connection<'_>,
    ) -> Result<Vec<Claimed>, sqlx::Error> {
        let accounts: BTreeSet<_> = rows.iter().map(|row| row.account.as_str()).chain([ALL]).collect();
        let circumstances = circumstances(&accounts, connection).await?;
        let (mut claimed, mut ended) = (Vec::with_capacity(rows.len()), Vec::new());
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            let (step, why) = row.step(&circumstances);
            changes.push(row.change(
                step,
                (step == Step::Claim).then_some(self.owner.as_str()),
                why,
                row.in_doubt,
            ));
            match step {
                Step::Claim => {
                    let spread = row.spread(&circumstances);
                    claimed.push(row.claimed(spread));
                }
                step => ended.push(row.event(&self.owner, step, why)),
            }
        }
        apply(changes, connection).await?;
        record(&ended, connection).await?;
        crash::point("claiming");
        Ok(claimed)
    }

    /// Takes what a dead process held, or what this one lost: an attempt that was under way may have arrived.
    async fn retake(
        &self,
        rows: Vec<Seen>,
        connection: &mut Connection<'_>,
    ) -> Result<Vec<Claimed>, sqlx::Error> {
        let (mut claimed, mut events) = (Vec::with_capacity(rows.len()), Vec::new());
        let mut changes = Vec::with_capacity(rows.len());
        for mut row in rows {
            if row.state == State::Sending {
                row.in_doubt = true;
                events.push(row.cut_off());
            }
            changes.push(row.change(Step::Claim, Some(self.owner.as_str()), None, row.in_doubt));
            claimed.push(row.claimed(None));
        }
        apply(changes, connection).await?;
        record(&events, connection).await?;
        crash::point("taking_over");
        Ok(claimed)
    }
}

/// A row as a claim sees it.
struct Seen {
    id: MessageId,
    account: String,
    destination: String,
    state: State,
    at: Timestamp,
    due_at: Timestamp,
    not_after: Option<Timestamp>,
    fence: Fence,
    version: i64,
    attempts: u32,
    in_doubt: bool,
    owner: Option<String>,
    began_at: Option<Timestamp>,
    now: Timestamp,
}

impl Seen {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row::id(row)?,
            account: row.text("account")?,
            destination: row.text("destination")?,
            state: row::state(row)?,
            at: row::instant(row, "next_at")?,
            due_at: row::instant(row, "due_at")?,
            not_after: row::optional_instant(row, "not_after")?,
            fence: Fence::new(row.int("fence")?),
            version: row.int("version")?,
            attempts: row::attempts(row)?,
            in_doubt: row.int("in_doubt")? != 0,
            owner: row.optional_text("owner")?,
            began_at: row::optional_instant(row, "began_at")?,
            now: row::instant(row, "now")?,
        })
    }

    /// What is to be done with a row that nobody holds.
    fn step(&self, circumstances: &HashMap<String, Circumstances>) -> (Step, Option<&'static str>) {
        let of = |name: &str| circumstances.get(name);
        if [ALL, self.account.as_str()].into_iter().filter_map(of).any(|account| account.is_suspended) {
            return (Step::Suspend, None);
        }
        if self.not_after.is_some_and(|end| end < self.now) {
            // An attempt that may have arrived cannot be said not to have been made.
            return (if self.in_doubt { Step::Stop } else { Step::Expire }, Some(TOO_LATE));
        }
        match self.catch_up(circumstances) {
            Some(CatchUp::Skip { .. }) => (Step::Expire, Some(SKIPPED)),
            _ => (Step::Claim, None),
        }
    }

    /// What its account wants done with it, if it is late enough.
    fn catch_up<'a>(&self, circumstances: &'a HashMap<String, Circumstances>) -> Option<&'a CatchUp> {
        let own = circumstances.get(&self.account).and_then(|account| account.catch_up.as_ref());
        let policy = own.or_else(|| circumstances.get(ALL)?.catch_up.as_ref())?;
        let late = Duration::try_from(self.now.duration_since(self.due_at)).unwrap_or_default();
        (self.attempts == 0 && late > policy.after()).then_some(policy)
    }

    fn spread(&self, circumstances: &HashMap<String, Circumstances>) -> Option<Duration> {
        match self.catch_up(circumstances) {
            Some(CatchUp::Spread { every, .. }) => Some(*every),
            _ => None,
        }
    }

    /// The row as it is held now.
    fn held(self) -> Claimed {
        let Self { id, account, destination, at, fence, version, attempts, .. } = self;
        Claimed { id, account, destination, at, fence, version, attempts, spread: None }
    }

    /// The row as it is held after the claim.
    fn claimed(self, spread: Option<Duration>) -> Claimed {
        let held = self.held();
        Claimed { fence: held.fence.next(), spread, ..held }
    }

    fn change(
        &self,
        step: Step,
        owner: Option<&str>,
        error: Option<&str>,
        in_doubt: bool,
    ) -> serde_json::Value {
        let attempts = i64::from(self.attempts);
        let state = step.to(attempts > 0);
        let lane = lane::of(state, attempts);
        let mut change = json!({
            "id": self.id.to_string(), "fence": self.fence.get(), "state": state.name(), "in_doubt": i64::from(in_doubt),
        });
        let mut set = |name: &str, value: serde_json::Value| {
            if let Some(change) = change.as_object_mut() {
                change.insert(name.to_owned(), value);
            }
        };
        if let Some(lane) = lane {
            set("lane", lane.into());
            set("next_at", self.at.as_microsecond().into());
        }
        if let Some(owner) = owner {
            set("owner", owner.into());
        }
        if let Some(error) = error {
            set("error", error.into());
        }
        change
    }

    fn event(&self, who: &str, step: Step, why: Option<&str>) -> Event {
        Event {
            message: self.id,
            at: self.now,
            who: who.to_owned(),
            what: step.to(false).name(),
            attempt: None,
            began_at: None,
            detail: why.map(str::to_owned),
        }
    }

    fn cut_off(&self) -> Event {
        Event {
            message: self.id,
            at: self.now,
            who: self.owner.clone().unwrap_or_default(),
            what: "cut_off",
            // The place of its outcome is kept free: it may come late.
            attempt: None,
            began_at: None,
            detail: Some(match self.began_at {
                Some(at) => {
                    format!("its process ended in attempt {} of {at}: it may have arrived", self.attempts)
                }
                None => "its process ended in an attempt: it may have arrived".to_owned(),
            }),
        }
    }
}

/// Why a message expired.
pub(super) const TOO_LATE: &str = "it was too late: its `not_after` had passed";

const SKIPPED: &str = "it was late, and its account skips what is late";

async fn apply(changes: Vec<serde_json::Value>, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
    let dialect = connection.dialect();
    let now = now(dialect);
    let columns = [
        Column::Key("id"),
        Column::Int("fence"),
        Column::Key("state"),
        Column::Int("in_doubt"),
        Column::Int("lane"),
        Column::Int("next_at"),
        Column::Key("owner"),
        Column::Text("error"),
    ];
    let set = [
        ("state", "b.state"),
        ("fence", "m.fence + 1"),
        ("in_doubt", "b.in_doubt"),
        ("lane", "b.lane"),
        ("next_at", "b.next_at"),
        ("owner", "b.owner"),
        ("claimed_at", now),
        ("last_error", "coalesce(b.error, m.last_error)"),
    ];
    let sql = update(dialect, &columns, &set, "m.id = b.id AND m.fence = b.fence");
    run(connection, sql, values![serde_json::Value::Array(changes).to_string()]).await?;
    Ok(())
}

/// Gives back what a process holds and has not begun to send: all of it, or some.
#[derive(Clone, Debug)]
pub(super) struct HandBack {
    pub(super) owner: String,
    pub(super) ids: Option<Vec<MessageId>>,
}

/// Nothing is claimed earlier than this before its instant.
const FAR: Duration = Duration::from_secs(3600);

impl Access for HandBack {
    /// How many were given back.
    type Answer = u64;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, sqlx::Error> {
        let dialect = connection.dialect();
        let to = |was_tried| Step::HandBack.to(was_tried);
        let state = format!("CASE WHEN m.attempts = 0 THEN '{}' ELSE '{}' END", to(false), to(true));
        let from = Step::HandBack.sources();
        match self.ids {
            Some(ids) => {
                let rows = ids.iter().map(|id| json!({ "id": id.to_string(), "holder": self.owner }));
                let rows = serde_json::Value::Array(rows.collect()).to_string();
                let set = [("state", state.as_str()), ("fence", "m.fence + 1"), ("owner", "NULL")];
                let on = format!("m.id = b.id AND m.owner = b.holder AND m.state IN ({from})");
                let sql = update(dialect, &[Column::Key("id"), Column::Key("holder")], &set, &on);
                run(connection, sql, values![rows]).await
            }
            None => {
                let now = now(dialect);
                let (first, again) = (lane::FIRST, lane::AGAIN);
                let sql = format!(
                    "UPDATE messages AS m SET state = {state}, fence = m.fence + 1, owner = NULL
                     WHERE m.lane IN ({first}, {again}) AND m.next_at <= {now} + ? AND m.owner = ? AND m.state IN ({from})"
                );
                run(connection, sql, values![micros(FAR), self.owner]).await
            }
        }
    }
}
