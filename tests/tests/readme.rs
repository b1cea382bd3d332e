//! The page about the tests: every file and every test that it names is there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The package of the tests; the repository is its parent.
const HOME: &str = env!("CARGO_MANIFEST_DIR");

/// Fewer would say that a part of the table got lost.
const FEWEST: usize = 60;

fn page() -> String {
    fs::read_to_string(Path::new(HOME).join("README.md")).unwrap()
}

/// A row of the tables about Storm: the names of its tests, what is said about them here.
struct Row {
    storms: Vec<String>,
    here: String,
}

impl Row {
    /// Why there is no test, if there is none.
    fn is_excused(&self) -> bool {
        ["does not apply: ", "not yet: "].iter().any(|excuse| self.here.starts_with(excuse))
    }
}

fn rows() -> Vec<Row> {
    let page = page();
    let (_, storm) = page.split_once("## Storm's own tests").expect("the page has a part about Storm");
    let cells =
        storm.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    cells
        .filter(|(first, _)| first.starts_with('`'))
        .map(|(first, here)| Row { storms: quoted(first), here: here.to_owned() })
        .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The names of tests in a cell: those with a path. Types of the testkit are no tests.
fn tests_of(row: &Row) -> Vec<String> {
    let names = quoted(&row.here).into_iter().filter(|name| name.contains("::"));
    names.filter(|name| !name.starts_with("squall_testkit::")).collect()
}

/// The files in which a test with this path may lie: `a::b::test` in `tests/a/b.rs`, or in `tests/a/main.rs`
/// below a module `b`.
fn files(path: &str) -> Vec<PathBuf> {
    if path.contains('/') {
        return vec![Path::new(HOME).join("..").join(path)];
    }
    let stem = Path::new(HOME).join("tests").join(path.replace("::", "/"));
    vec![stem.with_extension("rs"), stem.join("main.rs")]
}

/// Whether the source has a test of this name: a function behind an attribute that says so.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let head = format!("fn {name}()");
    let is_test = |at: usize| {
        let above =
            lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        above.into_iter().any(|line| line.starts_with("#[") && line.ends_with("test]"))
    };
    let heads = lines.iter().enumerate().filter(|(_, line)| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.starts_with(&head)
    });
    heads.into_iter().any(|(at, _)| is_test(at))
}

/// Why this name is wrong, if it is.
fn fault(name: &str) -> Option<String> {
    let (path, test) = name.rsplit_once("::")?;
    let sources: Vec<_> = files(path).into_iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    if sources.is_empty() {
        return Some(format!("`{name}`: there is no file {:?}", files(path)));
    }
    let is_there = sources.iter().any(|source| has_test(source, test));
    (!is_there).then(|| format!("`{name}`: {:?} has no such test", files(path)))
}

#[test]
fn every_test_that_the_table_names_exists() {
    let rows = rows();
    let names: Vec<_> = rows.iter().flat_map(tests_of).collect();
    let faults: Vec<_> = names.iter().filter_map(|name| fault(name)).collect();
    assert!(faults.is_empty(), "the page names what is not there:\n{}", faults.join("\n"));
    assert!(names.len() >= FEWEST, "the table was not found: {} names", names.len());
}

#[test]
fn every_test_that_shows_what_enrichment_stands_exists() {
    let page = page();
    let (_, faults) = page.split_once("## Enrichment under faults").expect("the page has a part about it");
    let (faults, _) = faults.split_once("## Storm's own tests").expect("the page has a part about Storm");
    let names: Vec<_> = quoted(faults).into_iter().filter(|name| name.contains("::")).collect();
    let wrong: Vec<_> = names.iter().filter_map(|name| fault(name)).collect();
    assert!(wrong.is_empty(), "the page names what is not there:\n{}", wrong.join("\n"));
    assert!(names.len() >= 20, "the table was not found: {} names", names.len());
}

#[test]
fn every_row_names_a_test_or_says_why_there_is_none() {
    for row in rows() {
        let has_tests = !tests_of(&row).is_empty();
        assert!(
            has_tests != row.is_excused(),
            "{:?}: `{}` has to name a test by its path, or to begin with `does not apply: ` or `not yet: `",
            row.storms,
            row.here
        );
        // A name without its path would not be looked up.
        let bare =
            quoted(&row.here).into_iter().find(|name| !name.contains("::") && name.matches('_').count() > 2);
        assert_eq!(bare, None, "a test without its path");
    }
}

#[test]
fn sixty_of_storms_tests_have_counterparts() {
    let rows = rows();
    let mapped: BTreeSet<_> =
        rows.iter().filter(|row| !row.is_excused()).flat_map(|row| &row.storms).collect();
    assert!(mapped.len() >= FEWEST, "{} of Storm's tests have counterparts: {mapped:?}", mapped.len());
    println!("{} of Storm's tests have counterparts here", mapped.len());
}

#[test]
fn every_file_that_the_page_links_to_exists() {
    let page = page();
    let links = page.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link));
    let links: Vec<_> = links.filter(|link| !link.contains("://")).collect();
    assert!(links.len() > 10, "{links:?}");
    for link in links {
        assert!(Path::new(HOME).join(link).exists(), "the page links to `{link}`, which is not there");
    }
}

#[test]
fn a_table_that_lies_is_found_out() {
    assert_eq!(fault("readme::a_table_that_lies_is_found_out"), None);
    assert_eq!(fault("tests/tests/readme.rs::every_file_that_the_page_links_to_exists"), None);
    assert!(fault("readme::a_test_that_nobody_wrote").is_some());
    assert!(fault("readme::fault").is_some(), "a function is no test");
    assert!(fault("nowhere::a_table_that_lies_is_found_out").is_some());
}
