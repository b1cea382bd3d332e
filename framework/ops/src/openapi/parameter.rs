//! What a request may have besides its body.

/// A header that a request may have.
///
/// ```
/// use squall_ops::openapi::Header;
///
/// const KEY: Header = Header {
///     name: "Idempotency-Key",
///     about: "Makes the request repeatable.",
///     example: "newsletter-2031-01",
/// };
/// assert_eq!(KEY.name, "Idempotency-Key");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in a sentence or two.
    pub about: &'static str,
    /// A value that is accepted.
    pub example: &'static str,
}

/// Who asks, as they say themselves: what [`Actor`](crate::Actor) reads.
///
/// ```
/// assert_eq!(squall_ops::openapi::ACTOR.name, "Squall-Actor");
/// ```
pub const ACTOR: Header = Header {
    name: "Squall-Actor",
    about: "Who asks, for what is written down about it; the user that comes with a token comes before it.",
    example: "ada@example.org",
};

/// A part of a path that stands for many.
#[derive(Clone, Copy, Debug)]
pub(super) struct InPath {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) kind: &'static str,
}
