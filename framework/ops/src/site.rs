//! What runs in this process, as its pages and its API show it.

use std::sync::atomic::{AtomicBool, Ordering};

use squall_runtime::Running;

use crate::Link;

/// What runs in this process.
#[derive(Debug)]
pub(crate) struct Site {
    /// The name of the binary.
    pub(crate) name: String,
    /// The version of the binary.
    pub(crate) version: String,
    /// The topologies that were started, in the order of the command line.
    pub(crate) topologies: Vec<Topology>,
    draining: AtomicBool,
}

/// A topology that was started.
#[derive(Debug)]
pub(crate) struct Topology {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) links: Vec<Link>,
    pub(crate) running: Running,
}

impl Site {
    /// A process in which these topologies were started.
    pub(crate) fn new(name: String, version: String, topologies: Vec<Topology>) -> Self {
        Self { name, version, topologies, draining: AtomicBool::new(false) }
    }

    /// From now on the process is not ready for new work.
    pub(crate) fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the process is on its way to the end; also after one topology has failed.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
