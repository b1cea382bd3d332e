//! SIGTERM and SIGINT: the first drains, the second stops at once. SIGHUP: the configuration is read again.

use std::fmt;
use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit;

/// The signals that a process obeys.
#[derive(Debug)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

/// A signal that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Terminate,
    Interrupt,
    Hangup,
}

impl Signals {
    /// Starts to listen; from now on the process does not end by itself when they arrive.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one. Cancel safe.
    pub(crate) async fn next(&mut self) -> Received {
        tokio::select! {
            _ = self.terminate.recv() => Received::Terminate,
            _ = self.interrupt.recv() => Received::Interrupt,
            _ = self.hangup.recv() => Received::Hangup,
        }
    }
}

impl Received {
    /// The exit code of a process that it stopped at once.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Terminate => exit::TERMINATED,
            Self::Interrupt => exit::INTERRUPTED,
            Self::Hangup => exit::HUNG_UP,
        }
    }
}

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
            Self::Hangup => "SIGHUP",
        })
    }
}
