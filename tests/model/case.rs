//! [`Case`]: one random topology with its faults and commands, as data.

use std::time::Duration;

use proptest::{collection::vec, prelude::*};

/// What is tried, from first to last.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Decides which tuple meets which fault.
    pub(crate) seed: u64,
    /// Faults among a thousand executes.
    pub(crate) faults: u64,
    pub(crate) hanging: Hanging,
    pub(crate) spouts: Vec<SpoutCase>,
    /// Each reads from components before it.
    pub(crate) bolts: Vec<BoltCase>,
    pub(crate) starts_paused: bool,
    /// Pauses: after how many milliseconds, and for how many.
    pub(crate) pauses: Vec<(u64, u64)>,
    /// Changes while it runs: after how many milliseconds, of which component, spouts first.
    pub(crate) changes: Vec<(u64, usize, Change)>,
    pub(crate) end: End,
}

/// What is changed of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A rebalance to so many tasks.
    Tasks(usize),
    /// Other settings: capacity of its inboxes, or roots pending.
    Room(usize),
    /// One of its tasks is built anew.
    Restart(usize),
    /// It is paused for so many milliseconds, if it is a spout.
    Pause(u64),
}

/// The most that a change gives.
pub(crate) const MOST_TASKS: usize = 3;
pub(crate) const MOST_ROOM: usize = 16;

#[derive(Clone, Debug)]
pub(crate) struct SpoutCase {
    pub(crate) tasks: usize,
    pub(crate) max_pending: usize,
    pub(crate) roots: u32,
    /// Roots in a call of `next`.
    pub(crate) batch: usize,
    /// Tuples of a root.
    pub(crate) fanout: u8,
    /// Failed roots are emitted again until they are acked.
    pub(crate) replays: bool,
    /// Answers `Idle` now and then.
    pub(crate) idles: bool,
    /// Awaits before it emits now and then.
    pub(crate) waits: bool,
    pub(crate) set_up: SetUp,
}

#[derive(Clone, Debug)]
pub(crate) struct BoltCase {
    pub(crate) tasks: usize,
    pub(crate) inbox: usize,
    pub(crate) is_sync: bool,
    /// Tuples emitted for each one.
    pub(crate) fanout: u8,
    /// Flushes before its execute ends, well or badly.
    pub(crate) flushes: bool,
    /// Ticks with this period; the first ticks of a task panic.
    pub(crate) tick: Option<u64>,
    pub(crate) parking: Parking,
    pub(crate) inputs: Vec<Input>,
    pub(crate) set_up: SetUp,
}

#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// The number of a component before the bolt; spouts come first.
    pub(crate) from: usize,
    pub(crate) grouping: Grouping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grouping {
    Shuffle,
    LocalOrShuffle,
    Fields,
    FieldsBy,
    PartialKey,
    Direct,
    /// Every second task gets a copy, beginning with the first.
    Custom,
    All,
    Global,
}

impl Grouping {
    /// Whether it calls user code, which may panic.
    pub(crate) fn has_key(self) -> bool {
        matches!(self, Self::Fields | Self::FieldsBy | Self::PartialKey | Self::Direct | Self::Custom)
    }

    /// How many of so many tasks get a tuple.
    pub(crate) fn copies(self, tasks: usize) -> usize {
        match self {
            Self::All => tasks,
            Self::Custom => tasks.div_ceil(2),
            _ => 1,
        }
    }
}

/// Whether an execute may take very long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hanging {
    No,
    /// It never comes back, and is given up.
    ForEver,
    /// It comes back when the message timeout is long over; nobody gives it up.
    TooLong,
}

/// When a bolt emits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parking {
    /// At once.
    None,
    /// It holds the anchor, and emits for each tuple at the next tick, tied to its root.
    Alone,
    /// As `Alone`, but tied to the roots of two tuples.
    InPairs,
}

/// What becomes of the first call of a task's factory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetUp {
    Works,
    FailsOnce,
    PanicsOnce,
}

