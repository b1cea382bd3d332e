//! What has happened can be read afterwards, and is bounded.

use squall::{HappeningKind, RestartMode, RestartPolicy, prelude::*};
use squall_testkit::{Act, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{budget, ms, s, start};

/// A topology of one spout and one bolt.
fn two(feeder: &Feeder<u64>, mock: &Mock<u64>, restart: RestartPolicy) -> Running {
    let mut t = TopologyBuilder::new("history");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    t.bolt_with("mock", mock.bolts()).stuck_after(s(60)).restart(restart).fields_by(numbers, |n: &u64| *n);
    start(t)
}

/// The sentences behind this number.
fn told(running: &Running, after: u64) -> Vec<String> {
    running.happenings(after).iter().map(ToString::to_string).collect()
}

#[test]
fn a_rebalance_a_refused_one_and_pauses_are_told_in_their_order() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::stalls_every(1));
        let running = two(&feeder, &mock, RestartPolicy::default());
        advance(ms(10)).await;
        running.rebalance("mock", 3).await.unwrap();
        running.pause();
        running.pause();
        advance(ms(10)).await;
        running.resume();
        running.pause_component("numbers").unwrap();
        running.pause_component("numbers").unwrap();
        running.resume_component("numbers").unwrap();
        feeder.feed(1);
        advance(ms(10)).await;
        let refused = running.rebalance("mock", 2).await.unwrap_err();
        mock.release();
        running.drain(s(30));
        running.wait().await.unwrap();

        let all = running.happenings(0);
        assert_eq!(
            all.iter().map(|one| one.seq).collect::<Vec<_>>(),
            (1..=all.len() as u64).collect::<Vec<_>>()
        );
        assert!(all.is_sorted_by_key(|one| one.at));
        let sentences: Vec<_> = all.iter().map(ToString::to_string).collect();
        assert_eq!(
            sentences,
            [
                "The topology was started.",
                "`mock` went from 1 to 3 tasks in 0ns.",
                "The topology was paused: its spouts are asked for nothing more.",
                "Spout `numbers` was paused: it is asked for nothing more.",
                "Spout `numbers` was resumed: it is asked again.",
                "The topology was resumed: its spouts are asked again.",
                &format!("`mock` could not be changed: {refused}."),
                "The topology drains; what is still pending after 30s fails.",
                "The topology ended.",
            ],
            "{all:#?}"
        );
        assert_eq!(told(&running, 7), sentences[7..]);
        assert_eq!(told(&running, 9), [""; 0]);
    });
}

#[test]
fn a_happening_is_data_with_a_kind() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::echo());
        let running = two(&feeder, &mock, RestartPolicy::default());
        advance(ms(10)).await;
        running.rebalance("mock", 3).await.unwrap();

        let shown = serde_json::to_value(running.happenings(0)).unwrap();

        assert_eq!((&shown[0]["seq"], &shown[0]["kind"]), (&1.into(), &"started".into()));
        assert!(shown[0]["at"].as_f64().unwrap() > 1.5e9, "{shown}");
        assert_eq!(shown[1]["kind"], "rebalanced");
        assert_eq!(
            (&shown[1]["component"], &shown[1]["from"], &shown[1]["to"]),
            (&"mock".into(), &1.into(), &3.into())
        );
    });
}

#[test]
fn a_panic_and_the_restart_after_it_are_told_with_what_was_said() {
    virtual_time(async || {
        let (feeder, mock) = (
            Feeder::new(),
            Mock::acting(|call| match call.value {
                13 => Act::Panic,
                _ => Act::Pass,
            }),
        );
        let running = two(&feeder, &mock, RestartPolicy::default());
        feeder.feed_all([1, 13, 2]);
        advance(ms(10)).await;

        let all = running.happenings(1);

        let HappeningKind::TaskFailed { component, task: 0, message, times: 1 } = &all[0].what else {
            panic!("{all:#?}")
        };
        assert_eq!(component, "mock");
        assert!(message.starts_with("panicked: "), "{message}");
        let restarted = HappeningKind::Restarted { component: "mock".to_owned(), task: 0, times: 1 };
        assert_eq!(all[1].what, restarted);
        assert_eq!(all.len(), 2);
    });
}

#[test]
fn a_bolt_that_panics_all_the_time_has_one_entry_a_second_and_flushes_nothing_out() {
    virtual_time(async || {
        let (feeder, mock) = (
            Feeder::new(),
            Mock::acting(|call| match call.value % 2 {
                0 => Act::Panic,
                _ => Act::Delay(ms(1)),
            }),
        );
        let running = two(&feeder, &mock, RestartPolicy::default());
        advance(ms(10)).await;
        running.rebalance("mock", 2).await.unwrap();
        running.rebalance("mock", 1).await.unwrap();

        feeder.feed_all(0..20_000);
        quiescent(&running).await;
        advance(s(2)).await;

        let (all, seconds) = (running.happenings(0), running.status().uptime_seconds);
        let failures = all.iter().filter_map(|one| match one.what {
            HappeningKind::TaskFailed { times, .. } => Some(times),
            _ => None,
        });
        let failures: Vec<_> = failures.collect();
        assert_eq!(failures.iter().sum::<u64>(), 10_000, "every one is counted");
        assert!(failures.len() as f64 <= seconds + 1.0, "{} entries in {seconds} s", failures.len());
        assert_eq!(running.status().component("mock").unwrap().restarts, 10_000);
        assert!(all.iter().any(|one| matches!(one.what, HappeningKind::Rebalanced { from: 1, to: 2, .. })));
        assert_eq!(all[0].what, HappeningKind::Started);
    });
}

#[test]
fn a_call_that_is_given_up_is_told_as_stuck() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::acting(|_| Act::Hang));
        let running = two(&feeder, &mock, RestartPolicy::default());
        feeder.feed(1);
        advance(s(61)).await;
        assert_eq!(
            told(&running, 1)[0],
            "Task 0 of `mock` was stuck: a call was still pending after 60s; it was dropped."
        );
    });
}

#[test]
fn the_end_by_a_failure_says_who_failed() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::acting(|_| Act::Panic);
        let running = two(&feeder, &mock, RestartPolicy { policy: RestartMode::Never, ..budget(0) });
        feeder.feed(1);
        running.wait().await.unwrap_err();
        let last = running.happenings(0).pop().unwrap();
        assert!(
            matches!(&last.what, HappeningKind::Failed { component, task: 0, .. } if component == "mock"),
            "{last}"
        );
    });
}

#[test]
fn what_happened_is_bounded_and_the_last_is_kept() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::<u64>::new(), Mock::echo());
        let running = two(&feeder, &mock, RestartPolicy::default());
        advance(ms(10)).await;
        for _ in 0..600 {
            running.pause_component("numbers").unwrap();
            running.resume_component("numbers").unwrap();
        }

        let all = running.happenings(0);

        assert_eq!(all.len(), 1024);
        assert_eq!((all[0].seq, all[1023].seq), (1201 - 1023, 1201));
        assert_eq!(all[1023].what, HappeningKind::SpoutResumed { component: "numbers".to_owned() });
    });
}
