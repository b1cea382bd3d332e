//! What is proposed is what the configuration takes.

use std::collections::BTreeMap;
use std::time::SystemTime;

use squall_topology::Config;

use super::{WEEK, load, weeks};
use crate::check::{AllSettings, Category, Known, Rules};
use crate::history::Metric;
use crate::store::Series;
use crate::threshold::proposal::{Proposal, propose};
use crate::threshold::why::Why;

const ODD: &str = "lines of \"text\"\\\u{7f}";

fn known() -> Known {
    let mut known = Known::built_in();
    known.add_running("shop", vec!["orders".to_owned(), ODD.to_owned()], &[]);
    known
}

fn of(component: Option<&str>, metric: Metric) -> Series {
    Series { topology: "shop".to_owned(), component: component.map(str::to_owned), metric }
}

/// What history says of everything that a topology measures, and of a component that it does not have any more.
fn proposals(there: &AllSettings) -> Vec<Proposal> {
    let mut random = fastrand::Rng::with_seed(7);
    let past = weeks(
        3,
        |hour, minute| {
            if hour % WEEK < 4 { f64::NAN } else { load(&mut random, hour, minute) / 10_000.0 }
        },
    );
    let places = [None, Some("orders"), Some(ODD), Some("gone")];
    let all = places.into_iter().flat_map(|place| Metric::ALL.map(|metric| of(place, metric)));
    let pasts: BTreeMap<_, _> = all.map(|series| (series, past.clone())).collect();
    propose(&pasts, &known(), there)
}

fn parsed(text: &str) -> AllSettings {
    let mut config = Config::parse("squall.toml", text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let settings = config.section_or_default("checks");
    config.finish().unwrap_or_else(|error| panic!("{error}\n{text}"));
    settings
}

#[test]
fn what_is_proposed_is_read_back_as_it_was_meant_and_only_mails() {
    let proposals = proposals(&AllSettings::default());
    let text: String = proposals.iter().map(Proposal::to_string).collect();

    let read = parsed(&text);

    let meant = proposals
        .iter()
        .filter_map(|proposal| Some((proposal.name.clone(), proposal.found.as_ref().ok()?.settings.clone())));
    assert_eq!(read, meant.collect::<AllSettings>());
    assert_eq!(read.len(), 3 * Metric::ALL.len());
    assert_eq!(known().faults(&read), []);
    assert!(read.values().any(|check| check.weekly.is_some()));
    for check in Rules::new(read).apply(SystemTime::now(), [].iter()) {
        assert_eq!(check.category(), Category::Mail, "{}", check.name());
        assert!(check.heal.is_none(), "{}", check.name());
    }
}

#[test]
fn what_a_person_must_know_stands_above_the_table() {
    let proposals = proposals(&AllSettings::default());
    let orders =
        proposals.iter().find(|proposal| proposal.name == "shop.orders.pending").unwrap().to_string();
    let lines: Vec<&str> = orders.lines().collect();

    assert!(lines[0].starts_with("# shop, orders: pending is usually "), "{orders}");
    assert!(lines[1].starts_with("# It would never have raised in 29520 minutes."), "{orders}");
    assert!(lines[2].ends_with("holds there: mon 00:00 to mon 04:00."), "{orders}");
    assert_eq!(
        lines[3..6],
        ["[checks.\"shop.orders.pending\"]", "metric = \"pending\"", "topology = \"shop\""]
    );
}

#[test]
fn what_the_configuration_would_refuse_or_has_already_is_told_and_not_proposed() {
    let there = parsed("[checks.'shop.pending']\nmetric = 'pending'\ntopology = 'shop'\nabove = 5");
    let proposals = proposals(&there);
    let found = |name: &str| {
        let proposal = proposals.iter().find(|proposal| proposal.name == name).unwrap();
        (proposal.found.as_ref().err().cloned(), proposal.to_string())
    };

    let (why, text) = found("shop.pending");
    assert_eq!(why, Some(Why::Taken));
    assert!(text.starts_with("# shop: no bound for pending: the configuration has"), "{text}");
    let (why, text) = found("shop.gone.pending");
    assert!(matches!(why, Some(Why::Refused(_))), "{why:?}");
    assert!(text.contains("`shop` has no component `gone`; it has: orders"), "{text}");
}

#[test]
fn what_has_no_bound_for_one_reason_is_one_line_a_place() {
    let [steady, short] = [weeks(3, |_, _| 0.0), weeks(2, |_, _| 100.0)];
    let pasts = BTreeMap::from([
        (of(None, Metric::Failed), steady.clone()),
        (of(None, Metric::Pending), short),
        (of(None, Metric::Restarts), steady.clone()),
        (of(Some("orders"), Metric::Failed), steady),
    ]);

    let text = Proposal::without(&propose(&pasts, &known(), &AllSettings::default()));

    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("# shop: no bound for failed, restarts: it is nearly always 0"), "{text}");
    assert!(lines[1].starts_with("# shop: no bound for pending: too short a history"), "{text}");
    assert!(lines[2].starts_with("# shop, orders: no bound for failed: "), "{text}");
}

#[test]
fn names_that_differ_in_signs_only_stay_apart() {
    let past = weeks(3, |_, _| 100.0);
    let of = |component| (of(Some(component), Metric::Pending), past.clone());
    let mut known = Known::built_in();
    known.add_running("shop", vec!["a b".to_owned(), "a/b".to_owned()], &[]);

    let proposals = propose(&BTreeMap::from([of("a b"), of("a/b")]), &known, &AllSettings::default());

    let names: Vec<&str> = proposals.iter().map(|proposal| proposal.name.as_str()).collect();
    assert_eq!(names, ["shop.a-b.pending", "shop.a-b.pending_"]);
}
