//! [`FaultSchedule`]: which tuple meets which fault, decided by a seed.

use std::{
    collections::BTreeMap,
    env, fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use fastrand::Rng;

use crate::mock::Act;

/// Which tuple meets which fault: at random by a seed, or where it is told. The same seed and the same calls
/// give the same faults, in whatever order they are asked for.
///
/// A tuple goes by its number, counted from 1: [`Call::nth`](crate::Call::nth) of a mock, the emission of a
/// feeder, or whatever else numbers your tuples. A test that panics while it has a schedule prints the
/// schedule with its seed; `SQUALL_SEED=N` makes [`from_env`](Self::from_env) take the seed `N` again.
///
/// ```
/// use std::time::Duration;
/// use squall_runtime::{Options, Running};
/// use squall_testkit::{Act, FaultSchedule, Feeder, Mock, quiescent, virtual_time};
/// use squall_topology::TopologyBuilder;
///
/// let faults = FaultSchedule::from_env()
///     .with(0.1, Act::Panic)
///     .with(0.2, Act::Delay(Duration::from_secs(1)))
///     .at(7, Act::Leak)
///     .until(500);
///
/// virtual_time(async || {
///     let (feeder, mock) = (Feeder::new().replaying(100), Mock::<u64>::faulty(&faults));
///     let mut t = TopologyBuilder::new("faulty");
///     let numbers = t.spout("numbers", feeder.spouts()).output();
///     t.bolt_with("mock", mock.bolts()).tasks(3).shuffle(numbers);
///     let running = Running::start_here(&t.build().unwrap(), &Options::default());
///
///     let fed = feeder.feed_all(0..200);
///     quiescent(&running).await;
///
///     assert!(fed.iter().all(|fed| fed.is_acked())); // whatever the seed
///     assert_eq!(mock.leaked(), 1);
///     feeder.tracker().assert_one_outcome_each();
/// });
/// ```
#[derive(Clone)]
pub struct FaultSchedule {
    seed: u64,
    /// Acts and their probabilities, whose sum is at most 1.
    odds: Vec<(f64, Act)>,
    told: BTreeMap<u64, Act>,
    /// The first number that meets nothing at random.
    end: Option<u64>,
    was_said: Arc<AtomicBool>,
}

impl FaultSchedule {
    /// The environment variable with the seed of [`from_env`](Self::from_env).
    pub const SEED: &'static str = "SQUALL_SEED";

    /// No faults yet, drawn by this seed.
    pub fn seeded(seed: u64) -> Self {
        Self { seed, odds: Vec::new(), told: BTreeMap::new(), end: None, was_said: Arc::default() }
    }

    /// No faults yet, drawn by the seed in the environment variable `SQUALL_SEED`, or by another one at each
    /// run.
    ///
    /// # Panics
    ///
    /// The variable is set and not a number from 0 to 2⁶⁴ − 1.
    pub fn from_env() -> Self {
        let seed = match env::var(Self::SEED) {
            Ok(text) => text.parse().unwrap_or_else(|_| {
                panic!("{}=`{text}` is not a seed: expected a number from 0 to {}", Self::SEED, u64::MAX)
            }),
            Err(_) => fastrand::u64(..),
        };
        Self::seeded(seed)
    }

    /// A tuple meets this with that probability, from 0 to 1. The probabilities of several are added: a tuple
    /// meets one of them at most.
    ///
    /// # Panics
    ///
    /// The probabilities come to more than 1, or this one is none.
    #[must_use]
    pub fn with(mut self, probability: f64, act: Act) -> Self {
        assert!((0.0..=1.0).contains(&probability), "{probability} is not a probability: expected 0 to 1");
        self.odds.push((probability, act));
        let sum: f64 = self.odds.iter().map(|(probability, _)| probability).sum();
        // A tenth ten times is a little more than one.
        assert!(sum <= 1.0 + 1e-9, "the probabilities of the faults come to {sum}: expected at most 1");
        self
    }

    /// The tuple with this number, counted from 1, meets this and nothing else.
    #[must_use]
    pub fn at(mut self, number: u64, act: Act) -> Self {
        self.told.insert(number, act);
        self
    }

    /// Tuples from this number on meet nothing at random: a topology that replays comes to its end.
    #[must_use]
    pub fn until(mut self, number: u64) -> Self {
        self.end = Some(number);
        self
    }

    /// The seed: [`seeded`](Self::seeded) with it gives the same faults.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What the tuple with this number meets.
    ///
    /// ```
    /// use squall_testkit::{Act, FaultSchedule};
    ///
    /// let faults = FaultSchedule::seeded(42).with(0.5, Act::Fail).at(3, Act::Panic);
    /// assert_eq!(faults.act(3), Act::Panic);
    ///
    /// let again = FaultSchedule::seeded(42).with(0.5, Act::Fail).at(3, Act::Panic);
    /// assert!((1..1000).all(|number| faults.act(number) == again.act(number)));
    /// ```
    pub fn act(&self, number: u64) -> Act {
        if let Some(act) = self.told.get(&number) {
            return *act;
        }
        if self.end.is_some_and(|end| number >= end) {
            return Act::Pass;
        }
        // Each number has its own generator, so that nothing depends on who is asked first. The odd factor
        // (2⁶⁴ over the golden ratio) sets neighbours far apart.
        let mut rng = Rng::with_seed(self.seed.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        rng.u64(..);
        let mut drawn = rng.f64();
        for (probability, act) in &self.odds {
            if drawn < *probability {
                return *act;
            }
            drawn -= probability;
        }
        Act::Pass
    }

    /// What the tuples with the first numbers, from 1 to `most`, meet; those that meet nothing are left out.
    pub fn faults(&self, most: u64) -> Vec<(u64, Act)> {
        (1..=most).map(|number| (number, self.act(number))).filter(|(_, act)| *act != Act::Pass).collect()
    }
}

/// The seed, what is drawn, what is told, and how to have it again.
///
/// ```
/// use squall_testkit::{Act, FaultSchedule};
///
/// let faults = FaultSchedule::seeded(42).with(0.05, Act::Panic).at(7, Act::Hang).until(100);
/// assert_eq!(
///     faults.to_string(),
///     "faults of seed 42: 5 % Panic, none at random from 100 on, 7 Hang; SQUALL_SEED=42 repeats them"
/// );
/// ```
impl fmt::Display for FaultSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        // To a millionth of a percent: 0.07 is not quite 7 % in binary.
        let percent = |probability: f64| (probability * 1e8).round() / 1e6;
        parts.extend(
            self.odds.iter().map(|(probability, act)| format!("{} % {act:?}", percent(*probability))),
        );
        parts.extend(self.end.map(|end| format!("none at random from {end} on")));
        parts.extend(self.told.iter().map(|(number, act)| format!("{number} {act:?}")));
        let parts = if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
        write!(
            f,
            "faults of seed {seed}: {parts}; {name}={seed} repeats them",
            seed = self.seed,
            name = Self::SEED
        )
    }
}

impl fmt::Debug for FaultSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultSchedule({self})")
    }
}

impl Drop for FaultSchedule {
    /// The test fails: whoever reads why wants to have it again.
    fn drop(&mut self) {
        if thread::panicking() && !self.was_said.swap(true, Ordering::Relaxed) {
            eprintln!("{self}");
        }
    }
}
