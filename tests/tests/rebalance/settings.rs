//! Settings are taken over component by component, all or none.

use std::{future::poll_fn, pin::pin, task::Poll};

use squall::{TopologyBuilder, config::Config, prelude::*};
use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{ms, s, start};

fn settings(text: &str) -> squall::TopologySettings {
    Config::parse("squall.toml", text).unwrap().topology("settings", &["numbers", "mock", "keyed"]).unwrap()
}

fn build(feeder: &Feeder<u64>, mock: &Mock<u64>) -> Running {
    let mut t = TopologyBuilder::new("settings");
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(300)).output();
    let mocked = t.bolt_with("mock", mock.bolts()).tasks(2).stuck_after(s(200)).shuffle(numbers).output();
    t.bolt_with("keyed", Mock::<u64>::echo().bolts()).tasks(2).fields_by(mocked, |n| *n);
    start(t)
}

#[test]
fn every_number_of_the_file_holds_after_it() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::echo());
        feeder.feed_all(0..100);
        let running = build(&feeder, &mock);
        let file = "
            [topology.settings.component]
            numbers = { parallelism = 2, max_pending = 7 }
            mock = { parallelism = 5, inbox = 64, tick = '1s' }
            keyed = { parallelism = 3, stuck_after = '5s' }
        ";
        running.reconfigure(&settings(file)).await.unwrap();
        let plan = running.plan().unwrap();
        let numbers = |name| plan.component(name).unwrap().clone();

        assert_eq!((numbers("numbers").tasks, numbers("numbers").max_pending), (2, 7));
        assert_eq!((numbers("mock").tasks, numbers("mock").inbox, numbers("mock").tick), (5, 64, Some(s(1))));
        assert_eq!((numbers("keyed").tasks, numbers("keyed").stuck_after), (3, s(5)));
        assert_eq!(running.status().component("mock").unwrap().inboxes[0].capacity, 64);
        // What the file leaves out is as the code says again.
        running.reconfigure(&settings("")).await.unwrap();
        assert_eq!(running.plan().unwrap().component("mock").unwrap().tasks, 2);
        feeder.end();
        assert_eq!(running.wait().await.unwrap().roots().acked, 100);
    });
}

#[test]
fn if_one_component_cannot_change_all_are_as_before() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::acting(|_| squall_testkit::Act::Stall));
        let running = build(&feeder, &mock);
        feeder.feed(1);
        advance(ms(10)).await;
        let before = running.plan().unwrap();

        let file = "[topology.settings.component]\nkeyed.parallelism = 4\nmock.tick = '1s'\n";
        let refused = running.reconfigure(&settings(file)).await.unwrap_err();

        assert!(refused.to_string().contains("`mock` did not come to rest"), "{refused}");
        assert!(before.changes(&running.plan().unwrap()).is_empty());
        mock.release();
        quiescent(&running).await;
        feeder.end();
        assert_eq!(running.wait().await.unwrap().roots().acked, 1);
    });
}

#[test]
fn whoever_changes_numbers_waits_for_its_turn_and_takes_back_nothing() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::echo());
        let running = build(&feeder, &mock);
        let turn = running.turn().await;
        let mut other = pin!(running.rebalance("keyed", 4));
        let is_done = poll_fn(|context| Poll::Ready(other.as_mut().poll(context).is_ready())).await;
        assert!(!is_done, "somebody else has the turn");

        let mut settings = turn.plan().unwrap().settings();
        settings.component.entry("mock".to_owned()).or_default().parallelism = Some(5);
        turn.reconfigure(&settings).await.unwrap();
        assert_eq!(turn.plan().unwrap().component("keyed").unwrap().tasks, 2);
        drop(turn);
        other.await.unwrap();

        let tasks = |name| running.plan().unwrap().component(name).unwrap().tasks;
        assert_eq!((tasks("mock"), tasks("keyed")), (5, 4));
        feeder.feed_all(0..10);
        feeder.end();
        assert_eq!(running.wait().await.unwrap().roots().acked, 10);
    });
}
