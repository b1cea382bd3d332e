//! Promise 3: one stalled task of a shared inbox delays nobody, whatever it is busy with.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::time::Duration;

use squall::prelude::*;
use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{ms, start};

/// A task whose first tick takes for ever, or panics for ever, while the others are idle.
struct Ticks {
    is_stuck: bool,
    panics: bool,
}

impl Bolt for Ticks {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _: u64, _: &mut Output<()>) -> Result<()> {
        Ok(())
    }

    async fn tick(&mut self, _: &mut Output<()>) -> Result<()> {
        if self.is_stuck {
            assert!(!self.panics, "this tick panics");
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
        Ok(())
    }
}

fn the_others_go_on(panics: bool) {
    for stuck in 0..3 {
        virtual_time(async || {
            let feeder = Feeder::new();
            let mut t = TopologyBuilder::new("ticks");
            let numbers = t.spout("numbers", feeder.spouts()).output();
            let bolts = async move |cx: &TaskContext| Ok(Ticks { is_stuck: cx.task == stuck, panics });
            let restart = squall::RestartPolicy {
                backoff: Duration::from_secs(100),
                max_backoff: Duration::from_secs(100),
                ..Default::default()
            };
            t.bolt_with("ticks", bolts).tasks(3).tick(ms(1000)).restart(restart).shuffle(numbers);
            let running = start(t);

            advance(ms(1500)).await;
            // No other tick comes to the rescue.
            for number in 0..4 {
                let fed = feeder.feed(number);
                advance(ms(20)).await;
                assert!(fed.is_acked(), "tuple {number} waits for task {stuck}, which is stuck in its tick");
            }
            running.kill();
        });
    }
}

#[test]
fn a_tuple_does_not_wait_for_a_task_that_is_stuck_in_its_tick() {
    the_others_go_on(false);
}

#[test]
fn a_tuple_does_not_wait_for_a_task_that_is_in_its_back_off() {
    the_others_go_on(true);
}
