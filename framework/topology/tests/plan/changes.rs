//! What differs between two plans of a topology.

use std::time::Duration;

use squall_topology::{Config, Plan, TopologyBuilder};

use super::{Numbers, Print};

fn plan() -> Plan {
    let mut t = TopologyBuilder::new("t");
    let numbers = t.spout("numbers", || Numbers).max_pending(64).output();
    t.bolt("print", || Print).tasks(2).shuffle(numbers);
    t.build().unwrap()
}

fn configure(plan: &mut Plan, text: &str) {
    let mut config = Config::parse("squall.toml", text).unwrap();
    plan.configure(&config.topology("t", &["numbers", "print"]).unwrap()).unwrap();
}

fn said(from: &Plan, to: &Plan) -> Vec<String> {
    from.changes(to).iter().map(ToString::to_string).collect()
}

const EVERYTHING: &str = "[topology.t]\nmessage_timeout = '5s'\n[topology.t.component.numbers]\nmax_pending = 9\n\
    [topology.t.component.print]\nparallelism = 8\ninbox = 16\ntick = '1s 500ms'\n\
    restart = { policy = 'never', budget = 3, window = '1m' }\n";

#[test]
fn every_number_that_differs_is_told_in_the_order_of_the_components() {
    let from = plan();
    let mut to = plan();
    configure(&mut to, EVERYTHING);

    assert_eq!(said(&from, &from), [""; 0]);
    let expected = [
        "numbers.max_pending 64 -> 9",
        "numbers.message_timeout 30s -> 5s",
        "print.parallelism 2 -> 8",
        "print.inbox 4096 -> 16",
        "print.tick none -> 1s 500ms",
        "print.restart.policy transient -> never",
        "print.restart.budget 10 -> 3",
    ];
    assert_eq!(said(&from, &to), expected);
}

#[test]
fn a_setting_taken_out_falls_back_to_the_number_of_the_code() {
    let mut to = plan();
    configure(&mut to, EVERYTHING);
    configure(&mut to, "[topology.t.component.print]\ninbox = 32\n");

    assert_eq!(said(&plan(), &to), ["print.inbox 4096 -> 32"]);
}

#[test]
fn the_settings_of_a_plan_bring_its_numbers_back() {
    let mut there = plan();
    configure(&mut there, EVERYTHING);
    let mut back = plan();
    configure(&mut back, "[topology.t.component.print]\ninbox = 32\ntick = '7ms'\n");

    back.configure(&there.settings()).unwrap();
    assert_eq!(said(&there, &back), [""; 0]);
    back.configure(&plan().settings()).unwrap();
    assert_eq!(said(&plan(), &back), [""; 0]);
    assert_eq!(back.component("numbers").unwrap().message_timeout, Duration::from_secs(30));
}
