//! The tables, and how they came to be.

use squall_connect::sql::{Dialect, Migration};

use super::series::SERIES;

/// Every step ever released, oldest first. A step is never edited, and only adds: the release before it reads on.
pub(super) const SCHEMA: &[Migration] = &[MESSAGES, SERIES];

// Instants are microseconds since 1970; truth values are 0 and 1.
//
// `lane` and `next_at` say when a row wants attention, and for what (see `lane.rs`); both are null once it wants none.
// A message that waits for a later year costs the claim nothing: the index leads with the lane and the instant.
// The second index finds the accounts that have something due, the third the messages of one account.
//
// In PostgreSQL rows leave room on their page: a claim and a beginning then touch no index.
const MESSAGES: Migration = Migration {
    version: 1,
    name: "messages, events, accounts, processes",
    sql: |dialect| match dialect {
        Dialect::Sqlite => MESSAGES_SQLITE,
        Dialect::Postgres => MESSAGES_POSTGRES,
        Dialect::Mysql => MESSAGES_MYSQL,
    },
};

const MESSAGES_SQLITE: &str = "
    CREATE TABLE messages (
        id TEXT NOT NULL PRIMARY KEY,
        account TEXT NOT NULL,
        destination TEXT NOT NULL,
        text TEXT NOT NULL,
        state TEXT NOT NULL,
        version INTEGER NOT NULL,
        fence INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        in_doubt INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        due_at INTEGER NOT NULL,
        wall TEXT,
        zone TEXT,
        fold TEXT,
        not_after INTEGER,
        lane INTEGER,
        next_at INTEGER,
        owner TEXT,
        claimed_at INTEGER,
        first_began_at INTEGER,
        began_at INTEGER,
        sent_at INTEGER,
        receipt TEXT,
        last_error TEXT,
        rkey TEXT NOT NULL,
        series TEXT,
        request_key TEXT,
        request TEXT
    ) STRICT;
    CREATE INDEX messages_next ON messages (lane, next_at, id) WHERE lane IS NOT NULL;
    CREATE INDEX messages_next_of_account ON messages (lane, account, next_at) WHERE lane IS NOT NULL;
    CREATE INDEX messages_account ON messages (account, due_at, id);
    CREATE UNIQUE INDEX messages_request_key ON messages (request_key) WHERE request_key IS NOT NULL;

    CREATE TABLE events (
        seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        message TEXT NOT NULL,
        at INTEGER NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL,
        attempt INTEGER,
        began_at INTEGER,
        detail TEXT
    ) STRICT;
    CREATE INDEX events_message ON events (message, seq);
    CREATE UNIQUE INDEX events_attempt ON events (message, attempt, began_at) WHERE attempt IS NOT NULL;

    CREATE TABLE accounts (
        account TEXT NOT NULL PRIMARY KEY,
        suspended_at INTEGER,
        suspended_by TEXT,
        suspended_reason TEXT,
        catch_up TEXT,
        catch_up_after INTEGER,
        catch_up_every INTEGER
    ) STRICT;

    CREATE TABLE processes (
        name TEXT NOT NULL PRIMARY KEY,
        started_at INTEGER NOT NULL,
        lease_until INTEGER NOT NULL
    ) STRICT;
";

