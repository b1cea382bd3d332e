//! [`Reply`]: what `/health` of a process answers.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::client::{Client, Method};

/// How somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Health {
    Pass,
    Warn,
    Fail,
}

/// What `/health` answers, as far as it is needed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply {
    pub(super) status: Health,
    pub(super) answering: bool,
    pub(super) notes: Vec<String>,
    pub(super) checks: BTreeMap<String, Vec<Said>>,
}

/// What a check says of one thing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Said {
    pub(super) component_id: Option<String>,
    pub(super) observed_value: Option<f64>,
    #[serde(default)]
    pub(super) observed_unit: String,
    pub(super) status: Health,
    pub(super) bound: Side,
    pub(super) category: String,
    pub(super) output: Option<String>,
    pub(super) what_to_do: Option<String>,
    pub(super) links: Links,
}

/// The bound: one of both.
#[derive(Debug, Deserialize)]
pub(super) struct Side {
    pub(super) above: Option<f64>,
    pub(super) below: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Links {
    pub(super) runbook: String,
}

impl Reply {
    /// Asks a process.
    ///
    /// # Errors
    ///
    /// Why nobody knows how it is, in a sentence without a stop.
    pub(super) fn of(client: &Client) -> Result<Self, String> {
        let url = client.url();
        let answer = client.ask(Method::GET, "/health", None).map_err(|error| error.to_string())?;
        match answer.status.as_u16() {
            200 | 503 => {}
            401 => return Err(format!("{url} wants a token: say --token-file, with the one of [admin]")),
            status => return Err(format!("{url} answered {status}; expected what /health of Squall says")),
        }
        let read = serde_json::from_slice(&answer.body);
        read.map_err(|error| format!("{url} does not answer as /health of Squall does: {error}"))
    }
}