/// How the topology ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Its spouts come to their end.
    ByItself,
    /// It is drained after so many milliseconds, with time enough.
    Drain(u64),
    /// It is drained after so many milliseconds and has so many for it.
    DrainInAHurry(u64, u64),
    Kill(u64),
}

/// A root without outcome fails after this: longer than all stalls of a case together.
pub(crate) const MESSAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long an execute takes that takes too long: its root and those that wait behind it time out.
pub(crate) const TOO_LONG: Duration = Duration::from_secs(100);

/// An execute that never comes back is given up after this.
pub(crate) const STUCK_AFTER: Duration = Duration::from_secs(10);

/// Executes that one root may cause: a case stays small.
const MOST_EXECUTES: u64 = 64;

impl Case {
    /// The number of a bolt among all components.
    pub(crate) fn number(&self, bolt: usize) -> usize {
        self.spouts.len() + bolt
    }

    /// The inputs that read from a component: bolt, place among its inputs, grouping.
    pub(crate) fn readers(&self, from: usize) -> impl Iterator<Item = (usize, usize, Grouping)> {
        self.bolts.iter().enumerate().flat_map(move |(bolt, case)| {
            let inputs = case.inputs.iter().enumerate().filter(move |(_, input)| input.from == from);
            inputs.map(move |(place, input)| (bolt, place, input.grouping))
        })
    }

    /// Components, by number, and whether their tasks may be changed: not where the number of tasks decides
    /// who gets a tuple, for the reference would have to know when it was sent.
    pub(crate) fn may_be_rebalanced(&self, component: usize) -> bool {
        let Some(bolt) = component.checked_sub(self.spouts.len()) else { return true };
        let counts = |grouping| matches!(grouping, Grouping::All | Grouping::Custom | Grouping::Direct);
        !self.bolts[bolt].inputs.iter().any(|input| counts(input.grouping))
    }

    /// Whether each key of a bolt belongs to one task.
    pub(crate) fn is_keyed(&self, bolt: usize) -> bool {
        self.bolts[bolt].inputs.iter().all(|input| input.grouping == Grouping::Fields)
    }

    /// Whether a tuple may be tied to several roots.
    pub(crate) fn ties(&self) -> bool {
        self.bolts.iter().any(|bolt| bolt.parking == Parking::InPairs)
    }

    /// Whether roots may fail because the topology is stopped.
    pub(crate) fn may_be_stopped(&self) -> bool {
        matches!(self.end, End::DrainInAHurry(..) | End::Kill(_))
    }

    /// Executes of a root that meets no fault.
    fn executes(&self, spout: usize) -> u64 {
        u64::from(self.spouts[spout].fanout) * self.executes_behind(spout)
    }

    fn executes_behind(&self, from: usize) -> u64 {
        self.readers(from)
            .map(|(bolt, _, grouping)| {
                let case = &self.bolts[bolt];
                let copies = grouping.copies(case.tasks) as u64;
                copies * (1 + u64::from(case.fanout) * self.executes_behind(self.number(bolt)))
            })
            .sum()
    }

    /// Thins the tree of a root until it is small.
    fn thin(mut self) -> Self {
        while (0..self.spouts.len()).any(|spout| self.executes(spout) > MOST_EXECUTES) {
            let wide = self.bolts.iter_mut().find(|bolt| bolt.fanout > 1);
            if let Some(bolt) = wide {
                bolt.fanout = 1;
            } else if let Some(bolt) = self.bolts.iter_mut().find(|bolt| bolt.inputs.len() > 1) {
                bolt.inputs.pop();
            } else {
                self.bolts.pop();
            }
        }
        self
    }
}