const MESSAGES_POSTGRES: &str = r#"
    CREATE TABLE messages (
        id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
        account TEXT COLLATE "C" NOT NULL,
        destination TEXT COLLATE "C" NOT NULL,
        text TEXT NOT NULL,
        state TEXT COLLATE "C" NOT NULL,
        version BIGINT NOT NULL,
        fence BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        in_doubt BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        created_by TEXT NOT NULL,
        due_at BIGINT NOT NULL,
        wall TEXT,
        zone TEXT,
        fold TEXT,
        not_after BIGINT,
        lane BIGINT,
        next_at BIGINT,
        owner TEXT COLLATE "C",
        claimed_at BIGINT,
        first_began_at BIGINT,
        began_at BIGINT,
        sent_at BIGINT,
        receipt TEXT,
        last_error TEXT,
        rkey TEXT COLLATE "C" NOT NULL,
        series TEXT COLLATE "C",
        request_key TEXT COLLATE "C",
        request TEXT
    ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
    CREATE INDEX messages_next ON messages (lane, next_at, id) WHERE lane IS NOT NULL;
    CREATE INDEX messages_next_of_account ON messages (lane, account, next_at) WHERE lane IS NOT NULL;
    CREATE INDEX messages_account ON messages (account, due_at, id);
    CREATE UNIQUE INDEX messages_request_key ON messages (request_key) WHERE request_key IS NOT NULL;

    CREATE TABLE events (
        seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        message TEXT COLLATE "C" NOT NULL,
        at BIGINT NOT NULL,
        who TEXT NOT NULL,
        what TEXT COLLATE "C" NOT NULL,
        attempt BIGINT,
        began_at BIGINT,
        detail TEXT
    );
    CREATE INDEX events_message ON events (message, seq);
    CREATE UNIQUE INDEX events_attempt ON events (message, attempt, began_at) WHERE attempt IS NOT NULL;

    CREATE TABLE accounts (
        account TEXT COLLATE "C" NOT NULL PRIMARY KEY,
        suspended_at BIGINT,
        suspended_by TEXT,
        suspended_reason TEXT,
        catch_up TEXT COLLATE "C",
        catch_up_after BIGINT,
        catch_up_every BIGINT
    );

    CREATE TABLE processes (
        name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
        started_at BIGINT NOT NULL,
        lease_until BIGINT NOT NULL
    );
"#;

const MESSAGES_MYSQL: &str = "
    CREATE TABLE messages (
        id VARCHAR(36) NOT NULL PRIMARY KEY,
        account VARCHAR(256) NOT NULL,
        destination VARCHAR(64) NOT NULL,
        text MEDIUMTEXT NOT NULL,
        state VARCHAR(16) NOT NULL,
        version BIGINT NOT NULL,
        fence BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        in_doubt BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        created_by TEXT NOT NULL,
        due_at BIGINT NOT NULL,
        wall VARCHAR(32),
        zone VARCHAR(64),
        fold VARCHAR(8),
        not_after BIGINT,
        lane BIGINT,
        next_at BIGINT,
        owner VARCHAR(128),
        claimed_at BIGINT,
        first_began_at BIGINT,
        began_at BIGINT,
        sent_at BIGINT,
        receipt TEXT,
        last_error TEXT,
        rkey VARCHAR(16) NOT NULL,
        series VARCHAR(36),
        request_key VARCHAR(255),
        request MEDIUMTEXT,
            INDEX messages_next (lane, next_at, id),
            INDEX messages_next_of_account (lane, account, next_at),
            INDEX messages_account (account, due_at, id),
        UNIQUE INDEX messages_request_key (request_key)
    ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

    CREATE TABLE events (
        seq BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT,
        message VARCHAR(36) NOT NULL,
        at BIGINT NOT NULL,
        who TEXT NOT NULL,
        what VARCHAR(32) NOT NULL,
        attempt BIGINT,
        began_at BIGINT,
        detail TEXT,
            INDEX events_message (message, seq),
        UNIQUE INDEX events_attempt (message, attempt, began_at)
    ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

    CREATE TABLE accounts (
        account VARCHAR(256) NOT NULL PRIMARY KEY,
        suspended_at BIGINT,
        suspended_by TEXT,
        suspended_reason TEXT,
        catch_up VARCHAR(16),
        catch_up_after BIGINT,
        catch_up_every BIGINT
    ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

    CREATE TABLE processes (
        name VARCHAR(128) NOT NULL PRIMARY KEY,
        started_at BIGINT NOT NULL,
        lease_until BIGINT NOT NULL
    ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
";
