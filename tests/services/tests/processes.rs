//! A process is killed, stopped and started again as it is told, and nothing that a rig started outlives the test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

use squall_services::{Faketime, Postgres, Process, SmallDisk};
use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

const PATIENCE: Duration = Duration::from_secs(120);

/// A shell cannot trap a signal that is ignored when it begins, as SIGINT is in the background of another shell.
fn bash(script: &str) -> Process {
    Process::of("/usr/bin/env").args(["--default-signal=INT", "/bin/bash", "-c", script])
}

/// Blocks until `done`: what is waited for is done by a process that this one does not know.
fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_process_sees_its_arguments_variables_and_signals() {
    let script =
        "trap 'echo term' TERM; trap 'echo hup' HUP; trap 'exit 7' INT; echo \"$0 $GREETING\"; echo hm >&2;
        while :; do sleep 0.01; done";
    let process = bash(script).args(["first"]).env("GREETING", "hello");
    assert!(!process.is_running());
    for _ in 0..2 {
        process.start();
        assert_eq!(process.wait_for_line("first", PATIENCE), "first hello");
        process.wait_for_line("hm", PATIENCE);
        process.terminate();
        process.wait_for_line("term", PATIENCE);
        process.hang_up();
        process.wait_for_line("hup", PATIENCE);
        assert!(process.is_running());
        process.interrupt();
        assert_eq!(process.wait_for_end(PATIENCE).code(), Some(7));
        assert!(!process.is_running());
        assert_eq!(process.log(), "first hello\nhm\nterm\nhup\n");
    }
    let all = fs::read_to_string(process.folder().join("log")).unwrap();
    assert_eq!(all, process.log().repeat(2));
}

#[test]
fn a_kill_takes_the_children_along_and_leaves_what_was_written() {
    let process = bash("sleep 1000 & sleep 1000 & echo two; wait");
    process.start();
    process.wait_for_line("two", PATIENCE);
    assert_eq!(process.pids().len(), 3);
    process.kill();
    assert_eq!((process.pids().len(), process.is_running()), (0, false));
    assert_eq!(process.log(), "two\n");
    process.kill();
}

#[test]
fn what_is_frozen_says_nothing_until_it_goes_on() {
    let process = bash("n=0; while :; do n=$((n + 1)); echo $n; sleep 0.001; done");
    process.start();
    process.wait_for_line("3", PATIENCE);
    process.freeze();
    let log = process.log();
    assert!(process.is_running());
    // Nothing can be written by what stands still; the line that comes next says so.
    let last: u64 = log.lines().last().unwrap().parse().unwrap();
    assert_eq!(process.log(), log);
    process.thaw();
    process.wait_for_line(&(last + 1).to_string(), PATIENCE);
}

#[test]
fn who_waits_in_vain_is_told_what_the_process_said() {
    let process = bash("echo oh no; exit 4");
    process.start();
    let wait = AssertUnwindSafe(|| process.wait_for_line("ready", PATIENCE));
    let told = catch_unwind(wait).unwrap_err();
    let told = told.downcast_ref::<String>().unwrap();
    assert!(told.contains("exit status: 4") && told.contains("`ready`") && told.contains("oh no"), "{told}");
}

#[test]
fn a_clock_is_set_forward_and_back_under_a_process_that_runs() {
    let Some(clock) = Faketime::start() else { return };
    // A shell would not do: it answers for itself what is in the environment.
    let script = "$| = 1; while (1) { print 'at ', time, \".\\n\"; select undef, undef, undef, 0.01 }";
    let process = Process::of("/usr/bin/perl").args(["-e", script]).clock(&clock);
    process.start();
    let now = || i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    for ahead in [0, 3_600, -3_600] {
        clock.set_ahead(ahead);
        process.wait_until("see the clock", PATIENCE, || {
            let log = process.log();
            let seen =
                log.lines().rev().find_map(|line| line.strip_prefix("at ")?.strip_suffix('.')?.parse().ok());
            seen.is_some_and(|seen: i64| (seen - now() - ahead).abs() < 100)
        });
    }
}

#[test]
fn a_small_disk_is_gone_in_the_end() {
    let Some(disk) = SmallDisk::mount(1 << 20) else { return };
    let path = disk.path().to_owned();
    assert!(fs::read_to_string("/proc/mounts").unwrap().contains(path.to_str().unwrap()));
    drop(disk);
    assert!(!fs::read_to_string("/proc/mounts").unwrap().contains(path.to_str().unwrap()));
    assert!(!path.exists());
}

/// What [`nothing_outlives_a_test_that_is_killed`] kills; it does nothing unless that started it.
#[test]
fn holds_a_server_that_stands_still_until_it_is_killed() {
    let Some(told) = env::var_os("SQUALL_SERVICES_TELL") else { return };
    let Some(postgres) = Postgres::start() else { return };
    let disk = SmallDisk::mount(1 << 20);
    postgres.freeze();
    let folders = [Some(postgres.folder()), disk.as_ref().map(SmallDisk::path)];
    let folders: Vec<&str> = folders.into_iter().flatten().filter_map(Path::to_str).collect();
    let pids: Vec<String> = postgres.pids().iter().map(|pid| format!("/proc/{pid}")).collect();
    let new = PathBuf::from(&told).with_extension("new");
    fs::write(&new, format!("{}\n{}\n", folders.join("\n"), pids.join("\n"))).unwrap();
    fs::rename(new, told).unwrap();
    loop {
        thread::park();
    }
}

#[test]
fn nothing_outlives_a_test_that_is_killed() {
    let Some(_installed) = Postgres::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let tells = folder.path().join("tells");
    let test = Process::of(env::current_exe().unwrap())
        .args(["--exact", "holds_a_server_that_stands_still_until_it_is_killed"])
        .env("SQUALL_SERVICES_TELL", tells.to_str().unwrap());
    test.start();
    test.wait_until("start its server", PATIENCE, || tells.exists());
    let told = fs::read_to_string(&tells).unwrap();
    let left: Vec<&Path> = told.lines().map(Path::new).collect();
    assert!(left.len() > 2 && left.iter().all(|path| path.exists()));

    test.kill();
    until("folders or processes are left", || !left.iter().any(|path| path.exists()));
}
