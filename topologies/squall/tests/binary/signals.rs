//! The first signal drains, the second stops at once.

use std::net::TcpListener;

use crate::process::Folder;

#[test]
fn sigterm_drains_and_exits_0() {
    let folder = Folder::new();
    let squall = folder.start(&["--listen", "127.0.0.1:0"]);

    squall.signal("TERM");

    let (status, log) = squall.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("Draining"), "{log}");
}

#[test]
fn sigint_drains_and_exits_0() {
    let folder = Folder::new();
    let squall = folder.start(&["--listen", "127.0.0.1:0"]);

    squall.signal("INT");

    let (status, log) = squall.wait();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[test]
fn a_second_signal_stops_a_drain_at_once() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = Folder::with_config(&format!(
        "[engine]\ndrain_deadline = \"1h\"\n\n[destinations.hook]\ntype = \"webhook\"\nurl = \"http://{}/\"\n",
        silent.local_addr().unwrap(),
    ));
    let mut squall = folder.start(&["run", "scheduled-messages", "--listen", "127.0.0.1:0"]);
    let message = r#"{"account": "ops", "destination": "hook", "text": "hello", "in": "0s"}"#;
    let (status, body) = squall.request("POST", "/api/v1/messages", message);
    assert!((200..300).contains(&status), "{status} {body}");
    // Held open and never answered: the message stays in flight.
    let in_flight = silent.accept().unwrap();

    squall.signal("TERM");
    squall.read_until("Draining");
    squall.signal("TERM");

    let (status, log) = squall.wait();
    assert_eq!(status.code(), Some(143), "{log}");
    drop(in_flight);
}
