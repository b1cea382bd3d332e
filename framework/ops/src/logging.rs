//! The log: one line an event, on standard error.

use std::env;
use std::io::{self, IsTerminal};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use crate::StartError;

/// Chooses what is logged: `warn`, `info,squall_runtime=debug`, and so on.
const VARIABLE: &str = "SQUALL_LOG";

/// The web server tells of its threads at `info`, which helps nobody.
const DEFAULT: &str = "info,actix_server=warn";

/// Starts the log; what is logged before is lost.
///
/// # Errors
///
/// `SQUALL_LOG` is not a filter.
pub(crate) fn start() -> Result<(), StartError> {
    let wanted = env::var(VARIABLE).unwrap_or_else(|_| DEFAULT.to_owned());
    let filter = wanted.parse::<Targets>().map_err(|error| {
        StartError::config(format!(
            "{VARIABLE}={wanted}: {error}; write a level (error, warn, info, debug, trace) or target=level, separated by commas"
        ))
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(wants_colour());
    let started = tracing_subscriber::registry().with(lines).with(filter).try_init();
    // A binary that has set up its own log before keeps it.
    drop(started);
    Ok(())
}

/// Colour is for a terminal whose owner did not refuse it (<https://no-color.org>).
fn wants_colour() -> bool {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && io::stderr().is_terminal()
}
