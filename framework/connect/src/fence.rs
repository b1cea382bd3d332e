//! [`Fence`]: by which a write of somebody who has lost his claim is known.

use serde::{Deserialize, Serialize};

/// A number that grows with every claim of a thing, and that each write of whoever holds it names.
///
/// A process that was frozen, or cut off, may come back when another one has long taken its place; it cannot know. What
/// it writes then names a number that the thing no longer has, and has no effect.
///
/// ```
/// use squall_connect::Fence;
///
/// let (mine, now) = (Fence::FIRST, Fence::FIRST.next());
/// assert!(mine < now, "somebody else has claimed it: my writes are void");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fence(i64);

impl Fence {
    /// That of a thing which nobody has claimed yet.
    pub const FIRST: Self = Self(1);

    /// The number as it was stored.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number as it is stored.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// That of the next claim.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
