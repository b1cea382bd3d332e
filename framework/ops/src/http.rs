//! The HTTP server: what every request passes, and what is served besides the routes of the apps.

mod api;
mod brought;
mod config;
mod control;
pub(crate) mod credentials;
mod doors;
mod guard;
mod handed;
mod health;
mod host;
mod listener;
mod metrics;
mod patience;
mod server;
mod shared;
#[allow(dead_code, reason = "what is live opens them")]
mod streams;
#[cfg(test)]
mod tests;

pub(crate) use brought::Brought;
pub(crate) use doors::Doors;
pub(crate) use guard::Guard;
pub(crate) use listener::Listener;
pub(crate) use server::{Place, Server};
#[allow(unused_imports, reason = "what is live opens them")]
pub(crate) use streams::{StreamPermit, Streams};
