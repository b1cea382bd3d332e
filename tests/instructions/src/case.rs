//! What is counted.

/// A hot loop: a spout, a bolt that passes numbers on, and a last bolt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// No roots.
    Untracked,
    /// A root for each tuple.
    PerTuple,
    /// A root for 64 tuples.
    PerBatch,
    /// No roots; the bolt has four tasks that share the numbers by key.
    Keyed,
    /// The same with a root for each tuple.
    KeyedPerTuple,
}

impl Case {
    /// Every case.
    pub(crate) const ALL: [Self; 5] =
        [Self::Untracked, Self::PerTuple, Self::PerBatch, Self::Keyed, Self::KeyedPerTuple];

    /// The name in the file and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Untracked => "untracked",
            Self::PerTuple => "per-tuple",
            Self::PerBatch => "per-batch",
            Self::Keyed => "keyed",
            Self::KeyedPerTuple => "keyed-per-tuple",
        }
    }

    /// The case of this name.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|case| case.name() == name);
        found.ok_or_else(|| format!("there is no case `{name}`"))
    }

    /// Tuples that share a root; none if there are no roots.
    pub(crate) fn span(self) -> Option<u64> {
        match self {
            Self::Untracked | Self::Keyed => None,
            Self::PerTuple | Self::KeyedPerTuple => Some(1),
            Self::PerBatch => Some(64),
        }
    }

    /// Whether the bolt's tasks share the numbers by key.
    pub(crate) fn is_keyed(self) -> bool {
        matches!(self, Self::Keyed | Self::KeyedPerTuple)
    }
}
