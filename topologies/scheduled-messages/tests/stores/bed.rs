//! A database of its own for a test, and messages in whatever state.

use std::time::Duration;

use jiff::Timestamp;
use squall_connect::sql::{Access, Connection, Database, Options, Value};
use squall_scheduled_messages::{
    Begin, Begun, Change, Changed, Claimed, Message, MessageId, NewMessage, Settle, Settlement, State, Store,
    Which,
};
use squall_services::{MariaDb, Postgres};
use tempfile::TempDir;

/// How long before its instant a row may be claimed in these tests.
pub(crate) const AHEAD: Duration = Duration::from_secs(2);

/// A lease that outlives the test, unless it is given up.
const LEASE: Duration = Duration::from_secs(600);

/// A database of its own.
pub(crate) struct Bed {
    options: Options,
    /// Removed at the end.
    _folder: Option<TempDir>,
}

impl Bed {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::file(folder.path().join("messages.sqlite3"));
        Self { options, _folder: Some(folder) }
    }

    pub(crate) fn postgres() -> Option<Self> {
        let url = Postgres::shared()?.fresh_database();
        Some(Self { options: Options::servers([url]).unwrap(), _folder: None })
    }

    pub(crate) fn mariadb() -> Option<Self> {
        let url = MariaDb::shared()?.fresh_database();
        Some(Self { options: Options::servers([url]).unwrap(), _folder: None })
    }

    /// The rows as they are, for what no process would do to them.
    pub(crate) async fn database(&self) -> Database {
        Database::open(self.options.clone(), &[]).await.unwrap()
    }

    /// A process that works on the rows.
    pub(crate) async fn open(&self) -> Store {
        Store::open_with(self.options.clone(), LEASE).await.unwrap()
    }
}

/// Writes what only time, or another program, would write: one value into the rows with an id.
#[derive(Clone)]
pub(crate) struct Set(pub(crate) &'static str, pub(crate) Value, pub(crate) String);

impl Access for Set {
    type Answer = ();
    const SINGLE: bool = true;

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        connection.execute(self.0, [self.1, self.2.into()]).await?;
        Ok(())
    }
}

/// A message that is due.
pub(crate) fn due(account: &str) -> NewMessage {
    NewMessage::new(account, "hook", "Hello", Timestamp::now() - Duration::from_secs(1))
}

pub(crate) async fn insert(store: &Store, message: NewMessage) -> MessageId {
    store.insert(message, "ada").await.unwrap().id
}

pub(crate) async fn get(store: &Store, id: MessageId) -> Message {
    store.get(id).await.unwrap().unwrap()
}

/// Claims whatever can be had.
pub(crate) async fn claim(store: &Store, which: Which) -> Vec<Claimed> {
    store.claim(which, AHEAD, 5000).await.unwrap().claimed
}

pub(crate) fn begin_of(row: &Claimed) -> Begin {
    Begin { id: row.id, fence: row.fence, version: row.version, attempt: row.attempts + 1 }
}

/// Begins an attempt that must begin.
pub(crate) async fn begin(store: &Store, row: &Claimed) -> Message {
    match store.begin(begin_of(row)).await.unwrap() {
        Begun::Send(message) => *message,
        Begun::Void => panic!("{row:?} did not begin"),
    }
}

/// The end of an attempt.
pub(crate) fn end(message: &Message, settlement: Settlement) -> Settle {
    Settle {
        id: message.id,
        fence: message.fence,
        attempt: message.attempts,
        began_at: message.began_at,
        ended_at: Timestamp::now(),
        settlement,
    }
}

pub(crate) fn sent() -> Settlement {
    Settlement::Sent { at: Timestamp::now(), receipt: Some("there".into()) }
}

pub(crate) fn retry() -> Settlement {
    Settlement::Retry { at: Timestamp::now(), error: "later".into(), in_doubt: false }
}

pub(crate) async fn change(store: &Store, id: MessageId, change: Change) -> Changed {
    store.change(id, change, None, "ada").await.unwrap()
}

/// A message that was brought into a state, by its account's name.
pub(crate) async fn in_state(store: &Store, state: State, account: &str) -> Message {
    let id = insert(store, due(account)).await;
    match state {
        State::Scheduled => {}
        State::Cancelled => assert!(matches!(change(store, id, Change::Cancel).await, Changed::Updated(_))),
        State::Suspended => {
            store.suspend(account, "a test", "ada").await.unwrap().unwrap();
            assert_eq!(claim(store, Which::FirstOf(account.into())).await, []);
        }
        State::Expired => {
            let late = Some(Some(Timestamp::now() - Duration::from_millis(1)));
            let edit = squall_scheduled_messages::Edit { not_after: late, ..Default::default() };
            change(store, id, Change::Edit(edit)).await;
            assert_eq!(claim(store, Which::FirstOf(account.into())).await, []);
        }
        State::Claimed => drop(only(store, account).await),
        State::Sending | State::Sent | State::Retrying | State::Dead | State::Unconfirmed => {
            let message = begin(store, &only(store, account).await).await;
            let settlement = match state {
                State::Sent => Some(sent()),
                State::Retrying => Some(retry()),
                State::Dead => Some(Settlement::Dead { error: "no".into() }),
                State::Unconfirmed => Some(Settlement::Unconfirmed { error: "who knows".into() }),
                _ => None,
            };
            if let Some(settlement) = settlement {
                assert!(store.settle(end(&message, settlement)).await.unwrap());
            }
        }
    }
    let message = get(store, id).await;
    assert_eq!(message.state, state);
    message
}

async fn only(store: &Store, account: &str) -> Claimed {
    let mut rows = claim(store, Which::FirstOf(account.into())).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}
