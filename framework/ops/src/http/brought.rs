//! [`Brought`]: what a topology brings to the server.

use std::fmt;

use crate::Routes;
use crate::openapi::Operations;

/// What a topology brings to the server.
#[derive(Clone)]
pub(crate) struct Brought {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) routes: Option<Routes>,
    pub(crate) operations: Operations,
}

impl fmt::Debug for Brought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Brought")
            .field("name", &self.name)
            .field("operations", &self.operations)
            .finish_non_exhaustive()
    }
}
