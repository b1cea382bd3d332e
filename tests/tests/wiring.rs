//! Promise 1, where the compiler cannot see it: a topology that is wired wrongly is refused before anything
//! runs, with all its faults at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

use std::time::Duration;

use squall::{Fault, Invalid, Plan, TopologyBuilder, TopologySettings};
use squall_testkit::{Feeder, Mock};

fn faults(t: TopologyBuilder) -> Vec<Fault> {
    t.build().map(drop).expect_err("the topology has faults").faults
}

fn echo() -> Mock<u64> {
    Mock::echo()
}

#[test]
fn all_faults_are_told_at_once() {
    let mut other = TopologyBuilder::new("other");
    let foreign = other.spout("foreign", Feeder::<u64>::new().spouts()).output();
    let mut t = TopologyBuilder::new("many faults");
    let numbers = t.spout("numbers", Feeder::<u64>::new().spouts()).output();
    t.bolt_with("numbers", echo().bolts()).shuffle(numbers);
    let nothing = t.bolt_with("lonely", echo().bolts()).output();
    t.bolt_with("behind", echo().bolts()).shuffle(nothing);
    t.bolt_with("abroad", echo().bolts()).shuffle(foreign);
    t.bolt_with("idle", echo().bolts()).tasks(0).inbox(0).shuffle(numbers);

    let refused = t.build().map(drop).expect_err("the topology has faults");

    assert_eq!(
        refused.to_string(),
        "topology `many faults` has 7 faults\n\
         \x20 - `many faults` is no name: use 1 to 64 of a-z, A-Z, 0-9, `-` and `_`, beginning with a letter\n\
         \x20 - two components are called `numbers`: rename one\n\
         \x20 - bolt `lonely` reads nothing: subscribe it, as with `.shuffle(stream)`\n\
         \x20 - no spout reaches bolt `behind`: give the bolts that it reads from an input\n\
         \x20 - bolt `abroad` reads the stream `default` of another `TopologyBuilder`: use handles of its own builder\n\
         \x20 - `idle`: the number of tasks is 0, expected 1 to 1024\n\
         \x20 - `idle`: the capacity of the inbox is 0, expected at least 1 tuple"
    );
}

#[test]
fn a_topology_without_a_spout_is_refused() {
    assert_eq!(faults(TopologyBuilder::new("empty")), [Fault::NoSpout]);
}

#[test]
fn a_name_fits_into_metrics_paths_and_configuration() {
    for good in ["a", "Z9", "word-count_2", &"x".repeat(64)] {
        let mut t = TopologyBuilder::new(good);
        t.spout(good, Feeder::<u64>::new().spouts()).output();
        assert!(t.build().is_ok(), "{good}");
    }
    for bad in ["", "9", "-a", "a b", "ä", "a/b", "a\n", &"x".repeat(65)] {
        let mut t = TopologyBuilder::new("names");
        t.spout(bad, Feeder::<u64>::new().spouts()).output();
        let name = bad.chars().take(64).collect();
        assert_eq!(faults(t), [Fault::BadName { name }], "{bad}");
    }
}

#[test]
fn a_number_out_of_range_is_refused_with_the_range() {
    let mut t = TopologyBuilder::new("numbers");
    let spout = t.spout("spout", Feeder::<u64>::new().spouts());
    let numbers = spout.tasks(1025).max_pending(0).message_timeout(Duration::ZERO).output();
    t.bolt_with("bolt", echo().bolts()).shuffle(numbers).tick(Duration::from_nanos(1));

    let told: Vec<_> = faults(t).iter().map(ToString::to_string).collect();

    assert_eq!(
        told,
        [
            "`spout`: the number of tasks is 1025, expected 1 to 1024",
            "`spout`: max_pending is 0, expected at least 1 root",
            "`spout`: the message timeout is 0ns, expected at least 1 ms",
            "`bolt`: the period of the tick is 1ns, expected at least 1 ms",
        ]
    );
}

