//! What is in the table is what was in the source, each once.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use squall::prelude::*;
use squall::{Options, RetryPolicy, Running};
use squall_connect::ndjson::{Line, LineSource};
use squall_connect::sql::{self, Access, Connection, Database};
use squall_enrichment::{
    Activity, JetstreamSettings, JetstreamSource, Places, SqlOutput, SqlSink, WikimediaSettings,
    WikimediaSource,
};
use squall_services::Postgres;

use crate::job::wait_until;
use crate::log::{APART, Log};
use crate::web_socket_server::Server;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A file, and a server where there is one.
fn databases(folder: &Path) -> Vec<sql::Options> {
    let mut databases = vec![sql::Options::file(folder.join("activities.sqlite3"))];
    if let Some(postgres) = Postgres::shared() {
        databases.push(sql::Options::servers([postgres.fresh_database()]).unwrap());
    }
    databases
}

#[derive(Clone)]
struct All;

impl Access for All {
    type Answer = Vec<(String, String)>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        let rows = connection.fetch_all("SELECT id, json FROM activities ORDER BY id", []).await?;
        rows.iter().map(|row| Ok((row.text("id")?, row.text("json")?))).collect()
    }
}

/// What is in the table, sorted.
fn table(database: &sql::Options) -> Vec<(String, String)> {
    let mut rows =
        block_on(async { Database::open(database.clone(), &[]).await.unwrap().read(All).await.unwrap() });
    rows.sort();
    rows
}

fn for_ever() -> RetryPolicy {
    RetryPolicy {
        attempts: u32::MAX,
        backoff: Duration::from_millis(2),
        max_backoff: Duration::from_millis(20),
    }
}

/// Lines become activities; what is none is nobody's business here.
struct Read;

impl Bolt for Read {
    type In = Line;
    type Out = Emit<Activity>;

    async fn execute(&mut self, line: Line, out: &mut Output<Emit<Activity>>) -> Result<()> {
        if let Ok(activity) = Activity::parse(line.number, line.text()) {
            out.emit(activity);
        }
        Ok(())
    }
}

fn into_table(mut t: TopologyBuilder, lines: Stream<Line>, output: &SqlOutput) -> Running {
    let parsed = t.bolt("read", || Read).tasks(2).shuffle(lines).output();
    let output = output.clone();
    t.concurrent_bolt("write", move || SqlSink::new(output.clone())).concurrency(64).shuffle(parsed);
    Running::start(t.build().unwrap(), Options::default().threads(2)).unwrap()
}

fn run_jetstream(source: &JetstreamSource, output: &SqlOutput) -> Running {
    let mut t = TopologyBuilder::new("posts");
    let source = source.clone();
    let (lines, _) = t
        .spout_with("in", async move |context: &TaskContext| source.spout(context))
        .max_pending(128)
        .replay(for_ever())
        .output();
    into_table(t, lines, output)
}

fn run_lines(source: &LineSource, output: &SqlOutput) -> Running {
    let progress = source.clone();
    output.follow(move || progress.progress().done_to());
    let mut t = TopologyBuilder::new("lines");
    let source = source.clone();
    let lines = t.spout("in", move || source.lines()).max_pending(128).output();
    into_table(t, lines.lines, output)
}

#[test]
fn every_event_of_a_jetstream_is_in_the_table_once_though_servers_and_workers_fail() {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = tempfile::tempdir().unwrap();
    for database in databases(folder.path()) {
        let log = Log::of_posts(2_000, &mut random);
        let server = Server::start(log.clone(), Some(random.u64(..)));
        let settings = JetstreamSettings {
            overlap: Duration::from_micros(50 * APART as u64),
            look_back: Duration::from_secs(3600),
            silence: Duration::from_millis(300),
            pauses: Some(for_ever()),
            ..JetstreamSettings::new(&server.url)
        };
        let mut before = 0;
        for part in [700, 1_400, 2_000] {
            let source = JetstreamSource::open(settings.clone(), None).unwrap();
            let output = block_on(SqlOutput::open(database.clone(), "jetstream", Places::Contents)).unwrap();
            assert_eq!(output.cursor().is_some(), part > 700, "it stands with what came of the events");
            source.keep_in(&output);
            let running = run_jetstream(&source, &output);
            wait_until("the next part", || before + output.written() >= part);
            if part < 2_000 {
                running.kill();
                drop(running.wait_blocking());
            } else {
                running.drain(Duration::from_secs(20));
                running.wait_blocking().unwrap();
            }
            before = table(&database).len() as u64;
        }

        let mut expected: Vec<_> =
            log.ids().into_iter().zip(log.since(0).into_iter().map(|(_, json)| json)).collect();
        expected.sort();
        assert_eq!(table(&database), expected, "{database}");
    }
}

