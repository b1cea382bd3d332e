use squall::{Fault, TopologySettings, config::Config};
use squall_testkit::Feeder;
use squall_tests::ms;

use super::*;

fn calls() -> Calls {
    virtual_calls(|_, _| Act::Pass(ms(0)))
}

fn virtual_calls(act: fn(u64, u32) -> Act) -> Calls {
    squall_testkit::virtual_time(async || Calls::acting(act))
}

fn feeder() -> Feeder<u64> {
    squall_testkit::virtual_time(async || Feeder::new())
}

#[test]
fn calls_beside_each_other_behind_a_key_are_refused_unless_they_are_per_key() {
    let (t, _) = calling!(feeder(), calls(), |bolt, numbers| bolt.fields_by(numbers, |value| *value));
    let invalid = t.build().unwrap_err();
    let fault = Fault::UnkeyedConcurrency { bolt: "calls".into(), concurrency: 16, grouping: "fields" };
    assert_eq!(invalid.faults, [fault]);
    assert_eq!(
        invalid.to_string(),
        "topology `calls` has 1 fault\n  - concurrent bolt `calls` is reached by `fields` and may have 16 calls of one \
         key under way at once: declare `.per_key(|input| key)`, so that calls of one key follow each other, or \
         `.concurrency(1)`"
    );

    let (t, _) = calling!(feeder(), calls(), |bolt, numbers| {
        bolt.per_key(|value| *value).fields_by(numbers, |value| *value)
    });
    assert!(t.build().is_ok());
    let (t, _) = calling!(feeder(), calls(), |bolt, numbers| {
        bolt.concurrency(1).fields_by(numbers, |value| *value)
    });
    assert!(t.build().is_ok());
}

#[test]
fn numbers_of_calls_that_make_no_sense_are_refused_together() {
    let policy = squall::RetryPolicy { attempts: 0, ..Default::default() };
    let (t, _) = calling!(feeder(), calls(), |bolt, numbers| {
        bolt.concurrency(0).timeout(Duration::ZERO).retry(policy).shuffle(numbers)
    });
    assert_eq!(
        t.build().unwrap_err().to_string(),
        "topology `calls` has 3 faults\n  - `calls`: the number of calls at once is 0, expected 1 to 65536\n  - `calls`: \
         the timeout of a call is 0ns, expected at least 1 ms\n  - `calls`: the number of attempts is 0, expected at \
         least 1"
    );
}

#[test]
fn a_configuration_sets_how_calls_are_made() {
    let (t, _) = calling!(feeder(), calls(), |bolt, numbers| bolt.shuffle(numbers));
    let mut plan = t.build().unwrap();
    let text = "[topology.calls.component.calls]\nconcurrency = 3\ncall_timeout = '2s'\n\
                retry = { attempts = 4, backoff = '50ms' }";
    let mut config = Config::parse("squall.toml", text).unwrap();
    let settings = config.topology("calls", &plan.component_names()).unwrap();
    let before = plan.clone();
    plan.configure(&settings).unwrap();

    let made = plan.component("calls").unwrap().calls.clone().unwrap();
    assert_eq!((made.concurrency, made.timeout), (3, Some(ms(2000))));
    assert_eq!(made.retry.unwrap().attempts, 4);
    let changes: Vec<_> = before.changes(&plan).iter().map(ToString::to_string).collect();
    assert_eq!(
        changes,
        [
            "calls.concurrency 16 -> 3",
            "calls.call_timeout none -> 2s",
            "calls.retry.attempts none -> 4",
            "calls.retry.backoff none -> 50ms",
            "calls.retry.max_backoff none -> 10m",
        ]
    );
    let mut again = before;
    again.configure(&plan.settings()).unwrap();
    assert!(again.changes(&plan).is_empty());
}

#[test]
fn a_configuration_cannot_make_a_bolt_concurrent() {
    let (t, _) = calling!(feeder(), calls(), |bolt, numbers| bolt.shuffle(numbers));
    let mut plan = t.build().unwrap();
    let mut settings = TopologySettings::default();
    settings.component.entry("numbers".into()).or_default().concurrency = Some(2);
    assert_eq!(
        plan.configure(&settings).unwrap_err().to_string(),
        "topology `calls` has 1 fault\n  - `numbers`: concurrency is for concurrent bolts only: remove it"
    );
}
