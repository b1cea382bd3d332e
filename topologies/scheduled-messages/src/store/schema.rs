//! The tables, and how they came to be.

use squall_connect::sql::Migration;

/// Every step ever released, oldest first. A step is never edited.
pub(super) const SCHEMA: &[Migration] = &[MESSAGES, REQUEST_KEYS];

const MESSAGES: Migration = Migration {
    version: 1,
    name: "messages and deliveries",
    // Instants are microseconds since 1970. `next_at` is when a row wants to be looked at: its due instant, then that
    // of the next attempt, then never. The index holds unfinished rows only, and leads with the instant, so that
    // finding what is due costs the same whatever lies behind it.
    sql: |_| {
        "
        CREATE TABLE messages (
            id BLOB NOT NULL PRIMARY KEY,
            account TEXT NOT NULL,
            destination TEXT NOT NULL,
            text TEXT NOT NULL,
            state TEXT NOT NULL,
            version INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            next_at INTEGER,
            sent_at INTEGER,
            last_error TEXT
        ) STRICT;
        CREATE INDEX messages_next ON messages (next_at, id) WHERE next_at IS NOT NULL;

        CREATE TABLE deliveries (
            seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            idempotency_key TEXT NOT NULL UNIQUE,
            account TEXT NOT NULL,
            text TEXT NOT NULL,
            due_at INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            copies INTEGER NOT NULL
        ) STRICT;
    "
    },
};

const REQUEST_KEYS: Migration = Migration {
    version: 2,
    name: "keys of requests",
    // `request` is what was asked for, by which a repeated request is told from another one with the same key. Both are
    // null in rows that came without a key.
    sql: |_| {
        "
        ALTER TABLE messages ADD COLUMN request_key TEXT;
        ALTER TABLE messages ADD COLUMN request TEXT;
        CREATE UNIQUE INDEX messages_request_key ON messages (request_key) WHERE request_key IS NOT NULL;
    "
    },
};

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use squall_connect::sql::{Database, Options};

    use super::*;
    use crate::{Inserted, NewMessage, Request, Store};

    #[tokio::test]
    async fn a_file_of_the_first_schema_is_brought_forward() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("messages.sqlite3");
        drop(Database::open(Options::file(&file), &SCHEMA[..1]).await.unwrap());
        let message = NewMessage {
            account: "me".into(),
            destination: "inbox".into(),
            text: "Hello".into(),
            due_at: Timestamp::now(),
        };
        let request = Request { key: "K".into(), content: "{}".into() };

        let store = Store::open(&file).await.unwrap();

        let first = store.insert_once(message.clone(), request.clone()).await.unwrap();
        let again = store.insert_once(message, request).await.unwrap();
        assert!(matches!((first, again), (Inserted::New(first), Inserted::Known(again)) if first == again));
    }
}
