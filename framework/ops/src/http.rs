//! The HTTP server: what every request passes, and what is served besides the routes of the apps.

mod api;
mod config;
mod control;
mod guard;
mod health;
mod listener;
#[cfg(test)]
mod tests;

pub(crate) use listener::{Listener, Server};
