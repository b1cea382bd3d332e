//! A wrong configuration is told with its place, and nothing starts.

use crate::process::Folder;

#[test]
fn a_wrong_value_is_78_with_line_column_and_caret() {
    let folder = Folder::with_config("[engine]\nthreads = \"many\"\n");

    let ended = folder.output(&["run"]);

    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    assert!(ended.stderr.contains("squall.toml:2:11"), "{}", ended.stderr);
    assert!(ended.stderr.contains("^^^^^^"), "{}", ended.stderr);
    assert!(!folder.path().join("squall-data").exists());
}

#[test]
fn faults_in_all_parts_of_a_file_come_at_once_each_with_line_column_and_caret() {
    let folder = Folder::with_config(
        "[engine]\nthreads = 0\n[admin]\nlisten = \"nowhere\"\n[topology.scheduled-messages.component.send]\n\
         paralelism = 8\nmax_pending = 1\n[destinations.hook]\ntype = \"webhook\"\nurl = \"http://h/\"\n\
         timeout = \"soon\"\n[destinations.inbox]\ntype = \"webhok\"\n[enrichment]\nsink = { type = \"files\", cap = \"1kB\" }\n\
         [topology.enrichment.component.langage]\n",
    );

    let ended = folder.output(&["validate"]);

    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    let places: Vec<&str> =
        ended.stderr.lines().filter_map(|line| line.trim_start().strip_prefix("--> squall.toml:")).collect();
    assert_eq!(
        places,
        ["2:11", "4:10", "6:1", "7:1", "11:11", "12:15", "13:8", "15:32", "16:32"],
        "{}",
        ended.stderr
    );
    for shown in [
        "11 | timeout = \"soon\"\n   |           ^^^^^^",
        "help: did you mean `parallelism`?",
        "help: did you mean `webhook`?",
        "help: did you mean `language`?",
    ] {
        assert!(ended.stderr.contains(shown), "{}", ended.stderr);
    }
}

#[test]
fn an_unknown_key_is_78_with_a_suggestion() {
    let ended = Folder::with_config("[engine]\nthread = 2\n").output(&["validate"]);

    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    assert!(ended.stderr.contains("squall.toml:2:1"), "{}", ended.stderr);
    assert!(ended.stderr.contains("`threads`"), "{}", ended.stderr);
}

#[test]
fn a_wrong_flag_value_names_the_flag() {
    let ended = Folder::new().output(&["validate", "--set", "engine.threads=0"]);

    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    assert!(ended.stderr.contains("--set engine.threads"), "{}", ended.stderr);
}

#[test]
fn a_file_that_is_not_there_is_78() {
    let ended = Folder::new().output(&["validate", "--config", "nowhere.toml"]);

    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    assert!(ended.stderr.contains("nowhere.toml"), "{}", ended.stderr);
}

#[test]
fn a_good_file_is_valid() {
    let ended = Folder::with_config("[engine]\nthreads = 2\n").output(&["validate"]);

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let first = ended.stdout.lines().next();
    assert_eq!(first, Some("squall.toml is valid for scheduled-messages, enrichment"));
}

#[test]
fn the_sections_of_a_topology_that_does_not_run_are_accepted() {
    let folder = Folder::with_config(
        "[destinations.hook]\ntype = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\n\n[topology.scheduled-messages]\n",
    );
    folder.write("in.ndjson", "");

    let ended = folder.output(&["run", "enrichment", "--input", "in.ndjson", "--output", "out.ndjson"]);

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[cfg(not(feature = "kafka"))]
#[test]
fn whoever_chooses_kafka_without_it_is_told_how_to_build_it() {
    let folder = Folder::with_config(
        "[enrichment.source]\ntype = 'kafka'\nbrokers = 'one:9092'\ntopic = 'a'\ngroup = 'b'\n\
         [enrichment.sink]\ntype = 'kafka'\nbrokers = 'one:9092'\ntopic = 'b'\n\
         [enrichment.dead_letters]\ntype = 'kafka'\ntopic = 'c'\n",
    );

    let ended = folder.output(&["validate"]);

    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    let how = "this binary was built without `kafka`: cargo build --release --features kafka";
    assert_eq!(ended.stderr.matches(how).count(), 3, "{}", ended.stderr);
}
