//! What cannot be changed is refused with a reason, and nothing is changed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use squall::{Refused, TopologyBuilder, prelude::*};
use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{ms, s, start, start_paused};

#[test]
fn an_unknown_component_and_a_wrong_number_are_refused() {
    virtual_time(async || {
        let feeder = Feeder::<u64>::new();
        let mut t = TopologyBuilder::new("names");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", Mock::<u64>::echo().bolts()).shuffle(numbers);
        let running = start(t);

        let unknown = running.rebalance("mok", 2).await.unwrap_err();
        assert_eq!(unknown.to_string(), "there is no component `mok`; there are: numbers, mock");
        for tasks in [0, 1_025] {
            let wrong = running.rebalance("mock", tasks).await.unwrap_err();
            assert!(matches!(wrong, Refused::Invalid(_)) && wrong.to_string().contains("mock"), "{wrong}");
        }
        running.kill();
        running.wait().await.unwrap();
        assert!(matches!(running.rebalance("mock", 2).await, Err(Refused::NotRunning)));
    });
}

#[test]
fn what_has_not_begun_or_drains_is_not_rebalanced() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::stalls_every(1);
        let mut t = TopologyBuilder::new("phases");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start_paused(t);
        assert!(matches!(running.rebalance("mock", 2).await, Err(Refused::NotRunning)));
        running.resume();
        feeder.feed(1u64);
        advance(ms(10)).await;
        running.drain(s(5));
        advance(ms(10)).await;
        assert!(matches!(running.rebalance("mock", 2).await, Err(Refused::NotRunning)));
        mock.release();
        assert_eq!(running.wait().await.unwrap().roots().acked, 1);
    });
}

#[test]
fn a_factory_that_fails_changes_nothing() {
    virtual_time(async || {
        let (feeder, fails) = (Feeder::new(), Arc::new(AtomicBool::new(false)));
        feeder.feed_all(0..10u64);
        let mock = Mock::<u64>::echo();
        let mut t = TopologyBuilder::new("factory");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let (bolts, is_failing) = (mock.bolts(), Arc::clone(&fails));
        let factory = async move |cx: &TaskContext| {
            if is_failing.load(Ordering::Relaxed) && cx.task == 3 {
                return Err(Error::retryable("no connection left"));
            }
            bolts(cx).await
        };
        t.bolt_with("mock", factory).tasks(2).fields_by(numbers, |n| *n);
        let running = start(t);
        quiescent(&running).await;

        fails.store(true, Ordering::Relaxed);
        let refused = running.rebalance("mock", 4).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "new task 3 of `mock` could not be built: no connection left; the old tasks go on"
        );
        feeder.feed_all(0..10);
        feeder.end();
        let report = running.wait().await.unwrap();

        assert_eq!((report.roots().acked, report.roots().failed), (20, 0));
        assert_eq!(report.component("mock").unwrap().tasks, 2);
    });
}

#[test]
fn a_kill_in_the_middle_ends_the_rebalance_and_the_topology() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::stalls_every(1);
        let mut t = TopologyBuilder::new("killed");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).fields_by(numbers, |n: &u64| *n);
        let running = start(t);
        let fed = feeder.feed(1);
        advance(ms(10)).await;

        let handle = running.clone();
        let rebalance = tokio::task::spawn_local(async move { handle.rebalance("mock", 2).await });
        advance(ms(10)).await;
        running.kill();

        assert!(matches!(rebalance.await.unwrap(), Err(Refused::NotRunning)));
        running.wait().await.unwrap();
        assert_eq!(fed.reason(), Some(Reason::Shutdown));
    });
}
