//! How fast a destination, or one account there, may be sent to.

use std::time::{Duration, Instant};

use super::Lane;
use super::window::Window;

/// How long further attempts let first ones go before, when both may go at the same instant.
const COURTESY: Duration = Duration::from_millis(100);

/// How fast a destination, or one account there, may be sent to, by what the destination said.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// The destination asked to be left alone until then.
    rests_until: Option<Instant>,
    window: Option<Window>,
    /// A first attempt was told to wait until then: further ones wait a little longer.
    first_waits: Option<Instant>,
}

impl Meter {
    /// Not before this instant.
    pub(super) fn earliest(&self, lane: Lane) -> Option<Instant> {
        let window = self.window.as_ref().map(Window::earliest);
        let behind = match lane {
            Lane::First => None,
            Lane::Again => self.first_waits.map(|at| at + COURTESY),
        };
        self.rests_until.max(window).max(behind)
    }

    /// An attempt has to wait.
    pub(super) fn wait(&mut self, lane: Lane, at: Instant) {
        if lane == Lane::First {
            self.first_waits = Some(at);
        }
    }

    /// An attempt goes.
    pub(super) fn go(&mut self, lane: Lane, now: Instant) {
        if lane == Lane::First {
            self.first_waits = None;
        }
        self.window = self.window.take().filter(|window| window.resets_at() > now);
        if let Some(window) = &mut self.window {
            window.take(now);
        }
    }

    /// The destination asked to be left alone.
    pub(super) fn rest(&mut self, until: Instant) {
        self.rests_until = self.rests_until.max(Some(until));
    }

    /// The destination said what is left.
    pub(super) fn learn(&mut self, said: Window, now: Instant) {
        match &mut self.window {
            Some(window) if window.resets_at() > now => window.learn(said),
            window => *window = Some(said),
        }
    }

    /// Until when it rests, or has nothing left.
    pub(super) fn rests_until(&self, now: Instant) -> Option<Instant> {
        self.earliest(Lane::First).filter(|at| *at > now)
    }

    /// From when on it is as good as new.
    pub(super) fn idle_from(&self) -> Option<Instant> {
        let window = self.window.as_ref().map(Window::resets_at);
        let behind = self.first_waits.map(|at| at + COURTESY);
        self.rests_until.max(window).max(behind)
    }
}
