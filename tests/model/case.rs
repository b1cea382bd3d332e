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
    pub(crate) spouts: Vec<SpoutCase>,
    /// Each reads from components before it.
    pub(crate) bolts: Vec<BoltCase>,
    pub(crate) starts_paused: bool,
    /// Pauses: after how many milliseconds, and for how many.
    pub(crate) pauses: Vec<(u64, u64)>,
    pub(crate) end: End,
}

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
    let parts = (any::<u64>(), prop_oneof![Just(0), 1..200_u64], vec(spout(), 1..=2), vec(bolt(), 1..=4));
    let commands = (prop::bool::weighted(0.2), vec((0..40_u64, 0..60_u64), 0..=2), end());
    (parts, commands).prop_map(|((seed, faults, spouts, mut bolts), (starts_paused, pauses, end))| {
        for (number, bolt) in bolts.iter_mut().enumerate() {
            bolt.inputs.iter_mut().for_each(|input| input.from %= spouts.len() + number);
        }
        Case { seed, faults, spouts, bolts, starts_paused, pauses, end }.thin()
    })
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
    let ways = (prop::bool::weighted(0.3), prop::bool::weighted(0.2), vec(input(), 1..=2), set_up());
    (numbers, ways).prop_map(|((tasks, inbox, fanout, tick), (is_sync, flushes, inputs, set_up))| BoltCase {
        tasks,
        inbox,
        is_sync,
        fanout,
        flushes,
        tick,
        inputs,
        set_up,
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
