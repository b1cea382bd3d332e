//! Random calls, against a model so plain that it cannot be wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::env;

use super::*;

const ROUNDS: u64 = 300;
const CALLS: usize = 300;
const PARTITIONS: i32 = 3;

/// What a partition's records are, by offset; nothing is ever taken out.
#[derive(Default)]
struct Model {
    came: BTreeMap<i64, u32>,
    out: BTreeSet<i64>,
    done: BTreeSet<i64>,
    start: i64,
    is_open: bool,
    committed: i64,
}

impl Model {
    fn lowest(&self) -> i64 {
        let first = self.came.keys().find(|offset| !self.done.contains(offset));
        first.copied().unwrap_or_else(|| self.came.keys().last().map_or(self.start, |last| last + 1))
    }

    fn bytes(&self) -> u64 {
        let open = self.came.iter().filter(|(offset, _)| !self.done.contains(offset));
        open.map(|(_, bytes)| u64::from(*bytes)).sum()
    }
}

struct Run {
    rng: fastrand::Rng,
    tracker: Tracker,
    models: BTreeMap<i32, Model>,
    /// All that were ever handed out, of assignments that are over, too.
    tickets: Vec<Ticket>,
    fences: BTreeMap<i32, Fence>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let tracker = Tracker::new(Limits { messages: 8, bytes: 400 });
        let rng = fastrand::Rng::with_seed(seed);
        Self { rng, tracker, models: BTreeMap::new(), tickets: Vec::new(), fences: BTreeMap::new() }
    }

    fn call(&mut self) {
        let partition = self.rng.i32(0..PARTITIONS);
        match self.rng.u32(0..100) {
            0..40 => self.receive(partition),
            40..85 => self.ack(),
            85..90 => self.revoke(partition),
            90..95 => self.forget(partition),
            _ => self.assign(partition),
        }
    }

    fn receive(&mut self, partition: i32) {
        let next = self.tracker.standing(partition).map_or(0, |standing| standing.next);
        let (offset, bytes) = (next + self.rng.i64(0..3), self.rng.u32(0..50));
        let ticket = self.tracker.receive(partition, offset, bytes, None);
        let model = self.models.get_mut(&partition).filter(|model| model.is_open);
        assert_eq!(ticket.is_some(), model.is_some());
        let (Some(ticket), Some(model)) = (ticket, model) else { return };
        model.came.insert(offset, bytes);
        assert_eq!((ticket.partition(), ticket.offset()), (partition, offset));
        assert!(self.tracker.hand_out(&ticket));
        assert!(!self.tracker.hand_out(&ticket), "twice");
        model.out.insert(offset);
        self.fences.insert(partition, ticket.fence());
        self.tickets.push(ticket);
    }

    /// Of a record that is out, done, or came under an assignment that is over.
    fn ack(&mut self) {
        let Some(ticket) = self.rng.choice(&self.tickets).copied() else { return };
        let late = self.tracker.late();
        self.tracker.ack(&ticket);
        let is_current = self.fences.get(&ticket.partition()) == Some(&ticket.fence());
        match self.models.get_mut(&ticket.partition()).filter(|_| is_current) {
            Some(model) => {
                model.out.remove(&ticket.offset());
                model.done.insert(ticket.offset());
                assert_eq!(self.tracker.late(), late);
            }
            None => assert_eq!(self.tracker.late(), late + 1),
        }
    }

    fn revoke(&mut self, partition: i32) {
        self.tracker.revoke(partition);
        if let Some(model) = self.models.get_mut(&partition) {
            model.is_open = false;
        }
    }

    fn forget(&mut self, partition: i32) {
        self.tracker.forget(partition);
        self.models.remove(&partition);
        self.fences.remove(&partition);
    }

    fn assign(&mut self, partition: i32) {
        let start = self.rng.i64(0..100);
        self.fences.remove(&partition);
        self.tracker.assign(partition, start, Some(start));
        let model = Model { start, committed: start, is_open: true, ..Model::default() };
        self.models.insert(partition, model);
    }

    fn compare(&mut self) {
        for (number, offset) in self.tracker.committable() {
            let model = self.models.get_mut(&number).expect("only what it has is committed");
            assert!(offset > model.committed, "commits of an assignment grow");
            model.committed = offset;
        }
        for (number, model) in &self.models {
            assert_eq!(model.committed, model.lowest(), "partition {number}");
            assert_eq!(self.tracker.is_drained(*number), model.out.is_empty());
            let standing = self.tracker.standing(*number).unwrap();
            assert_eq!((standing.lowest, standing.under_way), (model.lowest(), model.out.len()));
        }
        assert_eq!(self.tracker.bytes(), self.models.values().map(Model::bytes).sum::<u64>());
        assert!(self.tracker.partitions().eq(self.models.keys().copied()));
    }
}

#[test]
fn random_calls_agree_with_a_plain_model() {
    let seed = env::var("SQUALL_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    let seeds =
        seed.map_or_else(|| (0..ROUNDS).map(|_| fastrand::u64(..)).collect::<Vec<_>>(), |seed| vec![seed]);
    for seed in seeds {
        println!("again with SQUALL_SEED={seed}");
        let mut run = Run::new(seed);
        for _ in 0..CALLS {
            run.call();
            run.compare();
        }
    }
}
