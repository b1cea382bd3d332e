//! A process that runs, and commands that ask it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A command of the binary, with nothing in its environment that changes it.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_operators"));
    command.args(args).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "SQUALL_URL", "SQUALL_TOKEN_FILE", "NOTIFY_SOCKET"]
    {
        command.env_remove(name);
    }
    command
}

/// A process that runs `mixed` in a folder of its own, and is killed when the test is over.
pub(crate) struct Process {
    child: Child,
    url: String,
    folder: TempDir,
}

impl Process {
    pub(crate) fn start() -> Self {
        Self::start_with(tempfile::tempdir().unwrap(), |_| {})
    }

    /// Starts it, and returns once it listens.
    pub(crate) fn start_with(folder: TempDir, change: impl FnOnce(&mut Command)) -> Self {
        std::fs::write(folder.path().join("squall.toml"), "").unwrap();
        let mut command = command(&["run", "mixed", "--listen", "127.0.0.1:0"]);
        change(&mut command);
        let command = command.current_dir(folder.path()).env("SQUALL_LOG", "off");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.find(|line| line.as_ref().unwrap().contains("listens on ")).unwrap().unwrap();
        let url = line.split("listens on ").nth(1).unwrap().to_owned();
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, folder }
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = command(args);
        command.args(["--url", &self.url]).current_dir(self.folder.path());
        command
    }

    pub(crate) fn output(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a command prints that must do what it is asked for.
    pub(crate) fn text(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.text(args)).unwrap()
    }

    /// Has it drain, and returns its exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }

    /// Waits until it ends by itself.
    pub(crate) fn ends(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
