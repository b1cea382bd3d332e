//! One process takes over from another, and nobody notices.
//!
//! `SQUALL_RESTARTS=50` makes a campaign of it.

use std::collections::HashSet;
use std::env;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::load::{Load, Told};
use crate::process::{Folder, Process};
use crate::receiver::Receiver;

/// Requests between two restarts.
const REQUESTS: usize = 40;

const PATIENCE: Duration = Duration::from_secs(60);

fn restarts() -> usize {
    env::var("SQUALL_RESTARTS").map_or(3, |restarts| restarts.parse().unwrap())
}

/// The binary as its own service manager would start it: the socket is number 3, and the variables name its process.
fn activated(folder: &Folder, socket: &TcpListener, variables: &str) -> Command {
    let mut command = Command::new("sh");
    command.current_dir(folder.path()).env_remove("SQUALL_DATA_DIR").env_remove("SQUALL_LOG");
    command.stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap())));
    let squall = env!("CARGO_BIN_EXE_squall");
    command.args([
        "-c",
        &format!("exec 3<&0 0</dev/null; {variables} exec '{squall}' run scheduled-messages \"$@\"",),
        "sh",
    ]);
    command
}

const HANDED: &str = "LISTEN_FDS=1 LISTEN_PID=$$";

/// No request failed, and every message that was accepted was sent.
fn assert_nothing_lost(told: &Told, receiver: &Receiver) {
    println!("{} answered, {} failed, longest {:?}", told.answered, told.failed.len(), told.longest);
    assert!(told.failed.is_empty(), "{} of {}: {:#?}", told.failed.len(), told.answered, told.failed);
    let mut missing: HashSet<&str> = told.accepted.iter().map(String::as_str).collect();
    assert!(!missing.is_empty());
    while !missing.is_empty() {
        let body = receiver.bodies.recv_timeout(PATIENCE);
        let body = body.unwrap_or_else(|error| panic!("never sent ({error}): {missing:?}"));
        missing.retain(|text| !body.contains(text));
    }
}

