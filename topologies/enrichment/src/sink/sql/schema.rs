//! The tables.

use squall_connect::sql::{Dialect, Migration};

pub(super) const SCHEMA: &[Migration] = &[TABLES, CURSORS, FINGERPRINTS];

const TABLES: Migration = Migration {
    version: 1,
    name: "activities, and up to where their sources are in it",
    sql: |dialect| {
        match dialect {
        Dialect::Sqlite => {
            "CREATE TABLE activities (id TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL) STRICT;
             CREATE TABLE sources (source TEXT NOT NULL PRIMARY KEY, done_to INTEGER NOT NULL, fence INTEGER NOT NULL) STRICT;"
        }
        Dialect::Postgres => {
            "CREATE TABLE activities (id TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL);
             CREATE TABLE sources (source TEXT NOT NULL PRIMARY KEY, done_to BIGINT NOT NULL, fence BIGINT NOT NULL);"
        }
        Dialect::Mysql => {
            "CREATE TABLE activities (id VARBINARY(600) NOT NULL PRIMARY KEY, json LONGTEXT NOT NULL);
             CREATE TABLE sources (source VARCHAR(255) NOT NULL PRIMARY KEY, done_to BIGINT NOT NULL, fence BIGINT NOT NULL);"
        }
    }
    },
};

/// A feed does not count its events: where it goes on is for its server to understand.
const CURSORS: Migration = Migration {
    version: 2,
    name: "where feeds go on",
    sql: |_| "ALTER TABLE sources ADD COLUMN feed_cursor TEXT;",
};

/// The number of a line says nothing of a file that has become another one.
const FINGERPRINTS: Migration = Migration {
    version: 3,
    name: "how files begin",
    sql: |_| "ALTER TABLE sources ADD COLUMN fingerprint TEXT;",
};
