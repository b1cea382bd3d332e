//! Values go in and come out as they are.

use super::rig::Rig;
use crate::sql::{Access, Connection, Dialect, Row, Value};

#[derive(Clone)]
struct Ask(&'static str, Vec<Value>);

impl Access for Ask {
    type Answer = Row;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Row, sqlx::Error> {
        connection.fetch_optional(self.0, self.1).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

#[derive(Clone)]
struct Keep(Vec<Value>);

impl Access for Keep {
    type Answer = u64;

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, sqlx::Error> {
        let bytes = if connection.dialect() == Dialect::Postgres { "BYTEA" } else { "BLOB" };
        let table = format!("CREATE TABLE things (number BIGINT, small SMALLINT, word TEXT, bytes {bytes})");
        connection.execute(sqlx::AssertSqlSafe(table), []).await?;
        connection.execute("INSERT INTO things VALUES (?, ?, ?, ?)", self.0).await
    }
}

#[tokio::test]
async fn every_type_goes_in_and_comes_out() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;
        let values =
            vec![i64::MIN.into(), true.into(), "Grüße, 'O''Neil'? \\ 👋".into(), vec![0_u8, 255].into()];

        assert_eq!(database.write(Keep(values)).await.unwrap(), 1);
        let row = database.read(Ask("SELECT * FROM things", vec![])).await.unwrap();

        assert_eq!(row.int("number").unwrap(), i64::MIN);
        assert_eq!(row.int("small").unwrap(), 1);
        assert_eq!(row.text("word").unwrap(), "Grüße, 'O''Neil'? \\ 👋");
        assert_eq!(row.bytes("bytes").unwrap(), [0, 255]);
        assert!(row.int("word").is_err());
        assert!(row.int("nothing").is_err());
    }
}

#[tokio::test]
async fn nulls_go_in_and_come_out() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;
        let values =
            vec![None::<i64>.into(), None::<bool>.into(), None::<String>.into(), None::<Vec<u8>>.into()];

        database.write(Keep(values)).await.unwrap();
        let row = database.read(Ask("SELECT * FROM things", vec![])).await.unwrap();

        assert_eq!(row.optional_int("number").unwrap(), None);
        assert_eq!(row.optional_text("word").unwrap(), None);
        assert!(row.int("number").is_err());
    }
}

#[tokio::test]
async fn a_batch_goes_as_one_text() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;
        let sql = match database.dialect() {
            Dialect::Postgres => {
                "SELECT count(*) AS n, sum(b.times)::bigint AS times, min(b.word) AS word
                 FROM json_to_recordset(?::json) AS b(word text, times bigint) WHERE b.times > ?"
            }
            _ => {
                "SELECT count(*) AS n, CAST(sum(b.times) AS SIGNED) AS times, min(b.word) AS word
                 FROM JSON_TABLE(?, '$[*]' COLUMNS (word VARCHAR(50) PATH '$.word', times BIGINT PATH '$.times')) AS b
                 WHERE b.times > ?"
            }
        };
        let batch = r#"[{"word":"ü?","times":1},{"word":"v","times":2},{"word":"w","times":-1}]"#;

        let row = database.read(Ask(sql, vec![batch.into(), 0_i64.into()])).await.unwrap();

        assert_eq!((row.int("n").unwrap(), row.int("times").unwrap()), (2, 3));
        assert_eq!(row.text("word").unwrap(), if database.dialect() == Dialect::Mysql { "ü?" } else { "v" });
    }
}

#[tokio::test]
async fn a_session_has_the_settings_that_the_statements_count_on() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;
        let (sql, expected) = match database.dialect() {
            Dialect::Postgres => (
                "SELECT current_setting('transaction_isolation') || ', ' || current_setting('TimeZone') || ', '
                     || current_setting('statement_timeout') || ', ' || current_setting('lock_timeout') AS settings",
                "read committed, UTC, 3s, 2s",
            ),
            _ => (
                r#"SELECT @@tx_isolation || ', ' || @@time_zone || ', ' || @@max_statement_time || ', '
                       || @@innodb_lock_wait_timeout || ', ' || @@character_set_client AS "settings""#,
                "READ-COMMITTED, +00:00, 3.000000, 2, utf8mb4",
            ),
        };

        let row = database.read(Ask(sql, vec![])).await.unwrap();

        assert_eq!(row.text("settings").unwrap(), expected);
    }
}
