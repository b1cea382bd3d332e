//! The same on real threads: answers that come from elsewhere wake their call.

use std::{sync::mpsc, thread};

use tokio::sync::oneshot;

use super::*;

type Request = (u64, oneshot::Sender<u64>);

struct Numbers(u64);

impl Spout for Numbers {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        if self.0 == 0 {
            return Ok(Next::End);
        }
        self.0 -= 1;
        out.track(self.0).emit(self.0);
        Ok(Next::Emitted)
    }
}

struct Asks(mpsc::Sender<Request>);

impl ConcurrentBolt for Asks {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&self, value: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        let (sender, receiver) = oneshot::channel();
        self.0.send((value, sender))?;
        out.emit(receiver.await?);
        if value % 1000 == 999 {
            panic!("panicked as told");
        }
        Ok(())
    }
}

/// Answers a few at a time, the last one first.
fn answer(requests: mpsc::Receiver<Request>) {
    while let Ok(first) = requests.recv() {
        let mut waiting = vec![first];
        waiting.extend(requests.try_iter().take(10));
        for (value, sender) in waiting.into_iter().rev() {
            sender.send(2 * value).unwrap();
        }
    }
}

#[test]
fn answers_from_another_thread_wake_their_calls() {
    let (sender, requests) = mpsc::channel();
    let service = thread::spawn(|| answer(requests));
    let mut t = TopologyBuilder::new("threads");
    let numbers = t.spout("numbers", || Numbers(20_000)).output();
    let sender = Mutex::new(sender);
    let bolts = move || Asks(sender.lock().unwrap().clone());
    let doubled = t.concurrent_bolt("asks", bolts).concurrency(32).tasks(3).shuffle(numbers).output();
    t.bolt("sink", || Sink).shuffle(doubled);

    let report = squall::run(t.build().unwrap()).unwrap();

    assert_eq!((report.roots().acked, report.roots().failed), (19_980, 20));
    assert_eq!(report.roots().failed_by.get("panic"), Some(&20));
    assert_eq!(report.component("asks").unwrap().emitted, 19_980);
    service.join().unwrap();
}

struct Sink;

impl Bolt for Sink {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, value: u64, _: &mut Output<()>) -> Result<()> {
        assert!(value.is_multiple_of(2));
        Ok(())
    }
}
