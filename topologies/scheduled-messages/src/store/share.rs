//! Who else has something to send, when one has a lot.

use std::time::Duration;

use squall_connect::sql::{Access, Connection};

use super::dialect::now;
use super::{fetch, lane, micros, values};

/// Accounts that are probed in one statement.
const PROBED: i64 = 512;

/// The accounts that have a first send due, behind `after` in the order of their names: one step through the index for
/// each account, however many messages it has.
#[derive(Clone, Debug)]
pub(super) struct Heads {
    pub(super) after: String,
    pub(super) ahead: Duration,
}

/// Accounts that have something due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Their names, in order.
    pub accounts: Vec<String>,
    /// Where to go on; `None` if these were the last.
    pub next: Option<String>,
}

impl Access for Heads {
    type Answer = Due;
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Due, sqlx::Error> {
        let now = now(connection.dialect());
        let lane = lane::FIRST;
        let sql = format!(
            "WITH RECURSIVE heads (account, place) AS (
                 SELECT min(m.account), 1 FROM messages AS m WHERE m.lane = {lane} AND m.account > ?
                 UNION ALL
                 SELECT (SELECT min(m.account) FROM messages AS m WHERE m.lane = {lane} AND m.account > heads.account),
                        place + 1
                 FROM heads WHERE account IS NOT NULL AND place < {PROBED}
             )
             SELECT account,
                 CASE WHEN EXISTS (SELECT 1 FROM messages AS m WHERE m.lane = {lane} AND m.account = heads.account
                                       AND m.next_at <= {now} + ? AND m.owner IS NULL) THEN 1 ELSE 0 END AS is_due
             FROM heads WHERE account IS NOT NULL ORDER BY account"
        );
        let rows = fetch(connection, sql, values![self.after, micros(self.ahead)]).await?;
        let mut due = Due::default();
        for row in &rows {
            let account = row.text("account")?;
            if row.int("is_due")? == 1 {
                due.accounts.push(account.clone());
            }
            due.next = Some(account);
        }
        if i64::try_from(rows.len()).is_ok_and(|count| count < PROBED) {
            due.next = None;
        }
        Ok(due)
    }
}
