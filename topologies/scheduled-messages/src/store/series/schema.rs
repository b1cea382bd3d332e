//! The table.

use squall_connect::sql::{Dialect, Migration};

/// The step that adds series, and what is needed to follow the time zone database.
///
/// `next_at` is the first occurrence that is not made; null in a series that is paused or has ended, so that the index
/// leads straight to those that come soon. `not_after` is a duration; all else ending in `_at` is an instant.
pub(in crate::store) const SERIES: Migration = Migration {
    version: 2,
    name: "series, facts",
    sql: |dialect| match dialect {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
        Dialect::Mysql => MYSQL,
    },
};

const SQLITE: &str = "
    CREATE TABLE series (
        id TEXT NOT NULL PRIMARY KEY,
        account TEXT NOT NULL,
        destination TEXT NOT NULL,
        text TEXT NOT NULL,
        cron TEXT NOT NULL,
        zone TEXT NOT NULL,
        catch_up TEXT NOT NULL,
        from_at INTEGER,
        until_at INTEGER,
        max_count INTEGER,
        not_after INTEGER,
        state TEXT NOT NULL,
        version INTEGER NOT NULL,
        fence INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        next_at INTEGER,
        last_at INTEGER,
        made INTEGER NOT NULL,
        last_error TEXT,
        request_key TEXT,
        request TEXT
    ) STRICT;
    CREATE INDEX series_next ON series (next_at) WHERE next_at IS NOT NULL;
    CREATE INDEX series_account ON series (account, id);
    CREATE UNIQUE INDEX series_request_key ON series (request_key) WHERE request_key IS NOT NULL;
    CREATE INDEX messages_series ON messages (series, id) WHERE series IS NOT NULL;
    CREATE INDEX messages_zone ON messages (zone, lane, id) WHERE zone IS NOT NULL AND lane IS NOT NULL;

    CREATE TABLE facts (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;
";

const POSTGRES: &str = r#"
    CREATE TABLE series (
        id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
        account TEXT COLLATE "C" NOT NULL,
        destination TEXT COLLATE "C" NOT NULL,
        text TEXT NOT NULL,
        cron TEXT NOT NULL,
        zone TEXT NOT NULL,
        catch_up TEXT COLLATE "C" NOT NULL,
        from_at BIGINT,
        until_at BIGINT,
        max_count BIGINT,
        not_after BIGINT,
        state TEXT COLLATE "C" NOT NULL,
        version BIGINT NOT NULL,
        fence BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        created_by TEXT NOT NULL,
        next_at BIGINT,
        last_at BIGINT,
        made BIGINT NOT NULL,
        last_error TEXT,
        request_key TEXT COLLATE "C",
        request TEXT
    );
    CREATE INDEX series_next ON series (next_at) WHERE next_at IS NOT NULL;
    CREATE INDEX series_account ON series (account, id);
    CREATE UNIQUE INDEX series_request_key ON series (request_key) WHERE request_key IS NOT NULL;
    CREATE INDEX messages_series ON messages (series, id) WHERE series IS NOT NULL;
    CREATE INDEX messages_zone ON messages (zone, lane, id) WHERE zone IS NOT NULL AND lane IS NOT NULL;

    CREATE TABLE facts (name TEXT COLLATE "C" NOT NULL PRIMARY KEY, value TEXT NOT NULL);
"#;

const MYSQL: &str = "
    CREATE TABLE series (
        id VARCHAR(36) NOT NULL PRIMARY KEY,
        account VARCHAR(256) NOT NULL,
        destination VARCHAR(64) NOT NULL,
        text MEDIUMTEXT NOT NULL,
        cron VARCHAR(256) NOT NULL,
        zone VARCHAR(64) NOT NULL,
        catch_up VARCHAR(16) NOT NULL,
        from_at BIGINT,
        until_at BIGINT,
        max_count BIGINT,
        not_after BIGINT,
        state VARCHAR(16) NOT NULL,
        version BIGINT NOT NULL,
        fence BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        created_by TEXT NOT NULL,
        next_at BIGINT,
        last_at BIGINT,
        made BIGINT NOT NULL,
        last_error TEXT,
        request_key VARCHAR(255),
        request MEDIUMTEXT,
            INDEX series_next (next_at),
            INDEX series_account (account, id),
        UNIQUE INDEX series_request_key (request_key)
    ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
    CREATE INDEX messages_series ON messages (series, id);
    CREATE INDEX messages_zone ON messages (zone, lane, id);

    CREATE TABLE facts (
        name VARCHAR(64) NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
";
