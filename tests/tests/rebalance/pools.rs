//! Bolts whose tasks share an inbox: some are added or retire, and the others work on.

use squall::TopologyBuilder;
use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{Done, Slow, assert_counts, ms, s, start};

#[test]
fn more_tasks_get_more_done_in_the_same_time() {
    virtual_time(async || {
        let feeder = Feeder::of(0..1_000u64);
        let done = Done::default();
        let mut t = TopologyBuilder::new("pool");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("slow", Slow::<u64>::bolts(&done, |_| ms(10))).tasks(2).shuffle(numbers);
        let running = start(t);

        advance(s(1)).await;
        let by_two = done.lock().unwrap().len();
        running.rebalance("slow", 8).await.unwrap();
        advance(s(1)).await;
        let by_eight = done.lock().unwrap().len() - by_two;

        assert!((190..=210).contains(&by_two), "{by_two}");
        assert!((760..=820).contains(&by_eight), "{by_eight}");
        running.kill();
        running.wait().await.unwrap();
    });
}

#[test]
fn retiring_tasks_finish_what_they_have_in_hand_and_leave_the_rest_to_the_others() {
    virtual_time(async || {
        let feeder = Feeder::new();
        feeder.feed_all(0..400u64);
        let mock = Mock::<u64>::echo();
        let mut t = TopologyBuilder::new("pool");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(8).shuffle(numbers);
        let running = start(t);

        for tasks in [4, 2, 1, 2, 4, 8] {
            feeder.feed_all(0..100);
            running.rebalance("mock", tasks).await.unwrap();
            let status = running.status();
            assert_eq!(status.component("mock").unwrap().task_states.len(), tasks);
            assert_counts(&status);
        }
        feeder.end();
        let report = running.wait().await.unwrap();

        assert_eq!((report.roots().acked, report.roots().failed), (1_000, 0));
        assert_eq!(mock.count(), 1_000);
        // Tasks that are no more are still counted.
        assert_eq!(report.component("mock").unwrap().executed, 1_000);
    });
}

#[test]
fn a_task_that_does_not_retire_in_time_stays() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::stalls_every(1);
        let mut t = TopologyBuilder::new("pool");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(300)).output();
        t.bolt_with("mock", mock.bolts()).tasks(3).stuck_after(s(200)).shuffle(numbers);
        let running = start(t);
        feeder.feed_all([1u64, 2, 3]);
        advance(ms(10)).await;
        assert_eq!(mock.stalled(), 3);

        let refused = running.rebalance("mock", 1).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`mock` did not come to rest within 10s and goes on as before: tasks 1, 2 still had work; look for \
             what keeps it or its producers busy, or allow more time"
        );
        mock.release();
        quiescent(&running).await;
        feeder.feed_all([4, 5, 6]);
        advance(ms(10)).await;
        mock.release();
        feeder.end();
        let report = running.wait().await.unwrap();

        assert_eq!(report.component("mock").unwrap().tasks, 3);
        assert_eq!((report.roots().acked, report.roots().failed), (6, 0));
    });
}
