//! Killed at random while something goes into a database.

use std::fs;

use crate::dice::{activities, dice, kills};
use crate::events::Events;
use crate::node::{Manner, Node};
use crate::scene::Scene;
use crate::table::Table;
#[cfg(feature = "kafka")]
use crate::topic_kills;
use crate::verdict::judge;

#[test]
fn a_file_is_in_sqlite_once_however_often_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    killed_at_random(&Table::sqlite(folder.path()));
}

#[test]
fn a_file_is_in_postgresql_once_however_often_the_process_is_killed() {
    Table::postgres().iter().for_each(killed_at_random);
}

#[cfg(feature = "kafka")]
#[test]
fn a_topic_is_in_sqlite_once_however_often_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table::sqlite(folder.path());
    let killed =
        topic_kills::killed_at_random("topic to SQLite, killed", 1, &table.sink, &table.secrets, |_| {
            table.rows()
        });
    assert!(killed.is_none_or(|killed| killed.repeated == 0), "none comes twice");
}

#[cfg(feature = "kafka")]
#[test]
fn a_topic_is_in_postgresql_once_however_often_processes_are_killed() {
    let Some(table) = Table::postgres() else { return };
    let killed =
        topic_kills::killed_at_random("topic to PostgreSQL, killed", 2, &table.sink, &table.secrets, |_| {
            table.rows()
        });
    assert!(killed.is_none_or(|killed| killed.repeated == 0), "none comes twice");
}

fn killed_at_random(table: &Table) {
    let what = format!("file to {}, killed", table.name);
    let mut dice = dice(&what);
    let events = Events::of(activities(), &mut dice);
    let scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.ndjson");
    fs::write(&input, events.lines.join("\n")).unwrap();
    // As fast as that, each kill meets some of it.
    let rate = events.len() / 2;
    let configuration = format!("[enrichment]\ncapacity = {rate}\n{}{}", table.sink, scene.enrichers());
    let args = ["--input", input.to_str().unwrap()];
    let node =
        Node::new(&configuration, &Manner { args: &args, secrets: &table.secrets, ..Manner::default() });

    let mut met = 0;
    for _ in 0..kills() {
        node.start();
        node.kill_at_random(&mut dice);
        met += u64::from(table.rows().len() < events.len());
    }
    node.start();
    let status = node.wait_for_end();

    assert!(status.success(), "{what}: {status}: {}", node.log());
    let verdict = judge(&what, &events, &table.rows());
    println!("{what}: {met} of {} kills before all was there", kills());
    assert_eq!(verdict.repeated, 0, "{what}: none comes twice");
}