fn end(process: Process) {
    process.signal("TERM");
    let (status, log) = process.wait();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[test]
fn restarts_of_a_process_with_an_activated_socket_lose_nothing() {
    let receiver = Receiver::start();
    let folder = Folder::with_config(&receiver.destination());
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut now = Process::spawn(activated(&folder, &socket, HANDED));
    assert_eq!(now.listens(), socket.local_addr().unwrap().to_string());
    let load = Load::start(now.listens_on());

    for restart in 0..restarts() {
        load.wait_for(REQUESTS);
        if restart % 2 == 0 {
            // What systemd does.
            end(now);
            now = Process::spawn(activated(&folder, &socket, HANDED));
        } else {
            let mut next = Process::spawn(activated(&folder, &socket, HANDED));
            next.read_until("Waiting for the process that has the data directory");
            end(now);
            now = next;
        }
        now.listens();
    }
    load.wait_for(REQUESTS);

    assert_nothing_lost(&load.stop(), &receiver);
    end(now);
}

#[test]
fn a_process_that_shares_a_port_takes_over_from_another_with_the_same_data_and_nothing_is_lost() {
    let receiver = Receiver::start();
    let folder = Folder::with_config(&receiver.destination());
    let mut now = folder.start(&["run", "scheduled-messages", "--share-port", "--listen", "127.0.0.1:0"]);
    let addr = now.listens_on().to_owned();
    let load = Load::start(&addr);

    for _ in 0..restarts() {
        load.wait_for(REQUESTS);
        let next = ["run", "scheduled-messages", "--share-port", "--listen", &addr];
        let mut next = Process::spawn(folder.command(&next));
        next.read_until("Waiting for the process that has the data directory");
        load.wait_for(REQUESTS);
        end(now);
        next.listens();
        now = next;
    }
    load.wait_for(REQUESTS);

    assert_nothing_lost(&load.stop(), &receiver);
    end(now);
}

#[test]
fn a_process_that_shares_a_port_takes_over_from_another_with_other_data_and_nothing_is_lost() {
    let receiver = Receiver::start();
    let folder = Folder::with_config(&receiver.destination());
    let run = |addr: &str, data: &str| {
        folder.start(&["run", "scheduled-messages", "--share-port", "--listen", addr, "--data-dir", data])
    };
    let mut now = run("127.0.0.1:0", "data-0");
    let addr = now.listens_on().to_owned();
    let load = Load::start(&addr);

    for restart in 0..restarts() {
        load.wait_for(REQUESTS);
        let next = run(&addr, &format!("data-{}", (restart + 1) % 2));
        load.wait_for(REQUESTS);
        end(now);
        now = next;
    }
    load.wait_for(REQUESTS);

    // Each of the two sends what it has accepted.
    let other = run(&addr, &format!("data-{}", (restarts() + 1) % 2));
    assert_nothing_lost(&load.stop(), &receiver);
    end(now);
    end(other);
}

#[test]
fn what_is_not_one_listening_socket_is_one_sentence_and_69() {
    let folder = Folder::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    for (variables, complaint) in [
        ("LISTEN_FDS=2 LISTEN_PID=$$", "LISTEN_FDS=2: expected 1"),
        ("LISTEN_FDS=one LISTEN_PID=$$", "LISTEN_FDS=one: expected 1"),
        ("LISTEN_FDS=1 LISTEN_PID=me", "LISTEN_PID=me: expected the id of a process"),
        ("LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDS_FIRST_FD=2", "fd 2 is not a socket"),
    ] {
        let ended = folder.end(activated(&folder, &socket, variables));

        assert_eq!(ended.code, Some(69), "{variables}: {}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{variables}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("error: cannot take the socket"), "{variables}: {}", ended.stderr);
        assert!(ended.stderr.contains(complaint), "{variables}: {}", ended.stderr);
    }
}

#[test]
fn a_socket_that_was_handed_over_and_an_address_do_not_go_together() {
    let folder = Folder::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = activated(&folder, &socket, HANDED);
    command.args(["--listen", "127.0.0.1:0"]);

    let ended = folder.end(command);

    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("leave --listen and --share-port out"), "{}", ended.stderr);
}

#[test]
fn a_socket_that_was_handed_to_another_process_is_left_alone() {
    let folder = Folder::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = activated(&folder, &socket, "LISTEN_FDS=1 LISTEN_PID=1");
    command.args(["--listen", "127.0.0.1:0"]);

    let mut squall = Process::spawn(command);

    assert_ne!(squall.listens(), socket.local_addr().unwrap().to_string());
    end(squall);
}

#[test]
fn a_process_that_drains_is_not_ready_and_keeps_no_connection() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = format!(
        "[destinations.hook]\ntype = \"webhook\"\nurl = \"http://{}/\"\n",
        silent.local_addr().unwrap()
    );
    let folder = Folder::with_config(&format!("[engine]\ndrain_deadline = \"1h\"\n\n{hook}"));
    let mut squall = folder.start(&["run", "scheduled-messages", "--listen", "127.0.0.1:0"]);
    assert_eq!(squall.request("GET", "/readyz", "").0, 200);
    let message = r#"{"account": "ops", "destination": "hook", "text": "hello", "in": "0s"}"#;
    assert_eq!(squall.request("POST", "/api/v1/messages", message).0, 201);
    // Held open and never answered: the drain does not come to its end.
    let in_flight = silent.accept().unwrap();

    squall.signal("TERM");
    squall.read_until("Draining");

    let (status, _, head) = squall.exchange("GET", "/readyz", "", "keep-alive");
    assert_eq!(status, 503);
    assert!(head.to_ascii_lowercase().contains("connection: close"), "{head}");
    squall.signal("TERM");
    assert_eq!(squall.wait().0.code(), Some(143));
    drop(in_flight);
}

#[test]
fn a_request_that_is_open_when_the_signal_comes_is_answered() {
    let folder = Folder::new();
    let mut squall = folder.start(&["run", "scheduled-messages", "--share-port", "--listen", "127.0.0.1:0"]);
    let body = r#"{"account": "ops", "destination": "inbox", "text": "hello", "in": "1h"}"#;
    let (first, rest) = body.split_at(20);
    let mut stream = TcpStream::connect(squall.listens_on()).unwrap();
    let head = "POST /api/v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    write!(stream, "{head}Expect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
    let mut begun = [0; 25];
    stream.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n");

    stream.write_all(first.as_bytes()).unwrap();
    squall.signal("TERM");
    squall.read_until("Topology ended");
    stream.write_all(rest.as_bytes()).unwrap();

    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
    assert_eq!(squall.wait().0.code(), Some(0));
}

#[test]
fn a_port_that_is_shared_is_in_use_for_those_who_do_not_share_it() {
    let folder = Folder::new();
    let first = folder.start(&["run", "scheduled-messages", "--share-port", "--listen", "127.0.0.1:0"]);

    let addr = first.listens_on();
    let second = folder.output(&["run", "scheduled-messages", "--listen", addr, "--data-dir", "other"]);

    assert_eq!(second.code, Some(69), "{}", second.stderr);
    assert!(second.stderr.starts_with(&format!("error: cannot listen on {addr}: ")), "{}", second.stderr);
}
