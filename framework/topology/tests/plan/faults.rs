//! What only the plan, the build or the app knows is told at its place as well.

use std::fs;

use serde::Deserialize;
use squall_topology::{Config, ConfigError, Plan, Secret, TopologyBuilder, schema};

use super::{Numbers, Print};

fn plan() -> Plan {
    let mut t = TopologyBuilder::new("t");
    let numbers = t.spout("numbers", || Numbers).output();
    t.bolt("print", || Print).tasks(2).shuffle(numbers);
    t.build().unwrap()
}

fn parse(text: &str) -> Config {
    Config::parse("squall.toml", text).unwrap()
}

fn said(error: &ConfigError) -> Vec<String> {
    error.errors.iter().map(|fault| format!("{} {}", fault.place(), fault.message())).collect()
}

#[test]
fn what_the_plan_knows_is_told_with_what_the_types_know() {
    let mut plan = plan();
    let mut config = parse(
        "[topology.t]\nmessage_timeout = '1us'\n[topology.t.component.numbers]\ntick = '1s'\nmax_pending = 0\n\
         [topology.t.component.print]\nmax_pending = 3\nparallelism = 4\ntick = '1us'\n[topology.t.component.pint]\n",
    );

    let error = config.configure(&mut plan).unwrap_err();

    let expected = [
        "squall.toml:2:1 `numbers`: the message timeout is 1µs, expected at least 1 ms",
        "squall.toml:4:1 `numbers`: tick is for bolts only: remove it",
        "squall.toml:5:15 expected a whole number of at least 1, found 0",
        "squall.toml:7:1 `print`: max_pending is for spouts only: remove it",
        "squall.toml:9:1 `print`: the period of the tick is 1µs, expected at least 1 ms",
        "squall.toml:10:23 topology `t` has no component `pint`",
    ];
    assert_eq!(said(&error), expected);
    assert!(error.to_string().contains("4 | tick = '1s'\n  | ^^^^"), "{error}");
    assert_eq!(plan.component("print").unwrap().tasks, 2, "nothing is changed");
    assert_eq!(said(&config.finish().unwrap_err()), expected);
}

#[test]
fn a_topology_whose_plan_is_not_to_be_had_is_skimmed() {
    let mut config = parse("[topology.t.component.anything]\nparallelism = 0\n");

    config.skim_topology("t");

    let expected = ["squall.toml:2:15 expected a whole number from 1 to 1024, found 0"];
    assert_eq!(said(&config.finish().unwrap_err()), expected);
}

#[test]
fn what_an_app_refuses_is_told_at_its_place() {
    let mut config = parse("[places.inbox]\nurl = ''\n");
    config.ignore("places");

    config.refuse(&["places", "inbox"], "`inbox` is built in");
    config.refuse(&["places", "inbox", "nothing"], "is at the last key there is");
    config.refuse(&[], "has no place");

    let expected = [
        " has no place",
        "squall.toml:1:9 `inbox` is built in",
        "squall.toml:1:9 is at the last key there is",
    ];
    assert_eq!(said(&config.finish().unwrap_err()), expected);
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its reading is looked at")]
enum Source {
    File { path: String },
}

#[test]
fn a_type_that_was_left_out_of_the_build_says_so_and_hides_nothing() {
    let text =
        "[sources.orders]\ntype = 'kafka'\ntopic = 'orders'\n[sources.lines]\ntype = 'file'\npath = 7\n";
    let mut config = parse(text);
    config.without("kafka", "kafka");

    let error = config.parts::<Source>("sources").unwrap_err();

    let expected = [
        "squall.toml:2:8 type `kafka` is not here: built without `kafka`",
        "squall.toml:6:8 expected a string in quotes, found `7`",
    ];
    assert_eq!(said(&error), expected);
    assert_eq!(error.errors[0].help(), Some("build with `--features kafka`, or choose another `type`"));
}

#[test]
fn sections_differ_by_what_they_say_and_not_by_how() {
    let first = parse("[a]\nx = 1\ny = [1, 2.5, { z = 'z' }]\n[b]\nx = 1\n");
    let second = parse("b = { x = 2 }\na.y = [1, 2.50, { \"z\" = \"z\" }] # the same\na.x = 0x1\n");

    assert!(!first.differs(&second, "a"));
    assert!(first.differs(&second, "b"));
    assert!(first.differs(&Config::empty(), "a"));
    assert!(!first.differs(&second, "c"));
}

#[test]
fn a_section_differs_if_its_secret_is_another() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its reading is looked at")]
    struct Api {
        key: Secret,
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let read = |secret: &str| {
        fs::write(&path, secret).unwrap();
        let mut config = parse(&format!("[api]\nkey = {{ file = '{}' }}\n", path.display()));
        config.section::<Api>("api").unwrap();
        config
    };
    let (first, second, third) = (read("one"), read("one"), read("two"));

    assert!(!first.differs(&second, "api"));
    assert!(first.differs(&third, "api"));
}

#[test]
fn the_schema_has_for_each_component_what_it_has_a_use_for() {
    let mut schema = schema::topology(&mut schema::generator(), &plan());
    schema::tighten(&mut schema);

    let settings = |component: &str| {
        let all = schema.pointer(&format!("/properties/component/properties/{component}/properties"));
        all.and_then(|all| all.as_object()).map(|all| all.keys().cloned().collect::<Vec<_>>()).unwrap()
    };
    let expected = ["max_pending", "message_timeout", "parallelism", "restart", "stuck_after"];
    assert_eq!(settings("numbers"), expected);
    assert_eq!(settings("print"), ["inbox", "parallelism", "restart", "stuck_after", "tick"]);
    assert!(!schema.as_value().to_string().contains("null"), "{schema:?}");
}
