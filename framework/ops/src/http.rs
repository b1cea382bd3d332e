//! The HTTP server: what every request passes, and who it is passed to.

mod brought;
pub(crate) mod credentials;
mod doors;
mod guard;
mod handed;
mod host;
mod listener;
mod patience;
mod server;
mod shared;
mod streams;
#[cfg(test)]
mod tests;

pub(crate) use brought::Brought;
pub(crate) use doors::Doors;
pub(crate) use guard::Guard;
pub(crate) use listener::Listener;
pub(crate) use server::{Place, Server};
#[cfg(test)]
use streams::StreamPermit;
pub(crate) use streams::Streams;
