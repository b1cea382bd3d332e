//! The wall clock is wrong, and changes its mind.

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::Duration;

use squall_services::Faketime;

use crate::dice::{activities, dice};
use crate::events::Events;
use crate::node::{Manner, Node};
use crate::scene::Scene;
use crate::verdict::judge;

const HOUR: i64 = 3600;

#[test]
fn a_clock_that_steps_changes_nothing_in_what_comes_out() {
    let Some(clock) = Faketime::start() else { return };
    let mut dice = dice("clock off by an hour");
    let events = Events::of(activities(), &mut dice);
    let scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.ndjson"), folder.path().join("out.ndjson"));
    fs::write(&input, events.lines.join("\n")).unwrap();
    let args = ["--input", input.to_str().unwrap(), "--output", output.to_str().unwrap()];
    // It takes some seconds, in which the clock steps.
    let configuration = format!("[enrichment]\ncapacity = {}\n{}", events.len() / 3, scene.enrichers());
    let run = |clock: Option<&Faketime>| {
        let node = Node::new(&configuration, &Manner { args: &args, clock, ..Manner::default() });
        node.start();
        for ahead in [24 * HOUR, -HOUR, HOUR, -24 * HOUR, 0] {
            if let Some(clock) = clock {
                thread::sleep(Duration::from_millis(dice.u64(..700)));
                clock.set_ahead(ahead);
            }
        }
        let status = node.wait_for_end();
        assert!(status.success(), "{status}: {}", node.log());
        let written = fs::read_to_string(&output).unwrap();
        written.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut run = run;

    let (stepped, steady) = (run(Some(&clock)), run(None));

    let verdict = judge("clock off by an hour", &events, &stepped);
    assert_eq!(verdict.repeated, 0);
    let counts = |lines: &[String]| {
        let mut counts = BTreeMap::new();
        lines.iter().for_each(|line| *counts.entry(line.clone()).or_insert(0) += 1);
        counts
    };
    assert!(counts(&stepped) == counts(&steady), "what came out depends on the clock");
}
