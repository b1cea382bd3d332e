//! What is sent one way and the other.

use super::Describe;

/// What a request brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    pub(super) media_type: &'static str,
    pub(super) schema: Describe,
    /// As it is sent.
    pub(super) example: &'static str,
    /// A request without one is read as an empty object.
    pub(super) is_optional: bool,
}

/// What is answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) about: &'static str,
    /// `None` if there is no body.
    pub(super) content: Option<(&'static str, Describe)>,
}