#[test]
fn a_bolt_with_one_foreign_stream_is_named_though_another_reaches_it() {
    let mut other = TopologyBuilder::new("other");
    let foreign = other.spout("foreign", Feeder::<u64>::new().spouts()).output();
    let mut t = TopologyBuilder::new("half");
    let own = t.spout("own", Feeder::<u64>::new().spouts()).output();
    t.bolt_with("bolt", echo().bolts()).shuffle(own).shuffle(foreign);

    assert_eq!(faults(t), [Fault::ForeignStream { bolt: "bolt".to_owned(), stream: "default" }]);
}

#[test]
fn every_component_reads_from_components_declared_before_it_so_there_are_no_cycles() {
    let plan = diamond();
    for (index, component) in plan.components().iter().enumerate() {
        assert!(component.inputs.iter().all(|edge| edge.origin.component < index));
    }
}

#[test]
fn settings_of_a_component_win_over_those_of_its_topology() {
    let mut plan = diamond();
    let mut settings = TopologySettings { inbox: Some(64), ..TopologySettings::default() };
    settings.component.entry("left".to_owned()).or_default().inbox = Some(8);
    settings.component.entry("left".to_owned()).or_default().parallelism = Some(3);

    plan.configure(&settings).expect("the settings fit");

    let numbers = |name: &str| plan.component(name).map(|component| (component.tasks, component.inbox));
    assert_eq!(numbers("left"), Some((3, 8)));
    assert_eq!(numbers("right"), Some((1, 64)));
}

#[test]
fn settings_that_do_not_fit_change_nothing() {
    let mut plan = diamond();
    let mut settings = TopologySettings { inbox: Some(64), ..TopologySettings::default() };
    settings.component.entry("lef".to_owned()).or_default().inbox = Some(8);
    settings.component.entry("numbers".to_owned()).or_default().inbox = Some(8);

    let Invalid { faults, .. } = plan.configure(&settings).expect_err("two settings fit nothing");

    let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "there is no component `lef`: the components are `numbers`, `left`, `right`, `join`",
            "`numbers`: inbox is for bolts only: remove it",
        ]
    );
    assert_eq!(
        plan.component("right").map(|right| right.inbox),
        diamond().component("right").map(|r| r.inbox)
    );
}

#[test]
fn a_plan_draws_itself_for_graphviz() {
    assert_eq!(
        diamond().to_dot(),
        r#"digraph "diamond" {
  rankdir=LR;
  node [shape=box];
  "numbers" [label="numbers\n1 task", shape=cds];
  "left" [label="left\n4 tasks"];
  "right" [label="right\n1 task"];
  "join" [label="join\n2 tasks"];
  "numbers" -> "left" [label="shuffle"];
  "numbers" -> "right" [label="global"];
  "left" -> "join" [label="fields"];
  "right" -> "join" [label="all"];
}
"#
    );
}

#[test]
fn a_plan_draws_itself_for_markdown() {
    assert_eq!(
        diamond().to_mermaid(),
        r#"flowchart LR
  c0(["numbers<br/>1 task"])
  c1["left<br/>4 tasks"]
  c2["right<br/>1 task"]
  c3["join<br/>2 tasks"]
  c0 -->|"shuffle"| c1
  c0 -->|"global"| c2
  c1 -->|"fields"| c3
  c2 -->|"all"| c3
"#
    );
}

fn diamond() -> Plan {
    let mut t = TopologyBuilder::new("diamond");
    let numbers = t.spout("numbers", Feeder::<u64>::new().spouts()).output();
    let left = t.bolt_with("left", echo().bolts()).tasks(4).shuffle(numbers).output();
    let right = t.bolt_with("right", echo().bolts()).global(numbers).output();
    t.bolt_with("join", echo().bolts()).tasks(2).fields(left, |n| n).all(right);
    t.build().expect("the diamond is whole")
}
