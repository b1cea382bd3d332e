//! [`Halt`]: why a run ends though its source does not.

use std::sync::{Arc, OnceLock};

/// Why a run ends though its source does not: whoever writes says it, and whoever reads sees it. Copies share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Halt(Arc<OnceLock<String>>);

impl Halt {
    /// Ends the run. The first reason is kept: later ones follow from it.
    pub(crate) fn halt(&self, why: String) {
        self.0.set(why).ok();
    }

    /// The reason, if there is one.
    pub(crate) fn why(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}
