//! What is written, whole or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Barrier;

use super::rig::{COUNT, Rig, Times, Write, Writes};
use crate::sql::{Access, Connection, Dialect, ErrorKind};

#[tokio::test]
async fn an_access_is_done_as_a_whole_or_not_at_all() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;
        let doubled =
            ["UPDATE words SET times = 7 WHERE word = 'one'", "INSERT INTO words VALUES ('two', 0)"];

        let error = database.write(Writes(doubled)).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Constraint, "{error}");
        assert_eq!(database.read(Times("one")).await.unwrap(), Some(0));
        database.write(Writes([doubled[0]])).await.unwrap();
        assert_eq!(database.read(Times("one")).await.unwrap(), Some(7));
    }
}

/// Says that all is well, whatever happened.
#[derive(Clone)]
struct Careless;

impl Access for Careless {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        drop(connection.execute("INSERT INTO words VALUES ('two', 0)", []).await);
        Ok(())
    }
}

#[tokio::test]
async fn a_failure_that_an_access_hides_comes_out() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;

        assert_eq!(database.write(Careless).await.unwrap_err().kind(), ErrorKind::Constraint);
    }
}

/// Counts a word, and panics.
#[derive(Clone)]
struct Panic;

impl Access for Panic {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        connection.execute(COUNT, []).await?;
        panic!("as it was told to");
    }
}

#[tokio::test]
async fn what_panics_is_undone() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;

        let error = database.write(Panic).await.unwrap_err();

        assert!(error.to_string().contains("panicked"), "{error}");
        assert_eq!(database.read(Times("one")).await.unwrap(), Some(0));
        database.write(Write(COUNT)).await.unwrap();
    }
}

#[tokio::test]
async fn rows_count_that_were_written_with_what_they_held() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;

        assert_eq!(database.write(Write("UPDATE words SET times = 0")).await.unwrap(), 2);
    }
}

/// Counts both words, one after another, with all others in between at the first try.
#[derive(Clone)]
struct CountBoth {
    order: [&'static str; 2],
    meeting: Arc<Barrier>,
    tries: Arc<AtomicUsize>,
}

impl Access for CountBoth {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        let is_first = self.tries.fetch_add(1, Ordering::Relaxed) == 0;
        for word in self.order {
            connection.execute("UPDATE words SET times = times + 1 WHERE word = ?", [word.into()]).await?;
            if is_first && word == self.order[0] {
                self.meeting.wait().await;
            }
        }
        Ok(())
    }
}

#[tokio::test]
async fn of_two_that_wait_for_each_other_both_are_done() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;
        let meeting = Arc::new(Barrier::new(2));
        let count = |order| CountBoth { order, meeting: Arc::clone(&meeting), tries: Arc::default() };
        let (one, other) = (count(["one", "two"]), count(["two", "one"]));
        let tries = [Arc::clone(&one.tries), Arc::clone(&other.tries)];

        let (first, second) = tokio::join!(database.write(one), database.write(other));

        first.unwrap();
        second.unwrap();
        assert!(tries.iter().map(|tries| tries.load(Ordering::Relaxed)).sum::<usize>() > 2, "no deadlock");
        assert_eq!(database.read(Times("one")).await.unwrap(), Some(2));
        assert_eq!(database.read(Times("two")).await.unwrap(), Some(2));
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_broken_off_and_the_next_is_served() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;
        let sleep = match database.dialect() {
            Dialect::Postgres => "SELECT pg_sleep(60)",
            _ => "SELECT count(*) FROM seq_1_to_100000000 WHERE sha2(seq, 512) = 'x'",
        };

        let error = database.write(Write(sleep)).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Slow, "{error}");
        assert_eq!(database.read(Times("one")).await.unwrap(), Some(0));
    }
}

/// Three at a time for each connection. All write one row, one after another.
const CALLERS: usize = 24;

#[tokio::test]
async fn more_callers_than_connections_are_all_served() {
    for rig in Rig::shared() {
        let (database, _) = rig.open().await;
        let count = || database.write(Write("UPDATE words SET times = times + 1 WHERE word = 'one'"));

        for result in futures_util::future::join_all((0..CALLERS).map(|_| count())).await {
            result.unwrap();
        }

        assert_eq!(database.read(Times("one")).await.unwrap(), Some(CALLERS as i64));
    }
}
