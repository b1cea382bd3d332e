//! What is measured: the shape of the topology, how it is tracked, how much of it.

use std::{sync::Arc, time::Duration};

use serde::Serialize;

use crate::text::Text;

/// A topology that is measured on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A spout of constants and a bolt that drops them.
    ConstNull,
    /// The same with a bolt in between that passes every tuple on, plus one.
    ConstIdNull,
    /// Lines, split by two tasks, counted by two tasks that share the words by their text.
    WordCount,
}

impl Shape {
    /// Every shape, in the order in which they are reported.
    pub const ALL: [Self; 3] = [Self::ConstNull, Self::ConstIdNull, Self::WordCount];

    /// The name on the command line and in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConstNull => "const-null",
            Self::ConstIdNull => "const-id-null",
            Self::WordCount => "word-count",
        }
    }
}

/// How many emissions of the spout share one root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tracking {
    /// There are no roots.
    None,
    /// Each emission is a root (for a word count: each line).
    Tuple,
    /// 64 emissions are one root.
    Batch,
}

/// Emissions of the spout that share one root under [`Tracking::Batch`].
pub(crate) const ROOT_SPAN: usize = 64;

impl Tracking {
    /// Every tracking, in the order in which they are reported.
    pub const ALL: [Self; 3] = [Self::None, Self::Tuple, Self::Batch];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Tuple => "tuple",
            Self::Batch => "batch",
        }
    }

    /// The number of roots of `emissions` emissions.
    pub fn roots(self, emissions: u64) -> u64 {
        match self {
            Self::None => 0,
            Self::Tuple => emissions,
            Self::Batch => emissions.div_ceil(ROOT_SPAN as u64),
        }
    }
}

/// What one run has to do.
#[derive(Clone, Debug)]
pub struct Load {
    /// How often the spout emits: constants, or lines of a word count.
    pub emissions: u64,
    /// Where the lines come from.
    pub text: Arc<Text>,
}

/// What one run did. Both sides of a case must agree on everything but `elapsed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Tuples that the last bolt took: constants, or words of a word count.
    pub tuples: u64,
    /// Different words counted; zero for constants.
    pub distinct: u64,
    /// Roots that the spout was told to be complete.
    pub acked: u64,
    /// From before the first thread was started until the last one had ended.
    pub elapsed: Duration,
}

impl Outcome {
    /// Whether both did the same work, in whatever time.
    pub fn agrees_with(&self, other: &Self) -> bool {
        (self.tuples, self.distinct, self.acked) == (other.tuples, other.distinct, other.acked)
    }

    /// Tuples at the last bolt per second.
    pub fn tuples_per_s(&self) -> f64 {
        self.tuples as f64 / self.elapsed.as_secs_f64()
    }
}
