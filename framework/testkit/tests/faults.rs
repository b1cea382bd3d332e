//! A seed decides about faults, and a test that fails says which seed it was.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{env, process::Command};

use squall_core::Reason;
use squall_runtime::{Options, Running};
use squall_testkit::{Act, FaultSchedule, Feeder, Mock, quiescent, virtual_time};
use squall_topology::TopologyBuilder;

fn schedule(seed: u64) -> FaultSchedule {
    FaultSchedule::seeded(seed)
        .with(0.1, Act::Panic)
        .with(0.1, Act::Fail)
        .with(0.05, Act::Drop)
        .at(13, Act::Refuse)
}

/// The outcomes of a thousand numbers, in order.
fn outcomes(faults: &FaultSchedule) -> Vec<(u64, Option<Reason>)> {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::faulty(faults));
        let mut t = TopologyBuilder::new("faulty");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(3).shuffle(numbers);
        let running = Running::start_here(&t.build().unwrap(), &Options::default());
        feeder.feed_all(0..1000);
        quiescent(&running).await;
        feeder.tracker().outcomes().iter().map(|told| (told.id, told.reason())).collect()
    })
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_one_another() {
    let (first, again, other) = (outcomes(&schedule(1)), outcomes(&schedule(1)), outcomes(&schedule(2)));

    assert_eq!(first, again);
    assert_ne!(first, other);
    let expected = schedule(1).faults(1000).len();
    assert_eq!(first.iter().filter(|(_, reason)| reason.is_some()).count(), expected);
}

#[test]
fn faults_are_as_frequent_as_they_are_told_to_be() {
    for seed in 0..20 {
        let faults = schedule(seed).faults(10_000);
        for (act, most) in [(Act::Panic, 1000), (Act::Fail, 1000), (Act::Drop, 500)] {
            let count = faults.iter().filter(|(_, met)| *met == act).count();
            // Six standard deviations: no seed is that unlikely.
            assert!(count.abs_diff(most) < 180, "seed {seed}: {count} times {act:?}");
        }
    }
}

#[test]
fn what_is_told_wins_and_the_end_is_an_end() {
    let faults = FaultSchedule::seeded(5).with(1.0, Act::Fail).at(3, Act::Pass).at(70, Act::Hang).until(50);

    assert_eq!((faults.act(2), faults.act(3), faults.act(49)), (Act::Fail, Act::Pass, Act::Fail));
    assert_eq!((faults.act(50), faults.act(70), faults.act(u64::MAX)), (Act::Pass, Act::Hang, Act::Pass));
    assert_eq!(faults.faults(100).len(), 49);
}

#[test]
#[should_panic(expected = "the probabilities of the faults come to 1.25: expected at most 1")]
fn probabilities_beyond_one_are_refused() {
    let _faults = FaultSchedule::seeded(5).with(0.75, Act::Fail).with(0.5, Act::Panic);
}

#[test]
#[should_panic(expected = "-0.1 is not a probability")]
fn a_negative_probability_is_refused() {
    let _faults = FaultSchedule::seeded(5).with(-0.1, Act::Fail);
}

/// Set where this file runs itself, so that one of its tests fails.
const FAILS: &str = "SQUALL_TESTKIT_FAILS";

#[test]
fn a_test_that_fails_prints_its_schedule_once_and_the_seed_repeats_it() {
    if env::var_os(FAILS).is_some() {
        let faults = FaultSchedule::from_env().with(0.5, Act::Panic);
        outcomes(&faults);
        let _another_handle = faults.clone();
        panic!("{:?}", faults.faults(64));
    }
    let run = |seed: Option<&str>| {
        let mut test = Command::new(env::current_exe().unwrap());
        test.args([
            "--exact",
            "a_test_that_fails_prints_its_schedule_once_and_the_seed_repeats_it",
            "--nocapture",
        ]);
        test.env(FAILS, "1")
            .env_remove(FaultSchedule::SEED)
            .envs(seed.map(|seed| (FaultSchedule::SEED, seed)));
        let output = test.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    let line = |said: &str| {
        let lines: Vec<_> = said.lines().filter(|line| line.starts_with("faults of seed ")).collect();
        assert_eq!(lines.len(), 1, "{said}");
        lines.join("")
    };
    let met = |said: &str| said.lines().find(|line| line.contains("[(")).unwrap().to_owned();

    let first = run(None);
    let seed = line(&first).split("SQUALL_SEED=").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let again = run(Some(&seed));

    assert_eq!(line(&first), format!("faults of seed {seed}: 50 % Panic; SQUALL_SEED={seed} repeats them"));
    assert_eq!((line(&first), met(&first)), (line(&again), met(&again)));
    assert!(
        run(Some("many")).contains("SQUALL_SEED=`many` is not a seed: expected a number"),
        "a wrong seed"
    );
}
