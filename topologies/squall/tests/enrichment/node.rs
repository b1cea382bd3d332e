//! One process, with the folder that outlives it.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use squall_services::{Faketime, Port, Process};
use tempfile::TempDir;

/// What a process says that gave up partitions with something under way, since it was stopped for longer than it may drain
/// or be silent.
const UNDONE: [&str; 2] = ["given back before all was done", "the group took partitions away"];

/// What has not happened by then never will.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// The longest a process runs before it is killed, in milliseconds.
const LONGEST: u64 = 1500;

/// One process, with its data: killed and started again it is the same to everybody.
pub(crate) struct Node {
    _folder: TempDir,
    data: PathBuf,
    process: Process,
    port: Port,
}

/// What a node is started with besides its configuration.
#[derive(Default)]
pub(crate) struct Manner<'a> {
    pub(crate) args: &'a [&'a str],
    pub(crate) clock: Option<&'a Faketime>,
    /// Where its data lies, if not in a folder of its own.
    pub(crate) data: Option<&'a Path>,
    /// What its configuration names by variables.
    pub(crate) secrets: &'a [(&'a str, String)],
}

impl Node {
    pub(crate) fn new(configuration: &str, manner: &Manner<'_>) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), Port::reserve());
        let file = folder.path().join("squall.toml");
        fs::write(&file, configuration).unwrap();
        let data = manner.data.map_or_else(|| folder.path().join("data"), ToOwned::to_owned);
        let mut process = Process::of(env!("CARGO_BIN_EXE_squall"))
            .args(["run", "enrichment", "--listen"])
            .args([port.address().to_string()])
            .args(["--config".to_owned(), file.display().to_string()])
            .args(["--data-dir".to_owned(), data.display().to_string()])
            .args(manner.args.iter().copied());
        for (name, value) in manner.secrets {
            process = process.env(*name, value);
        }
        if let Some(clock) = manner.clock {
            process = process.clock(clock);
        }
        Self { _folder: folder, data, process, port }
    }

    /// Starts it, and does not wait.
    pub(crate) fn start(&self) {
        self.process.start();
    }

    pub(crate) fn kill(&self) {
        self.process.kill();
    }

    /// Has it stand still.
    pub(crate) fn freeze(&self) {
        self.process.freeze();
    }

    pub(crate) fn thaw(&self) {
        self.process.thaw();
    }

    pub(crate) fn is_running(&self) -> bool {
        self.process.is_running()
    }

    /// Ends it in order.
    pub(crate) fn end(&self) {
        self.process.terminate();
        let status = self.wait_for_end();
        assert!(status.success(), "{status}: {}", self.log());
    }

    pub(crate) fn wait_for_end(&self) -> ExitStatus {
        self.process.wait_for_end(PATIENCE)
    }

    pub(crate) fn wait_for_line(&self, part: &str) -> String {
        self.process.wait_for_line(part, PATIENCE)
    }

    /// Lets it run for a random time, and kills it.
    pub(crate) fn kill_at_random(&self, dice: &mut Rng) {
        thread::sleep(Duration::from_millis(dice.u64(..LONGEST)));
        self.kill();
    }

    /// What it answers at this path; nothing before it listens.
    pub(crate) fn ask(&self, path: &str) -> Option<String> {
        let address = self.port.address();
        let mut stream = TcpStream::connect(address).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.contains(" 200 ").then(|| body.to_owned())
    }

    /// What all of its runs said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.process.folder().join("log")).unwrap_or_default()
    }

    /// How often it gave up partitions with something under way.
    pub(crate) fn undone(&self) -> usize {
        let log = self.log();
        UNDONE.iter().map(|said| log.matches(said).count()).sum()
    }

    /// The lines of all of its segments of this name. While it runs the last one may be cut off, also within a character.
    pub(crate) fn segments(&self, name: &str) -> Vec<String> {
        loop {
            match self.segments_once(name) {
                Ok(lines) => return lines,
                // One was given its name just now.
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::NotFound),
            }
        }
    }

    fn segments_once(&self, name: &str) -> io::Result<Vec<String>> {
        let Ok(entries) = fs::read_dir(self.data.join("enrichment")) else { return Ok(Vec::new()) };
        let mut lines = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(name) {
                let text = fs::read(entry.path())?;
                lines.extend(String::from_utf8_lossy(&text).lines().map(str::to_owned));
            }
        }
        Ok(lines)
    }
}

/// Waits for something that nobody signals.
pub(crate) fn wait_until(what: &str, nodes: &[Node], mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        if begin.elapsed() > PATIENCE {
            let logs: String = nodes.iter().map(|node| tail(&node.log())).collect();
            panic!("{what} does not come; the logs end so:\n{logs}");
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n") + "\n"
}
