//! [`Refusal`]: why a new configuration does not hold.

use std::fmt;

use actix_web::http::StatusCode;
use serde_json::json;
use squall_topology::config::Diagnostic;

use crate::{Problem, StartError};

/// Why a new configuration does not hold. The one before does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is wrong; nothing was touched.
    Wrong(StartError),
    /// It could not be applied; what had been changed was put back.
    PutBack(String),
    /// It could not be applied, and something could not be put back.
    Broken(String),
    /// The process is on its way to the end.
    Draining,
    /// The file is not the one that was looked at; nothing was touched.
    Stale {
        /// The hash of the file now.
        hash: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(error) => error.fmt(f),
            Self::PutBack(why) | Self::Broken(why) => f.write_str(why),
            Self::Draining => f.write_str("the process drains, and takes no new configuration"),
            Self::Stale { .. } => {
                f.write_str("the file has changed since it was looked at; look at the plan again")
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match &refusal {
            Refusal::Wrong(StartError::Faults(error)) => {
                let faults: Vec<_> = error.errors.iter().map(fault).collect();
                Self::unprocessable("The configuration is wrong; nothing was changed.")
                    .member("faults", faults)
                    .member("diagnostics", error.to_string())
            }
            Refusal::Wrong(error) => Self::unprocessable("The configuration is wrong; nothing was changed.")
                .member("diagnostics", error.to_string()),
            Refusal::PutBack(why) => Self::conflict(format!("Nothing was changed: {why}.")),
            Refusal::Broken(why) => Self::internal(format!("The configuration was not applied: {why}.")),
            Refusal::Draining => Self::conflict("The process drains, and takes no new configuration."),
            Refusal::Stale { hash } => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "The file has changed since you looked at it; nothing was changed. Look at the plan again.",
            )
            .member("hash", hash.as_str()),
        }
    }
}

/// A fault of a configuration, for programs.
pub(crate) fn fault(fault: &Diagnostic) -> serde_json::Value {
    json!({
        "place": fault.place(),
        "line": fault.line(),
        "column": fault.column(),
        "message": fault.message(),
        "expected": fault.expected(),
        "help": fault.help(),
    })
}
