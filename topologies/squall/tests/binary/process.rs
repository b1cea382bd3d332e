//! The real binary, in a folder of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// A line that has not come by then never will: the test fails instead of waiting for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder in which the binary runs.
pub(crate) struct Folder {
    root: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    /// A folder with a `squall.toml`.
    pub(crate) fn with_config(config: &str) -> Self {
        let folder = Self::new();
        folder.write("squall.toml", config);
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_squall"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        for name in [
            "SQUALL_DATA_DIR",
            "SQUALL_LOG",
            "SQUALL_URL",
            "SQUALL_TOKEN_FILE",
            "NOTIFY_SOCKET",
            "WATCHDOG_USEC",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn output(&self, args: &[&str]) -> Ended {
        self.end(self.command(args))
    }

    /// Runs a command to its end.
    pub(crate) fn end(&self, mut command: Command) -> Ended {
        Ended::new(command.output().unwrap())
    }

    /// Starts the binary, and returns once it listens.
    pub(crate) fn start(&self, args: &[&str]) -> Process {
        let mut process = Process::spawn(self.command(args));
        process.listens();
        process
    }
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    fn new(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A binary that runs, and is killed when the test is over.
pub(crate) struct Process {
    child: Child,
    /// Of standard error.
    lines: Receiver<String>,
    addr: String,
}

impl Process {
    /// Starts it, and does not wait until it listens.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines, addr: String::new() }
    }

    /// Waits until it listens; returns where.
    pub(crate) fn listens(&mut self) -> &str {
        let line = self.read_until("listens on http://");
        self.addr = line.split("http://").nth(1).unwrap().trim_end_matches('/').to_owned();
        &self.addr
    }

    /// Where it listens.
    pub(crate) fn listens_on(&self) -> &str {
        &self.addr
    }

    /// Reads standard error up to a line that contains `text`, and returns the line.
    pub(crate) fn read_until(&mut self, text: &str) -> String {
        let mut seen = String::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line =
                line.unwrap_or_else(|error| panic!("no {text:?} on standard error ({error}):\n{seen}"));
            if line.contains(text) {
                return line;
            }
            seen.push_str(&line);
            seen.push('\n');
        }
    }

    /// Sends a signal: `TERM`, `INT`.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own `kill`: a bare machine has no other.
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for its end; returns how it ended, and what it said on standard error since it was last read.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let rest: Vec<String> = self.lines.iter().collect();
        (self.child.wait().unwrap(), rest.join("\n"))
    }

    /// Sends a request, and returns status and body.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let (status, body, _) = self.exchange(method, path, body, "close");
        (status, body)
    }

    /// Does something, and then sends this signal. The process sees both at once, for it stands still meanwhile.
    pub(crate) fn signal_after(&self, change: impl FnOnce(), name: &str) {
        self.signal("STOP");
        change();
        self.signal(name);
        self.signal("CONT");
    }

    /// The same with a request.
    pub(crate) fn request_after(
        &self,
        change: impl FnOnce(),
        method: &str,
        path: &str,
        body: &str,
    ) -> (u16, String) {
        self.signal("STOP");
        change();
        let stream = self.send(method, path, body, "close");
        self.signal("CONT");
        let (status, body, _) = answer(stream);
        (status, body)
    }

    /// Sends a request, and returns status, body and head of all that is sent before the connection is closed.
    pub(crate) fn exchange(
        &self,
        method: &str,
        path: &str,
        body: &str,
        connection: &str,
    ) -> (u16, String, String) {
        answer(self.send(method, path, body, connection))
    }

    fn send(&self, method: &str, path: &str, body: &str, connection: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.addr).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: {connection}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.addr,
            body.len(),
        )
        .unwrap();
        stream
    }
}

/// Status, body and head of what is answered.
fn answer(mut stream: TcpStream) -> (u16, String, String) {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned(), head.to_owned())
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