#[test]
fn every_line_of_a_file_is_in_the_table_once_and_a_restart_goes_on_where_all_was_done() {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("posts.ndjson");
    let mut file = std::fs::File::create(&path).unwrap();
    let mut expected = Vec::new();
    for number in 1..=3_000 {
        match random.u8(..) {
            0..5 => writeln!(file).unwrap(),
            5..10 => writeln!(file, "no JSON").unwrap(),
            // What has no id of its own may well be there more than once.
            10..60 => {
                writeln!(file, r#"{{"text":"good morning"}}"#).unwrap();
                expected.push((format!("posts/0/{number}"), r#"{"text":"good morning"}"#.to_owned()));
            }
            _ => {
                let json = format!(r#"{{"id":"{number}","text":"good morning"}}"#);
                writeln!(file, "{json}").unwrap();
                expected.push((format!("id:\"{number}\""), json));
            }
        }
    }
    drop(file);
    expected.sort();

    for database in databases(folder.path()) {
        let mut done_to = 0;
        for part in 0.. {
            let output = block_on(SqlOutput::open(database.clone(), "posts", Places::Numbers)).unwrap();
            assert!(output.done_to() >= done_to, "it never goes back");
            done_to = output.done_to();
            let source = LineSource::open(path.to_str().unwrap()).unwrap().skip(done_to);
            let running = run_lines(&source, &output);
            if part < 4 {
                let some = random.u64(1..800);
                wait_until("some lines", || output.written() >= some || source.progress().ended());
                running.kill();
                drop(running.wait_blocking());
                continue;
            }
            running.wait_blocking().unwrap();
            block_on(output.write_progress()).unwrap();
            break;
        }
        assert_eq!(table(&database), expected, "{database}");
        assert!(done_to > 0, "the last start did not begin anew");
        let again = block_on(SqlOutput::open(database.clone(), "posts", Places::Numbers)).unwrap();
        let last = if again.done_to() == 3_000 { 3_000 } else { 3_000 - trailing_blanks(&path) };
        assert_eq!(again.done_to(), last);
    }
}

/// Lines at the end with nothing in them: nobody has to do them.
fn trailing_blanks(path: &Path) -> u64 {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().rev().take_while(|line| line.is_empty()).count() as u64
}

#[test]
fn a_feed_goes_on_where_the_table_says_and_whoever_was_replaced_moves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for database in databases(folder.path()) {
        let file = folder.path().join("wikimedia.cursor");
        std::fs::write(&file, "[1]").unwrap();
        let settings = WikimediaSettings::new("http://127.0.0.1:1/");
        let source = || WikimediaSource::open(settings.clone(), Some(&file)).unwrap();
        let open = async || SqlOutput::open(database.clone(), "wikimedia", Places::Contents).await.unwrap();
        block_on(async {
            let (first, old) = (source(), open().await);
            first.keep_in(&old);
            assert_eq!(
                first.cursor().as_deref(),
                Some("[1]"),
                "a file from before, and a table that knows nothing"
            );
            old.write_progress().await.unwrap();

            old.follow_cursor(|| Some("[2]".to_owned()));
            old.write(&Activity::parse(1, r#"{"id":1}"#).unwrap()).await.unwrap();
            let (second, new) = (source(), open().await);
            second.keep_in(&new);
            assert_eq!(
                second.cursor().as_deref(),
                Some("[2]"),
                "written with the activity, and newer than the file"
            );

            old.follow_cursor(|| Some("[3]".to_owned()));
            assert!(old.write_progress().await.is_err());
            new.follow_cursor(|| None);
            new.write(&Activity::parse(2, r#"{"id":2}"#).unwrap()).await.unwrap();
            assert_eq!(open().await.cursor().as_deref(), Some("[2]"));
        });
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "[1]", "the table keeps it");
    }
}

#[test]
fn whoever_was_replaced_writes_nothing_any_more_and_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    for database in databases(folder.path()) {
        let activity = |number: u64| Activity::parse(number, format!(r#"{{"id":{number}}}"#)).unwrap();
        let open = async || SqlOutput::open(database.clone(), "posts", Places::Numbers).await.unwrap();
        block_on(async {
            let old = open().await;
            old.write(&activity(1)).await.unwrap();
            old.follow(|| 1);
            old.write_progress().await.unwrap();

            let new = open().await;
            assert!(new.fence() > old.fence());
            assert_eq!(new.done_to(), 1);
            old.follow(|| 1_000_000);
            let error = old.write(&activity(2)).await.unwrap_err();
            assert!(error.to_string().contains("another process has claimed the source `posts`"), "{error}");
            assert!(!error.is_permanent(), "it is no dead letter: the other one has it");
            new.write(&activity(3)).await.unwrap();
            new.write(&activity(3)).await.unwrap();
            assert_eq!((new.written(), new.repeated(), old.written()), (1, 1, 1));

            // Another source of the same table is none of its business.
            let other = SqlOutput::open(database.clone(), "others", Places::Numbers).await.unwrap();
            assert_eq!(other.done_to(), 0);
            new.write(&activity(4)).await.unwrap();
            assert_eq!(open().await.done_to(), 1);
        });
        let ids: Vec<_> = table(&database).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["id:1", "id:3", "id:4"], "{database}");
    }
}

/// Forgets how files begin, as it was before that was kept.
#[derive(Clone)]
struct Forget;

impl Access for Forget {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        connection.execute("UPDATE sources SET fingerprint = NULL", []).await.map(drop)
    }
}

#[test]
fn a_file_that_begins_otherwise_is_refused_once_some_of_it_is_done_and_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    for database in databases(folder.path()) {
        let open = async |fingerprint: Option<&str>| {
            SqlOutput::open_file(database.clone(), "/posts", fingerprint.map(str::to_owned)).await
        };
        block_on(async {
            open(Some("a")).await.unwrap();
            let reader = open(Some("b")).await.expect("nothing is done, so that nothing is passed over");
            reader.follow(|| 7);
            reader.write_progress().await.unwrap();

            let refused = open(Some("a")).await.unwrap_err();
            assert!(refused.is_permanent(), "{refused}");
            assert!(refused.to_string().contains("its first 7 lines"), "{refused}");
            reader.write(&Activity::parse(8, r#"{"id":8}"#).unwrap()).await.expect("its claim stands");
            assert_eq!(open(Some("b")).await.unwrap().done_to(), 7);
            assert_eq!(open(None).await.unwrap().done_to(), 7, "it has no line to be known by");

            let rows = Database::open(database.clone(), &[]).await.unwrap();
            rows.write(Forget).await.unwrap();
            drop(rows);
            assert_eq!(open(Some("c")).await.unwrap().done_to(), 7, "one from before takes it over");
            assert!(open(Some("b")).await.is_err());
        });
    }
}
