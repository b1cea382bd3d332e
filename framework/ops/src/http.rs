//! The HTTP server: what every request passes, and what is served besides the routes of the apps.

mod api;
mod guard;
mod health;
mod listener;

pub(crate) use listener::{Listener, Server};
