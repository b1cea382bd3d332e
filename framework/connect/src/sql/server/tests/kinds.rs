//! What servers call their errors, and what they are called here.

use futures_util::future::join_all;
use squall_services::Postgres;

use super::rig::{Rig, Write, open};
use crate::sql::{Dialect, ErrorKind};

/// Statements that fail as the server itself would, in situations that no test can bring about.
const POSTGRES: &[(&str, ErrorKind)] = &[
    ("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$", ErrorKind::Full),
    ("DO $$ BEGIN RAISE EXCEPTION 'reserved' USING ERRCODE = '53300'; END $$", ErrorKind::Crowded),
    ("DO $$ BEGIN RAISE EXCEPTION 'serialize' USING ERRCODE = '40001'; END $$", ErrorKind::Conflict),
    ("DO $$ BEGIN RAISE EXCEPTION 'timeout' USING ERRCODE = '55P03'; END $$", ErrorKind::Locked),
    ("INSERT INTO words VALUES (NULL, 0)", ErrorKind::Constraint),
    ("INSERT INTO words VALUES ('one', 0)", ErrorKind::Constraint),
    ("INSERT INTO nowhere VALUES (1)", ErrorKind::Other),
    ("SELECT pg_terminate_backend(pg_backend_pid())", ErrorKind::Away),
];

const MARIADB: &[(&str, ErrorKind)] = &[
    ("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1021, MESSAGE_TEXT = 'Disk full'", ErrorKind::Full),
    ("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table is full'", ErrorKind::Full),
    ("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock'", ErrorKind::Conflict),
    ("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205, MESSAGE_TEXT = 'Lock wait'", ErrorKind::Locked),
    ("INSERT INTO words VALUES (NULL, 0)", ErrorKind::Constraint),
    ("INSERT INTO words VALUES ('one', 0)", ErrorKind::Constraint),
    ("INSERT INTO words (times) VALUES (0)", ErrorKind::Constraint),
    ("INSERT INTO nowhere VALUES (1)", ErrorKind::Other),
    ("KILL CONNECTION connection_id()", ErrorKind::Away),
];

#[tokio::test]
async fn each_error_is_of_the_kind_that_says_what_to_do() {
    for rig in Rig::shared() {
        let (database, url) = rig.open().await;
        let cases = if database.dialect() == Dialect::Postgres { POSTGRES } else { MARIADB };
        for &(sql, kind) in cases {
            let error = database.write(Write(sql)).await.unwrap_err();

            assert_eq!(error.kind(), kind, "{sql}: {error}");
        }
        // Whatever happened, the next is served.
        assert_eq!(database.write(Write("UPDATE words SET times = 1")).await.unwrap(), 2);
        drop(open(&[&url]).await.unwrap());
    }
}

#[tokio::test]
async fn a_server_without_room_is_not_taken_for_one_that_is_away() {
    let room = [("max_connections", "4"), ("superuser_reserved_connections", "0"), ("max_wal_senders", "0")];
    let Some(postgres) = Postgres::start_with(&room) else { return };
    let database = open(&[&postgres.fresh_database()]).await.unwrap();

    let results = join_all((0..8).map(|_| database.write(Write("SELECT pg_sleep(1)")))).await;

    let refused: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(refused.iter().all(|error| error.kind() == ErrorKind::Crowded), "{refused:?}");
    assert_eq!(refused.len(), 4);
    assert_eq!(database.write(Write("UPDATE words SET times = 1")).await.unwrap(), 2);
}
