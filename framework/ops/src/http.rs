//! The HTTP server: what every request passes, and what is served besides the routes of the apps.

mod api;
mod config;
mod control;
mod doors;
mod guard;
mod health;
mod listener;
mod metrics;
#[cfg(test)]
mod tests;

pub(crate) use doors::Doors;
pub(crate) use listener::{Listener, Server};
