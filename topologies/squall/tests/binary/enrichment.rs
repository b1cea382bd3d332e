//! Where activities come from and where they go, as the configuration says.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::thread;

use crate::process::{Folder, Process};
use crate::table;

/// Lines of the file `path`, and what is to become of them in a table: ids, and how often.
fn lines(path: &Path, count: u64, random: &mut fastrand::Rng) -> (String, Vec<String>) {
    let (mut text, mut ids) = (String::new(), Vec::new());
    for number in 1..=count {
        match random.u8(..) {
            0..10 => text.push_str("no JSON\n"),
            // What has no id of its own may well be there more than once.
            10..60 => {
                text.push_str("{\"text\":\"Good morning, how is everybody?\"}\n");
                ids.push(format!("{}/0/{number}", path.display()));
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
    let folder = Folder::with_config(
        "[enrichment]\ncapacity = 3000\n[enrichment.sink]\ntype = 'sqlite'\npath = 'enriched.sqlite3'\n",
    );
    let posts = folder.path().canonicalize().unwrap().join("posts.ndjson");
    let (text, expected) = lines(&posts, COUNT, &mut random);
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
fn a_text_and_a_number_are_two_ids_and_what_was_in_the_table_already_is_told() {
    let folder = Folder::with_config("[enrichment.sink]\ntype = 'sqlite'\npath = 'enriched.sqlite3'\n");
    folder.write("posts.ndjson", "{\"id\":7}\n{\"id\":\"7\"}\n{\"id\":7}\n");

    let ended = folder.output(&["run", "enrichment", "--input", "posts.ndjson"]);

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("3 events in"), "{}", ended.stderr);
    assert!(ended.stderr.contains("(1 of them were there already)"), "{}", ended.stderr);
    let ids: Vec<_> =
        table::rows(&folder.path().join("enriched.sqlite3")).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [r#"id:"7""#, "id:7"]);
}

#[test]
fn a_file_goes_on_behind_what_is_in_the_table_from_whichever_folder_it_is_named_and_that_is_told() {
    let folder = Folder::with_config("[enrichment.sink]\ntype = 'sqlite'\npath = 'enriched.sqlite3'\n");
    folder.write("posts.ndjson", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n");
    let path = folder.path().canonicalize().unwrap().join("posts.ndjson");
    let run = |input: &str| folder.output(&["run", "enrichment", "--input", input]);

    let first = run("posts.ndjson");
    assert!(
        first.stderr.contains("2 events in") && !first.stderr.contains("earlier run"),
        "{}",
        first.stderr
    );
    folder.write("posts.ndjson", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n{\"text\":\"c\"}\n");
    let second = run(path.to_str().unwrap());
    assert!(second.stderr.contains("1 events in"), "{}", second.stderr);
    assert!(
        second.stderr.contains("  2 lines were done in an earlier run and are passed over"),
        "{}",
        second.stderr
    );
    assert!(!second.stderr.contains("warning"), "{}", second.stderr);

    folder.write("posts.ndjson", "{\"text\":\"a\"}\n");
    let cut = run("posts.ndjson");
    assert!(cut.stderr.contains("  3 lines were done in an earlier run"), "{}", cut.stderr);
    assert!(cut.stderr.contains("warning: posts.ndjson has only 1 lines"), "{}", cut.stderr);
    assert_eq!(table::rows(&folder.path().join("enriched.sqlite3")).len(), 3);
}

#[test]
fn a_file_that_has_become_another_one_is_refused_and_read_under_another_name() {
    let folder = Folder::with_config("[enrichment.sink]\ntype = 'sqlite'\npath = 'enriched.sqlite3'\n");
    let run = |input: &str| folder.output(&["run", "enrichment", "--input", input]);
    folder.write("posts.ndjson", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n");
    assert_eq!(run("posts.ndjson").code, Some(0));

    let others = "{\"text\":\"c\"}\n{\"text\":\"d\"}\n{\"text\":\"e\"}\n";
    folder.write("posts.ndjson", others);
    let refused = run("posts.ndjson");
    folder.write("others.ndjson", others);
    let read = run("others.ndjson");

    assert_eq!(refused.code, Some(69), "{}", refused.stderr);
    for words in [
        "posts.ndjson does not begin as it did when its first 2 lines went",
        "enriched.sqlite3",
        "DELETE FROM",
    ] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    assert_eq!(read.code, Some(0), "{}", read.stderr);
    assert_eq!(table::rows(&folder.path().join("enriched.sqlite3")).len(), 5);
}

#[test]
fn a_source_without_an_end_ends_when_nobody_reads_its_output_any_more() {
    let folder = Folder::new();
    let (reader, writer) = io::pipe().unwrap();
    let reading = thread::spawn(move || BufReader::new(reader).lines().next().unwrap().unwrap());

    let run = ["run", "enrichment", "--output", "-", "--listen", "127.0.0.1:0"];
    let ended = folder.command(&run).stdout(writer).output().unwrap();

    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot write to standard output: Broken pipe"), "{said}");
    assert!(said.contains(" events were written before"), "{said}");
    assert!(reading.join().unwrap().starts_with('{'));
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_takes_nothing_is_told_once_and_not_for_each_event() {
    let folder = Folder::with_config("[enrichment.source]\ntype = 'generator'\nrate = 1000\nevents = 300\n");
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();

    let run = ["run", "enrichment", "--output", "-", "--listen", "127.0.0.1:0"];
    let ended = folder.command(&run).stdout(full).output().unwrap();

    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(said.matches("cannot write to standard output: No space left").count(), 1, "{said}");
}

#[test]
fn it_says_at_the_start_what_it_reads_and_writes_and_no_credentials() {
    let folder = Folder::with_config(
        "[enrichment.source]\ntype = 'jetstream'\nurl = 'ws://ada:hunter2@127.0.0.1:1/subscribe?token=hunter2'\n\
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
