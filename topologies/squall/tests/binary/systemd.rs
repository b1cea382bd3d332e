//! What systemd is told of a process that lives.

use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::process::{Folder, Process};

/// What has not come by then never will.
const PATIENCE: Duration = Duration::from_secs(120);

/// Half of what the process is given.
const HALF: Duration = Duration::from_secs(1);

#[test]
fn signs_of_life_come_as_long_as_it_lives() {
    let folder = Folder::new();
    let path = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut message = [0; 4096];
        systemd.recv(&mut message).map(|length| String::from_utf8(message[..length].to_vec()).unwrap())
    };
    let sign = || while told().unwrap() != "WATCHDOG=1\n" {};
    let mut command = folder.command(&["run", "scheduled-messages", "--listen", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", (2 * HALF).as_micros().to_string());
    let mut process = Process::spawn(command);
    process.listens();

    sign();
    sign();

    // A process that stands still is one that does not answer: nobody speaks for it.
    process.signal("STOP");
    systemd.set_read_timeout(Some(3 * HALF)).unwrap();
    let silent = (0..10).find_map(|_| told().err()).map(|error| error.kind());
    assert_eq!(silent, Some(ErrorKind::WouldBlock));

    process.signal("CONT");
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    sign();
}

#[test]
fn nobody_hears_of_it_who_did_not_ask() {
    let folder = Folder::new();
    let path = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = folder.command(&["run", "scheduled-messages", "--listen", "127.0.0.1:0"]);
    // That of another process, which was handed down.
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "2000000").env("WATCHDOG_PID", "1");
    let mut process = Process::spawn(command);
    process.listens();

    process.signal("TERM");
    assert_eq!(process.wait().0.code(), Some(0));

    systemd.set_nonblocking(true).unwrap();
    let mut message = [0; 4096];
    let mut all = Vec::new();
    while let Ok(length) = systemd.recv(&mut message) {
        all.push(String::from_utf8(message[..length].to_vec()).unwrap());
    }
    assert_eq!(all, ["READY=1\n", "STOPPING=1\n"]);
}
