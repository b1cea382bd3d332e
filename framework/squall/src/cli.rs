//! A binary of one's own, that does what `squall` does: with a command line, pages and an interface for programs.
//!
//! Behind the feature `cli`. A topology becomes an [`App`], and [`main`] does the rest: `run`, `validate`, `graph`,
//! `schema`, `config`, `ctl`, `tap`, `events`, `completions`, and what topologies bring. `examples/own_binary.rs` of the
//! repository is a whole one.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     squall::cli::main(vec![])
//! }
//! ```

pub use squall_ops::cli::main;
pub use squall_ops::{
    Actor, App, Bound, Card, Category, Check, CheckView, Cli, Client, Command, Flags, Form, Html, Launch,
    Link, Page, Prepared, Probe, Problem, Reading, Routes, Section, StartError, Submitted, Summary, View,
    exit, openapi, problem, prometheus, show,
};
