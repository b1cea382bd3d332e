//! Command line, HTTP listener and what operators see.
//!
//! A binary hands its topologies to [`Cli`] as [`App`]s and further sub-commands as [`Command`]s; the rest, from the
//! flags to the exit code, is done here. This crate knows no topology by name.

mod access;
mod actor;
mod admin;
mod alert;
mod app;
mod check;
pub mod cli;
pub mod client;
mod data_dir;
mod event;
pub mod exit;
mod finding;
mod heal;
mod history;
mod http;
mod instant;
mod logging;
mod lookout;
mod metrics;
mod open_files;
pub mod openapi;
mod own_token;
mod pages;
pub mod problem;
mod process;
mod reload;
mod rules;
mod seen;
mod settings;
pub mod show;
mod signals;
mod site;
mod start_error;
#[cfg(feature = "history")]
mod store;
/// Everything in memory alone.
#[cfg(not(feature = "history"))]
#[path = "store/none.rs"]
mod store;
mod systemd;
#[cfg(feature = "history")]
mod threshold;

pub use actor::Actor;
pub use app::{
    App, Card, Command, Flags, Form, Html, Launch, Link, Page, Prepared, Routes, Section, Submitted, Summary,
    View,
};
pub use check::{
    Aging, Bound, Category, Check, CheckState, CheckStatus, Probe, Reading, Retention, RetentionTrend,
    View as CheckView, Watermark,
};
pub use cli::Cli;
pub use client::Client;
pub use event::{Event, Journal, NewEvent};
pub use finding::Finding;
pub use heal::Heal;
pub use history::{History, Metric, Points, Window};
pub use metrics::histogram;
pub use problem::Problem;
/// What metrics are made of: the version whose collectors [`Prepared::collector`] takes.
pub use prometheus;
pub use seen::{ComponentSeen, Seen, SendsTo, TopologySeen};
pub use start_error::StartError;
