//! What a worker says of its load.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde::Deserialize;

/// A worker that takes longer is asked again at the next look.
const ANSWERS: Duration = Duration::from_secs(1);

/// Where a worker tells how overloaded it is.
const PATH: &str = "/api/v1/enrichment/overload";

/// What a worker says of its part of the load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub(super) struct Told {
    /// Records that are still to be done.
    #[serde(default)]
    pub(super) backlog_records: u64,
    /// When they will be, in seconds; none: never at this rate.
    #[serde(default)]
    pub(super) predicted_drain_s: Option<f64>,
}

/// Asks a worker; none if it does not answer.
pub(super) fn ask(address: SocketAddr) -> Option<Told> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWERS).ok()?;
    stream.set_read_timeout(Some(ANSWERS)).ok()?;
    stream.set_write_timeout(Some(ANSWERS)).ok()?;
    write!(stream, "GET {PATH} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    told(&answer)
}

fn told(answer: &str) -> Option<Told> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let is_ok = head.split(' ').nth(1)? == "200";
    // A body in chunks has their lengths around it.
    let json = body.get(body.find('{')?..=body.rfind('}')?)?;
    is_ok.then(|| serde_json::from_str(json).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_worker_tells_is_read_and_nothing_else_is() {
        let ok = |body: &str| format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{body}");

        let all = r#"{"backlog_records":7,"predicted_drain_s":1.5,"curve":[]}"#;
        assert_eq!(told(&ok(all)), Some(Told { backlog_records: 7, predicted_drain_s: Some(1.5) }));
        let never = r#"{"backlog_records":7,"predicted_drain_s":null}"#;
        assert_eq!(told(&ok(never)).and_then(|told| told.predicted_drain_s), None);
        assert_eq!(told("HTTP/1.1 404 Not Found\r\n\r\n{}"), None);
        assert_eq!(told(&ok("")), None);
    }
}
