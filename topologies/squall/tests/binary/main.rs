//! What the `squall` binary promises to whoever starts and ends it.

mod configuration;
mod process;
mod signals;
mod start;
