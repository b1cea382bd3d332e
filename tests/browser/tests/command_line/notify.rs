//! What systemd is told.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::process::Process;

/// What has not come by then never will.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn systemd_is_told_when_it_is_ready_when_it_reloads_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut message = [0; 4096];
        let length = systemd.recv(&mut message).unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    };

    let process = Process::start_with(folder, |command| {
        command.env("NOTIFY_SOCKET", &path);
    });
    assert_eq!(told(), "READY=1\n");

    process.text(&["ctl", "reload"]);
    let reloading = told();
    let since = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
    assert!(since.trim_end().parse::<u64>().unwrap() > 0);
    assert_eq!(told(), "READY=1\n");

    process.end();
    assert_eq!(told(), "STOPPING=1\n");
}
