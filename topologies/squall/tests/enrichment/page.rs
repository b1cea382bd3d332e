//! The page *Enrichment* of the README: each of its commands does what is said there, in this order.
//!
//! What is changed: the addresses of others are those of a broker and of a feed on the loopback, and the binary is the one
//! that was built for the tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use squall_services::{Kafka, Port, Process};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

use crate::dice::dice;
use crate::events::Events;
use crate::node::{PATIENCE, wait_until};
use crate::topic::Topic;
use crate::verdict::distinct;

const README: &str = include_str!("../../../../README.md");

/// Activities for each part of it.
const FEW: usize = 200;

/// The blocks of the page in their order, each with its language.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let (_, page) = README.split_once("\n### Enrichment\n").expect("the page is there");
    let page = page.split("\n## ").next().unwrap();
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).collect()
}

/// The folder in which somebody follows the page.
struct Reader {
    folder: TempDir,
    /// What stands on the page, and what is there in the test.
    instead: Vec<(String, String)>,
}

impl Reader {
    fn new(instead: Vec<(String, String)>) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), instead }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn reads(&self, text: &str) -> String {
        self.instead.iter().fold(text.to_owned(), |text, (there, here)| text.replace(there, here))
    }

    /// Saves what says the name of its file, and checks what does not.
    fn save(&self, block: &str) {
        let named = block.lines().next().and_then(|line| line.strip_prefix("# "));
        let name = named.filter(|line| line.ends_with(".toml")).unwrap_or("checked.toml");
        fs::write(self.path(name), self.reads(block)).unwrap();
        self.run(&format!("cargo run --release -- validate --config {name}"));
    }

    /// The line as a shell gets it.
    fn shell(&self, line: &str) -> Vec<String> {
        let binary = env!("CARGO_BIN_EXE_squall");
        let line = self.reads(line);
        let line = line.replace("cargo run --release --features kafka --", binary);
        let line = line.replace("cargo run --release --", binary);
        vec!["-c".to_owned(), format!("cd '{}' && {line}", self.folder.path().display())]
    }

    /// Runs a line to its end. Returns what it said.
    fn run(&self, line: &str) -> String {
        let ended = Command::new("sh").args(self.shell(line)).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{line}: {said}");
        String::from_utf8(ended.stdout).unwrap()
    }

    /// Starts what has no end.
    fn start(&self, line: &str) -> Process {
        let process = Process::of("/bin/sh").args(self.shell(&format!("exec {line}")));
        process.start();
        process
    }
}

/// The first line of the page with this part.
fn line(part: &str) -> &'static str {
    let lines = blocks().into_iter().filter(|(kind, _)| *kind == "sh").flat_map(|(_, block)| block.lines());
    lines.into_iter().find(|line| line.contains(part)).unwrap_or_else(|| panic!("no line with `{part}`"))
}

fn end(process: &Process) {
    process.terminate();
    let status = process.wait_for_end(PATIENCE);
    assert!(status.success(), "{status}: {}", process.log());
}

/// A feed that gives these events to everybody, and then says nothing. Returns its address.
fn feed(lines: Vec<String>) -> String {
    let (address, there) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            address.send(format!("ws://{}/subscribe", listener.local_addr().unwrap())).unwrap();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let mut socket = tokio_tungstenite::accept_async(socket).await.unwrap();
                for line in &lines {
                    socket.send(Message::text(line.clone())).await.unwrap();
                }
                // Pings are answered while it is read, until the other side goes.
                while socket.next().await.is_some_and(|message| message.is_ok()) {}
            }
        });
    });
    there.recv().unwrap()
}

async fn rows(database: &Path) -> i64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database).read_only(true);
    let Ok(pool) = sqlx::SqlitePool::connect_with(options).await else { return 0 };
    sqlx::query_scalar("SELECT count(*) FROM activities").fetch_one(&pool).await.unwrap_or(0)
}

#[test]
fn every_command_of_the_page_does_what_it_says() {
    let Some(kafka) = Kafka::shared() else { return };
    let mut dice = dice("the page");
    let (events, further) = (Events::of(FEW, &mut dice), Events::of(FEW, &mut dice));
    let brokers = kafka.brokers();
    let topics = ["activities", "enriched", "not-enriched"].map(|name| Topic::new(&brokers, name));
    let [input, output, letters] = &topics;
    let ports = [Port::reserve(), Port::reserve()];
    let topic =
        |name: &str, there: &Topic| (format!("topic = \"{name}\""), format!("topic = \"{}\"", there.name));
    let reader = Reader::new(vec![
        (
            "wss://jetstream2.us-east.bsky.network/subscribe".to_owned(),
            feed(events.by_id.values().cloned().collect()),
        ),
        ("localhost:9092".to_owned(), brokers),
        topic("activities", input),
        topic("enriched", output),
        topic("not-enriched", letters),
        ("127.0.0.1:8090".to_owned(), ports[0].address().to_string()),
        ("127.0.0.1:8091".to_owned(), ports[1].address().to_string()),
    ]);
    blocks().iter().filter(|(kind, _)| *kind == "toml").for_each(|(_, block)| reader.save(block));
    let here = format!(" --listen {}", ports[0].address());

    // 1. A file.
    reader.run(line("> activities.ndjson"));
    reader.run(line("--input activities.ndjson"));
    let enriched = fs::read_to_string(reader.path("enriched.ndjson")).unwrap();
    assert_eq!(enriched.lines().count(), 2, "{enriched}");
    assert!(enriched.contains(r#""iso639_1":"de""#), "{enriched}");

    // 2. A live feed.
    let process = reader.start(&(line("jetstream.toml").to_owned() + &here));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let posts = events.len() as i64;
    process.wait_until("all events in the table", PATIENCE, || {
        runtime.block_on(rows(&reader.path("activities.db"))) == posts
    });
    end(&process);

    // 3. Topics.
    let first = reader.start(&(line("kafka.toml").to_owned() + &here));
    input.write(&events, Duration::ZERO, &mut dice);
    wait_until("the first activities", &[], || distinct(&output.read()) == events.len());

    // 4. Another process, and what both have to do; then the first one goes.
    let second = reader.start(line("squall-data-2"));
    second.wait_for_line("Topology started", PATIENCE);
    let overload: Value = serde_json::from_str(&reader.run(line("curl"))).unwrap();
    assert!(overload["out_per_s"].is_number() && overload["backlog_records"].is_number(), "{overload}");
    end(&first);
    input.write(&further, Duration::ZERO, &mut dice);
    wait_until("the further activities", &[], || {
        distinct(&output.read())
            == events
                .by_id
                .keys()
                .chain(further.by_id.keys())
                .collect::<std::collections::BTreeSet<_>>()
                .len()
    });
    end(&second);
    assert_eq!(letters.read().len(), events.poison.len() + further.poison.len());
}
