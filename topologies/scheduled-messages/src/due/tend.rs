//! One look at the rows, and what is taken of them.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use squall_connect::sql::Error;

use super::LOOK_AHEAD;
use crate::message::MessageId;
use crate::store::{Claimed, Store, Which};

/// Rows in one claim.
const PAGE: usize = 2048;

/// Accounts that get a share in one look, when there is more than can be held.
const ACCOUNTS: usize = 16;

/// What one account gets then.
pub(super) const SHARE: usize = 64;

/// By how much the clock of the database may be off before it counts as set: an answer may be so slow.
const LEAP: SignedDuration = SignedDuration::from_secs(3);

/// What is wanted of a look.
#[derive(Debug)]
pub(super) struct Ask {
    /// Room for first sends by their instants.
    pub(super) first: usize,
    /// Room for first sends of accounts in turn.
    pub(super) first_in_turn: usize,
    /// Room for further attempts.
    pub(super) again: usize,
    /// What is held must be asked for: an earlier answer was lost.
    pub(super) is_unsure: bool,
    /// Messages that are to be taken up again.
    pub(super) lost: Vec<MessageId>,
    /// Whether what dead processes held is taken over.
    pub(super) takes_over: bool,
    /// How long a look may take and still tell who is dead: while the database stands still, nobody can renew a lease.
    pub(super) patience: Duration,
    /// The account behind which accounts in turn are looked for, if there was more than could be held.
    pub(super) sweep: Option<String>,
    /// The destinations that have their share of first sends, and of further attempts: one that takes nothing does not
    /// fill all the room there is.
    pub(super) full: [Vec<String>; 2],
    /// The accounts that have their share already.
    pub(super) crowded: HashSet<String>,
}

/// What came of a look.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) claimed: Vec<Claimed>,
    /// There is more than was taken.
    pub(super) has_more: bool,
    /// Where accounts in turn are looked for next time.
    pub(super) sweep: Option<String>,
    /// What the rows say this process is sending, if that was asked for.
    pub(super) sending: Vec<MessageId>,
    /// Who is dead cannot be told: the answer was slow, or the clock of the database is not what it was.
    pub(super) is_misleading: bool,
    /// What it was broken off by.
    pub(super) error: Option<Error>,
    /// What was asked for again in vain.
    pub(super) lost: Vec<MessageId>,
}

/// Looks at the rows, and takes what is due soon. Whatever fails, what was taken before is in the answer.
pub(super) async fn tend(store: Store, mut ask: Ask) -> Found {
    let mut found = Found { sweep: ask.sweep.clone(), ..Found::default() };
    if let Err(error) = take(&store, &mut ask, &mut found).await {
        found.error = Some(error);
        found.lost = ask.lost;
    }
    found
}

async fn take(store: &Store, ask: &mut Ask, found: &mut Found) -> Result<(), Error> {
    let (asked, before) = (Instant::now(), store.clock().is_set().then(|| store.now()));
    let sight = store.look().await?;
    let apart = before.map(|before| sight.now.duration_since(before).abs());
    found.is_misleading = asked.elapsed() > ask.patience || apart.is_some_and(|apart| apart > LEAP);
    store.clock().set(sight.now, Instant::now());
    let is_soon = |at: Option<jiff::Timestamp>| {
        at.is_some_and(|at| at <= sight.now.checked_add(LOOK_AHEAD).unwrap_or(sight.now))
    };
    if ask.is_unsure {
        let catch = store.claim(Which::Mine, LOOK_AHEAD, 0).await?;
        found.claimed.extend(catch.claimed);
        found.sending = catch.sending;
    }
    if !ask.lost.is_empty() {
        claim(store, Which::Lost(ask.lost.clone()), PAGE, &[], found).await?;
        ask.lost.clear();
    }
    if sight.is_abandoned
        && ask.takes_over
        && !found.is_misleading
        && claim(store, Which::Abandoned, PAGE, &[], found).await? == 0
    {
        store.bury().await?;
    }
    let [_, full_again] = &ask.full;
    if is_soon(sight.again) && ask.again > 0 {
        claim(store, Which::Again, ask.again.min(PAGE), full_again, found).await?;
    }
    if is_soon(sight.first) {
        take_first(store, ask, found).await?;
    } else {
        found.sweep = None;
    }
    Ok(())
}

/// First sends: by their instants, and when there is more of them than can be taken, from each account in turn.
async fn take_first(store: &Store, ask: &Ask, found: &mut Found) -> Result<(), Error> {
    let [full, _] = &ask.full;
    let limit = ask.first.min(PAGE);
    if limit > 0 {
        let seen = claim(store, Which::First, limit, full, found).await?;
        if seen < limit {
            found.sweep = None;
            return Ok(());
        }
    }
    found.has_more = true;
    let due = store.due_accounts(found.sweep.take().unwrap_or_default(), LOOK_AHEAD).await?;
    let mut room = ask.first_in_turn.saturating_sub(limit);
    let mut accounts = due.accounts.into_iter().filter(|account| !ask.crowded.contains(account)).peekable();
    let mut last = None;
    for account in accounts.by_ref().take(ACCOUNTS) {
        let share = SHARE.min(room);
        if share == 0 {
            break;
        }
        room -= claim(store, Which::FirstOf(account.clone()), share, full, found).await?.min(room);
        last = Some(account);
    }
    // Behind the last one served; from the beginning when all were.
    found.sweep = if accounts.peek().is_some() { last } else { due.next };
    found.sweep.get_or_insert_default();
    Ok(())
}

async fn claim(
    store: &Store,
    which: Which,
    limit: usize,
    except: &[String],
    found: &mut Found,
) -> Result<usize, Error> {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let catch = store.claim_except(which, LOOK_AHEAD, limit, except.to_vec()).await?;
    found.claimed.extend(catch.claimed);
    Ok(catch.seen)
}