/// All cases.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let faults = (prop_oneof![Just(0), 1..200_u64], hanging());
    let parts = (any::<u64>(), faults, vec(spout(), 1..=2), vec(bolt(), 1..=4));
    let changes = prop_oneof![Just(Vec::new()), vec((0..6_u64, 0..6_usize, change()), 1..=6)];
    let commands = (prop::bool::weighted(0.2), vec((0..40_u64, 0..60_u64), 0..=2), changes, end());
    (parts, commands).prop_map(
        |((seed, (faults, hanging), spouts, mut bolts), (starts_paused, pauses, mut changes, end))| {
            for (number, bolt) in bolts.iter_mut().enumerate() {
                bolt.inputs.iter_mut().for_each(|input| input.from %= spouts.len() + number);
            }
            if hanging == Hanging::TooLong {
                // Hours go by: not in milliseconds.
                bolts.iter_mut().for_each(|bolt| bolt.tick = bolt.tick.map(|period| period * 100));
            }
            let components = spouts.len() + bolts.len();
            changes.iter_mut().for_each(|(_, component, _)| *component %= components);
            Case { seed, faults, hanging, spouts, bolts, starts_paused, pauses, changes, end }.thin()
        },
    )
}

fn spout() -> impl Strategy<Value = SpoutCase> {
    let numbers = (1..=2_usize, 1..=16_usize, 0..=40_u32, 1..=3_usize, 1..=2_u8);
    let ways = (prop::bool::weighted(0.8), any::<bool>(), any::<bool>(), set_up());
    (numbers, ways).prop_map(
        |((tasks, max_pending, roots, batch, fanout), (replays, idles, waits, set_up))| SpoutCase {
            tasks,
            max_pending,
            roots,
            batch,
            fanout,
            replays,
            idles,
            waits,
            set_up,
        },
    )
}

fn bolt() -> impl Strategy<Value = BoltCase> {
    let numbers = (1..=3_usize, 1..=32_usize, 0..=2_u8, prop::option::weighted(0.3, 1..20_u64));
    let ways =
        (prop::bool::weighted(0.3), prop::bool::weighted(0.2), vec(input(), 1..=2), set_up(), parking());
    (numbers, ways).prop_map(|((tasks, inbox, fanout, tick), (is_sync, flushes, inputs, set_up, parking))| {
        let parks = parking != Parking::None;
        let tick = tick.or(parks.then_some(7));
        BoltCase { tasks, inbox, is_sync, fanout, flushes: flushes && !parks, tick, parking, inputs, set_up }
    })
}

fn input() -> impl Strategy<Value = Input> {
    let grouping = prop_oneof![
        3 => Just(Grouping::Shuffle),
        1 => Just(Grouping::LocalOrShuffle),
        2 => Just(Grouping::Fields),
        1 => Just(Grouping::FieldsBy),
        1 => Just(Grouping::PartialKey),
        1 => Just(Grouping::Direct),
        1 => Just(Grouping::Custom),
        1 => Just(Grouping::All),
        1 => Just(Grouping::Global),
    ];
    (0..8_usize, grouping).prop_map(|(from, grouping)| Input { from, grouping })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => (1..=MOST_TASKS).prop_map(Change::Tasks),
        1 => (1..=MOST_ROOM).prop_map(Change::Room),
        2 => (0..MOST_TASKS).prop_map(Change::Restart),
        1 => (0..60_u64).prop_map(Change::Pause),
    ]
}

fn hanging() -> impl Strategy<Value = Hanging> {
    prop_oneof![4 => Just(Hanging::No), 1 => Just(Hanging::ForEver), 1 => Just(Hanging::TooLong)]
}

fn parking() -> impl Strategy<Value = Parking> {
    prop_oneof![8 => Just(Parking::None), 1 => Just(Parking::Alone), 1 => Just(Parking::InPairs)]
}

fn set_up() -> impl Strategy<Value = SetUp> {
    prop_oneof![6 => Just(SetUp::Works), 1 => Just(SetUp::FailsOnce), 1 => Just(SetUp::PanicsOnce)]
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        4 => Just(End::ByItself),
        2 => (0..100_u64).prop_map(End::Drain),
        1 => (0..100_u64, 0..30_u64).prop_map(|(at, time)| End::DrainInAHurry(at, time)),
        1 => (0..100_u64).prop_map(End::Kill),
    ]
}
