//! What a configuration and a plan know of replays.

use std::time::Duration;

use squall_core::{Bolt, Dead, Emit, Output, Result};
use squall_topology::{Config, ConfigError, Plan, RetryPolicy, TopologyBuilder};

use super::Numbers;

struct Pass;

impl Bolt for Pass {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, _: u64, _: &mut Output<Emit<u64>>) -> Result<()> {
        Ok(())
    }
}

struct Bury;

impl Bolt for Bury {
    type In = Dead<u64>;
    type Out = Emit<u64>;

    async fn execute(&mut self, _: Dead<u64>, _: &mut Output<Emit<u64>>) -> Result<()> {
        Ok(())
    }
}

const POLICY: RetryPolicy =
    RetryPolicy { attempts: 3, backoff: Duration::from_secs(2), max_backoff: Duration::from_secs(60) };

/// `source` is replayed, `other` is not; the way to `sink` forks at `source`.
fn plan() -> Plan {
    let mut t = TopologyBuilder::new("t");
    let other = t.spout("other", || Numbers).output();
    let (numbers, dead) = t.spout("source", || Numbers).replay(POLICY).tasks(2).output();
    let left = t.bolt("left", || Pass).shuffle(numbers).output();
    let right = t.bolt("right", || Pass).shuffle(numbers).shuffle(other).output();
    let buried = t.bolt("bury", || Bury).shuffle(dead).output();
    t.bolt("sink", || Pass).shuffle(left).shuffle(right).shuffle(buried);
    t.build().unwrap()
}

fn configure(plan: &mut Plan, text: &str) -> Result<(), ConfigError> {
    Config::parse("squall.toml", text).unwrap().configure(plan)
}

#[test]
fn a_configuration_sets_the_numbers_of_a_replay() {
    let (declared, mut plan) = (plan(), plan());
    let replay =
        "[topology.t.component.source]\nreplay = { attempts = 5, backoff = '1s', max_backoff = '1m' }";

    configure(&mut plan, replay).unwrap();

    let set = RetryPolicy { attempts: 5, backoff: Duration::from_secs(1), ..POLICY };
    assert_eq!(plan.component("source").unwrap().replay, Some(set));
    let changes: Vec<_> = declared.changes(&plan).iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["source.replay.attempts 3 -> 5", "source.replay.backoff 2s -> 1s"]);
    assert!(!declared.component("source").unwrap().has_same_terms(plan.component("source").unwrap()));

    let settings = plan.settings();
    let mut again = declared;
    again.configure(&settings).unwrap();
    assert_eq!(again.component("source").unwrap().replay, Some(set));
}

#[test]
fn a_configuration_that_sets_a_replay_where_there_is_none_is_refused() {
    let text = "[topology.t.component.other]\nreplay = { attempts = 5 }\n[topology.t.component.left]\nreplay = {}\n\
                [topology.t.component.source]\nreplay = { attempts = 0, pause = '1s' }";

    let error = configure(&mut plan(), text).unwrap_err();

    let said: Vec<_> =
        error.errors.iter().map(|fault| format!("{} {}", fault.place(), fault.message())).collect();
    let only = "replay is for spouts declared with `.replay(..)` only: remove it";
    assert!(said.contains(&format!("squall.toml:2:1 `other`: {only}")), "{said:#?}");
    assert!(said.contains(&format!("squall.toml:4:1 `left`: {only}")), "{said:#?}");
    assert!(said.iter().any(|fault| fault.starts_with("squall.toml:6:")), "{said:#?}");
}

#[test]
fn the_ways_from_a_spout_name_what_lies_on_them() {
    let plan = plan();
    let source = plan.components().iter().position(|component| &*component.name == "source").unwrap();

    let ways = plan.ways_from(source);

    let named: Vec<_> = ways.iter().map(|(to, way)| format!("{to}: {}", way.join(" > "))).collect();
    let expected = [
        "left: source > left",
        "right: source > right",
        "sink: source > left > right > sink",
        "source: source",
    ];
    assert_eq!(named, expected, "a dead letter is no way, and what `other` reaches alone is on none");
}
