//! What authors asked for, and what they were told.

/// The places that messages go to: the same receiver in three moods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Honours the key: its readers see no copy.
    Honest,
    /// Ignores the key: a copy has the same one, so whoever counts can tell.
    Forgetful,
    /// Knows no key, and the configuration says so.
    Once,
}

impl Place {
    pub(crate) const ALL: [Self; 3] = [Self::Honest, Self::Forgetful, Self::Once];

    /// What the configuration calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Honest => "honest",
            Self::Forgetful => "forgetful",
            Self::Once => "once",
        }
    }
}

/// What an author wants to be different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Edit,
    Cancel,
}

/// What an author was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Told {
    /// It says what the author wants.
    Edited,
    /// It is never sent.
    Cancelled,
    /// It is not sent once more, but may have arrived.
    Stopped,
    TooLate,
    AlreadySent,
    NotPossible,
    /// Nobody answered, or nobody knew.
    Nothing,
}

/// A message that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) number: usize,
    pub(crate) place: Place,
    pub(crate) id: String,
    pub(crate) wish: Option<Wish>,
    pub(crate) told: Option<Told>,
}

impl Asked {
    /// What it says at first.
    pub(crate) fn old_text(&self) -> String {
        old_text(self.number)
    }

    /// What it says when it was edited.
    pub(crate) fn new_text(&self) -> String {
        format!("{} in other words", self.number)
    }
}

/// What the message of a number says at first.
pub(crate) fn old_text(number: usize) -> String {
    format!("{number} as first put")
}
