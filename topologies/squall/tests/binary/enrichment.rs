//! Where activities come from and where they go, as the configuration says.

use std::fmt::Write as _;

use crate::process::{Folder, Process};
use crate::table;

/// Lines, and what is to become of them in a table: ids, and how often.
fn lines(count: u64, random: &mut fastrand::Rng) -> (String, Vec<String>) {
    let (mut text, mut ids) = (String::new(), Vec::new());
    for number in 1..=count {
        match random.u8(..) {
            0..10 => text.push_str("no JSON\n"),
            // What has no id of its own may well be there more than once.
            10..60 => {
                text.push_str("{\"text\":\"Good morning, how is everybody?\"}\n");
                ids.push(format!("posts.ndjson/0/{number}"));
            }
            _ => {
                writeln!(text, "{{\"id\":{number},\"text\":\"Good morning, how is everybody?\"}}").unwrap();
                ids.push(format!("id:{number}"));
            }
        }
    }
    ids.sort();
    (text, ids)
}

#[test]
fn every_line_is_in_the_table_once_though_the_process_is_killed_again_and_again() {
    const COUNT: u64 = 6_000;
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (text, expected) = lines(COUNT, &mut random);
    let folder = Folder::with_config(
        "[enrichment]\ncapacity = 3000\n[enrichment.sink]\ntype = 'sqlite'\npath = 'enriched.sqlite3'\n",
    );
    folder.write("posts.ndjson", &text);
    let path = folder.path().join("enriched.sqlite3");
    let run = ["run", "enrichment", "--input", "posts.ndjson"];

    let mut least = 0;
    for _ in 0..3 {
        least += random.usize(100..1_500);
        let process = Process::spawn(folder.command(&run));
        table::wait_for(&path, least);
        process.signal("KILL");
        process.wait();
    }
    let ended = folder.output(&run);

    assert_eq!(ended.code, Some(0), "seed {seed}: {}", ended.stderr);
    let rows = table::rows(&path);
    let ids: Vec<_> = rows.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids, expected, "seed {seed}");
    assert!(
        rows.iter().all(|(_, json)| json.contains(r#""enrichment":{"language":{"code":"eng""#)),
        "seed {seed}"
    );
    let read: u64 =
        ended.stderr.split(" events in from").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(read < COUNT, "seed {seed}: the last start did not begin anew: {}", ended.stderr);
    let again = folder.output(&run);
    assert!(again.stderr.contains("enrichment: 0 events in"), "seed {seed}: {}", again.stderr);
}

#[test]
fn it_says_at_the_start_what_it_reads_and_writes_and_no_credentials() {
    let folder = Folder::with_config(
        "[enrichment.source]\ntype = 'jetstream'\nurl = 'ws://ada:hunter2@127.0.0.1:1/subscribe'\n\
         [enrichment.sink]\ntype = 'sqlite'\npath = 'enriched.sqlite3'\n",
    );
    let mut process = folder.start(&["run", "enrichment", "--listen", "127.0.0.1:0"]);

    let reads = process.read_until("reads ");
    let writes = process.read_until("writes to ");
    let letters = process.read_until("dead letters");
    let (_, shown) = process.request("GET", "/api/v1/config", "");
    process.signal("TERM");
    let (_, rest) = process.wait();

    assert!(reads.contains("the Jetstream ws://127.0.0.1/subscribe"), "{reads}");
    assert!(writes.contains("the table `activities` of enriched.sqlite3"), "{writes}");
    assert!(letters.contains("dead-*.ndjson"), "{letters}");
    for said in [reads, writes, letters, shown, rest] {
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_dry_run_opens_nothing_and_tells_every_fault_with_its_place() {
    let config = "[enrichment.source]\ntype = 'jetstream'\nurl = 'nowhere'\n\
                  [enrichment.sink]\ntype = 'postgres'\nurl = { env = 'SQUALL_TEST_URL' }\n\
                  [enrichment.dead_letters]\ntype = 'fils'\n";
    let folder = Folder::with_config(config);
    let validate = |url: &str| {
        let mut command = folder.command(&["validate"]);
        command.env("SQUALL_TEST_URL", url);
        folder.end(command)
    };

    let ended = validate("mysqll://ada:hunter2@db1/enriched");

    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    assert!(ended.stderr.contains("squall.toml:8:8"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    folder.write("squall.toml", &config.replace("fils", "files"));
    let ended = validate("mysqll://ada:hunter2@db1/enriched");
    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("squall.toml:1:13") && ended.stderr.contains("squall.toml:4:13"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    folder.write(
        "squall.toml",
        &config.replace("fils", "files").replace("nowhere", "ws://127.0.0.1:1/subscribe"),
    );
    let ended = validate("postgres://ada:hunter2@127.0.0.1:1/enriched");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!folder.path().join("squall-data").exists());
}
