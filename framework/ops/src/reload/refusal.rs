//! [`Refusal`]: why a new configuration does not hold.

use std::fmt;

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
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(error) => error.fmt(f),
            Self::PutBack(why) | Self::Broken(why) => f.write_str(why),
            Self::Draining => f.write_str("the process drains, and takes no new configuration"),
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
        }
    }
}

fn fault(fault: &Diagnostic) -> serde_json::Value {
    json!({
        "place": fault.place(),
        "line": fault.line(),
        "column": fault.column(),
        "message": fault.message(),
        "expected": fault.expected(),
        "help": fault.help(),
    })
}
