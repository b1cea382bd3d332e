//! What is said when the process cannot start, and what it serves when it does.

use std::net::TcpListener;

use crate::process::Folder;

#[test]
fn a_port_in_use_is_one_sentence_and_69() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();

    let ended = Folder::new().output(&["run", "scheduled-messages", "--listen", &addr]);

    assert_eq!(ended.code, Some(69), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.starts_with(&format!("error: cannot listen on {addr}: ")), "{}", ended.stderr);
}

#[test]
fn a_data_directory_that_cannot_be_written_is_one_sentence_and_69() {
    let folder = Folder::new();
    folder.write("file", "");

    let ended =
        folder.output(&["run", "scheduled-messages", "--listen", "127.0.0.1:0", "--data-dir", "file/data"]);

    assert_eq!(ended.code, Some(69), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("cannot use the data directory file/data"), "{}", ended.stderr);
}

#[test]
fn a_data_directory_in_use_is_one_sentence_and_69() {
    let folder = Folder::new();
    let first = folder.start(&["run", "scheduled-messages", "--listen", "127.0.0.1:0"]);

    let second = folder.output(&["run", "scheduled-messages", "--listen", "127.0.0.1:0"]);

    assert_eq!(second.code, Some(69), "{}", second.stderr);
    assert_eq!(second.stderr.lines().count(), 1, "{}", second.stderr);
    assert!(second.stderr.contains("in use by another process"), "{}", second.stderr);
    drop(first);
}

#[test]
fn an_unknown_topology_is_a_usage_error_with_a_suggestion() {
    let ended = Folder::new().output(&["run", "enrichmnt"]);

    assert_eq!(ended.code, Some(2));
    assert_eq!(ended.stderr, "error: there is no topology `enrichmnt`; did you mean `enrichment`?\n");
}

#[test]
fn an_unknown_flag_is_a_usage_error() {
    assert_eq!(Folder::new().output(&["run", "--lisen", "x"]).code, Some(2));
}

#[test]
fn the_version_is_told() {
    let ended = Folder::new().output(&["--version"]);

    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.stdout, format!("squall {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn without_a_command_everything_runs() {
    let squall = Folder::new().start(&["--listen", "127.0.0.1:0"]);

    let (status, body) = squall.request("GET", "/api/v1/topologies", "");

    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    let names: Vec<&str> = answer["topologies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["name"].as_str().unwrap())
        .collect();
    assert_eq!(status, 200);
    assert_eq!(names, ["scheduled-messages", "enrichment"]);
    assert_eq!(squall.request("GET", "/livez", "").0, 200);
    assert_eq!(squall.request("GET", "/readyz", "").0, 200);
    assert_eq!(squall.request("GET", "/", "").0, 200);
}

#[test]
fn a_finite_job_neither_listens_nor_keeps_data() {
    let folder = Folder::new();
    folder.write("in.ndjson", "");

    let ended = folder.output(&["run", "enrichment", "--input", "in.ndjson", "--output", "out.ndjson"]);

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("listens on"), "{}", ended.stderr);
    assert!(!folder.path().join("squall-data").exists());
}

#[test]
fn a_graph_is_printed_for_tools() {
    let folder = Folder::new();

    let dot = folder.output(&["graph", "scheduled-messages"]);
    let mermaid = folder.output(&["graph", "enrichment", "--format", "mermaid"]);

    assert!(dot.stdout.starts_with("digraph"), "{}{}", dot.stdout, dot.stderr);
    assert!(mermaid.stdout.starts_with("flowchart"), "{}{}", mermaid.stdout, mermaid.stderr);
    assert!(!folder.path().join("squall-data").exists());
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    for args in [&["validate"][..], &["graph", "enrichment"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);

        let ended = Folder::new().command(args).stdout(writer).output().unwrap();

        assert_eq!(ended.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_that_cannot_be_written_is_69_and_one_sentence() {
    for args in [&["validate"][..], &["graph", "enrichment"], &["--help"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();

        let ended = Folder::new().command(args).stdout(full).output().unwrap();

        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(69), "{args:?}: {said}");
        assert!(said.starts_with("error: cannot write to standard output: "), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}
