//! The schema is brought up to date, once.

use super::rig::{Rig, SCHEMA, Times, open};
use crate::sql::{Database, ErrorKind, Migration, Options};

#[tokio::test]
async fn two_that_start_at_once_migrate_once() {
    for rig in Rig::shared() {
        let url = rig.fresh_database();
        let urls = [&*url];

        let (one, two, three, four) = tokio::join!(open(&urls), open(&urls), open(&urls), open(&urls));

        for database in [one, two, three, four] {
            assert_eq!(database.unwrap().read(Times("one")).await.unwrap(), Some(0));
        }
        assert_eq!(rig.query(&url, "SELECT count(*) FROM words"), [["2"]]);
    }
}

#[tokio::test]
async fn a_migration_waits_for_that_of_another_process() {
    const SLOW: &[Migration] = &[Migration {
        version: 1,
        name: "words",
        sql: |dialect| {
            match dialect {
            crate::sql::Dialect::Postgres => {
                "CREATE TABLE words (word TEXT NOT NULL PRIMARY KEY, times BIGINT NOT NULL); SELECT pg_sleep(3);
                 INSERT INTO words VALUES ('one', 0);"
            }
            _ => {
                "CREATE TABLE words (word VARCHAR(50) NOT NULL PRIMARY KEY, times BIGINT NOT NULL); DO SLEEP(3);
                 INSERT INTO words VALUES ('one', 0);"
            }
        }
        },
    }];
    for rig in Rig::shared() {
        let url = rig.fresh_database();
        let open = || Database::open(Options::servers([&url]).unwrap(), SLOW);

        // Longer than a statement may take, and a lock may be waited for, otherwise.
        let (one, two) = tokio::join!(open(), open());

        assert_eq!(one.unwrap().read(Times("one")).await.unwrap(), Some(0));
        assert_eq!(two.unwrap().read(Times("one")).await.unwrap(), Some(0));
    }
}

#[tokio::test]
async fn a_step_that_was_cut_off_goes_on() {
    // Others have a transaction for it.
    for rig in Rig::shared().into_iter().filter(|rig| matches!(rig, Rig::MariaDb(_))) {
        for cut_off in ["DROP TABLE words", "DELETE FROM words"] {
            let (database, url) = rig.open().await;
            drop(database);
            let begun = "UPDATE _sqlx_migrations SET success = FALSE; SELECT count(*) FROM _sqlx_migrations";
            assert_eq!(rig.query(&url, &format!("{cut_off}; {begun}")), [["1"]]);

            let urls = [&*url];
            let (one, two) = tokio::join!(open(&urls), open(&urls));

            assert_eq!(one.unwrap().read(Times("one")).await.unwrap(), Some(0), "{cut_off}");
            assert_eq!(two.unwrap().read(Times("one")).await.unwrap(), Some(0), "{cut_off}");
        }
    }
}

#[tokio::test]
async fn a_schema_of_a_newer_release_is_still_served() {
    const NEWER: &[Migration] = &[
        SCHEMA[0],
        Migration { version: 2, name: "more", sql: |_| "ALTER TABLE words ADD COLUMN more BIGINT;" },
    ];
    for rig in Rig::shared() {
        let (older, url) = rig.open().await;
        // Prepared for the columns as they are.
        assert_eq!(older.read(Times("one")).await.unwrap(), Some(0));

        drop(Database::open(Options::servers([&url]).unwrap(), NEWER).await.unwrap());

        assert_eq!(older.read(Times("one")).await.unwrap(), Some(0));
        assert_eq!(open(&[&url]).await.unwrap().read(Times("one")).await.unwrap(), Some(0));
    }
}

#[tokio::test]
async fn a_step_that_fails_is_an_error_with_its_reason() {
    const BROKEN: &[Migration] =
        &[Migration { version: 1, name: "nonsense", sql: |_| "CREATE TABLE words (word NONSENSE);" }];
    for rig in Rig::shared() {
        let url = rig.fresh_database();

        let error = Database::open(Options::servers([&url]).unwrap(), BROKEN).await.unwrap_err();

        assert!(error.to_string().to_lowercase().contains("nonsense"), "{error}");
    }
}

#[tokio::test]
async fn a_step_that_was_edited_after_its_release_is_refused() {
    const EDITED: &[Migration] =
        &[Migration { version: 1, name: "words", sql: |_| "CREATE TABLE other (n INT);" }];
    for rig in Rig::shared() {
        let (_, url) = rig.open().await;

        let error = Database::open(Options::servers([&url]).unwrap(), EDITED).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Schema, "{error}");
    }
}
