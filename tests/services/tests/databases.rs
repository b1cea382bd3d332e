//! Each database starts, keeps what was committed, stands still when told, refuses writes when told, and leaves nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the message")]

use squall_services::{MariaDb, Postgres};
use std::fs;

/// The state of a process: `T` is stopped.
fn state(pid: i32) -> char {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
}

fn lives(pid: i32) -> bool {
    fs::exists(format!("/proc/{pid}")).unwrap()
}

/// The same tests for both: their rigs have the same methods.
macro_rules! promises {
    ($name:ident, $rig:ty) => {
        mod $name {
            use super::*;

            #[test]
            fn a_hard_stop_keeps_what_was_committed() {
                let Some(server) = <$rig>::start() else { return };
                let url = server.fresh_database();
                server.execute(&url, "CREATE TABLE kept (n int)").unwrap();
                server.execute(&url, "INSERT INTO kept VALUES (1), (NULL)").unwrap();
                for _ in 0..2 {
                    server.stop_hard();
                    assert!(server.pids().is_empty());
                    assert!(server.execute(&url, "SELECT 1").is_err());
                    server.start_again();
                    assert_eq!(server.query(&url, "SELECT n, 'x' FROM kept ORDER BY n IS NULL"), wanted());
                }
            }

            #[test]
            fn what_is_read_only_says_so_and_takes_writes_again() {
                let Some(server) = <$rig>::start() else { return };
                let url = server.fresh_database();
                server.execute(&url, "CREATE TABLE kept (n int)").unwrap();
                server.read_only(true);
                let refused = server.execute(&url, "INSERT INTO kept VALUES (1)").unwrap_err();
                assert!(refused.contains("read-only"), "{refused}");
                server.read_only(false);
                server.execute(&url, "INSERT INTO kept VALUES (1)").unwrap();
                assert_eq!(server.query(&url, "SELECT n FROM kept"), [["1"]]);
            }

            #[test]
            fn what_is_frozen_stands_still_and_nothing_of_it_is_left_in_the_end() {
                let Some(server) = <$rig>::start() else { return };
                let folder = server.folder().to_owned();
                server.freeze();
                let pids = server.pids();
                assert!(!pids.is_empty() && pids.iter().all(|pid| state(*pid) == 'T'));
                server.thaw();
                let url = server.fresh_database();
                assert_eq!(server.query(&url, "SELECT 1"), [["1"]]);

                server.freeze();
                let pids = server.pids();
                drop(server);
                assert!(!pids.into_iter().any(lives));
                assert!(!folder.exists());
            }

            #[test]
            fn each_fresh_database_of_the_shared_server_is_empty() {
                let Some(server) = <$rig>::shared() else { return };
                let (one, other) = (server.fresh_database(), server.fresh_database());
                server.execute(&one, "CREATE TABLE taken (n int)").unwrap();
                assert!(server.execute(&one, "CREATE TABLE taken (n int)").is_err());
                server.execute(&other, "CREATE TABLE taken (n int)").unwrap();
            }
        }
    };
}

fn wanted() -> [[&'static str; 2]; 2] {
    [["1", "x"], ["NULL", "x"]]
}

promises!(postgres, Postgres);
promises!(mariadb, MariaDb);
