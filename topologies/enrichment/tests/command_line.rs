//! `squall run enrichment`, as its user sees it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics fails")]

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use squall_enrichment::Enrichment;
use squall_ops::{Cli, exit};

const POST: &str = r#"{"text":"Good morning, how is everybody today?"}"#;

/// Runs the topology with these flags, in a folder of its own.
fn run(folder: &Path, flags: &[&str]) -> ExitCode {
    let data = folder.join("data");
    let common = ["squall", "run", "enrichment", "--data-dir", data.to_str().unwrap()];
    Cli::new(vec![Box::new(Enrichment)]).main_from(common.iter().chain(flags))
}

/// Exit codes can only be compared by what they print.
fn assert_code(found: ExitCode, expected: u8) {
    assert_eq!(format!("{found:?}"), format!("{:?}", ExitCode::from(expected)));
}

#[test]
fn a_file_goes_in_and_a_file_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    fs::write(&input, format!("{POST}\nnonsense\n{POST}\n")).unwrap();

    let code =
        run(folder.path(), &["--input", input.to_str().unwrap(), "--output", output.to_str().unwrap()]);

    assert_code(code, exit::OK);
    let written = fs::read_to_string(output).unwrap();
    let enriched =
        POST.replace('}', r#","enrichment":{"language":{"code":"eng","iso639_1":"en","confidence":"#);
    let lines: Vec<_> = written.lines().collect();
    assert!(lines.len() == 2 && lines.iter().all(|line| line.starts_with(&enriched)), "{written}");
    assert!(!folder.path().join("data").exists(), "a finite job needs no data directory");
}

#[test]
fn an_input_that_is_not_there_is_not_to_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("none");

    assert_code(run(folder.path(), &["--input", input.to_str().unwrap()]), exit::UNAVAILABLE);
    assert_code(run(folder.path(), &["--input", folder.path().to_str().unwrap()]), exit::UNAVAILABLE);
}

#[test]
fn an_output_that_cannot_be_written_is_not_to_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("none/out"));
    fs::write(&input, POST).unwrap();

    let code =
        run(folder.path(), &["--input", input.to_str().unwrap(), "--output", output.to_str().unwrap()]);

    assert_code(code, exit::UNAVAILABLE);
}

#[test]
fn one_file_for_both_is_refused_and_keeps_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("both");
    fs::write(&file, POST).unwrap();
    let dotted = folder.path().join("./both");

    let code = run(folder.path(), &["--input", file.to_str().unwrap(), "--output", dotted.to_str().unwrap()]);

    assert_code(code, exit::CONFIG);
    assert_eq!(fs::read_to_string(file).unwrap(), POST);
}

#[test]
fn an_output_file_without_an_input_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out");

    assert_code(run(folder.path(), &["--output", output.to_str().unwrap()]), exit::USAGE);
}
