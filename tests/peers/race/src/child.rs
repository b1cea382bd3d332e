//! The process of a contestant: it runs when it is asked something, and stands still otherwise.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{self, ChildStdin, ChildStdout, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use peer::{Command, Flow, Rate, Ready};
use rustix::process::{Pid, Signal, kill_process};
use serde::de::DeserializeOwned;

use crate::Result;

/// What a process may take beyond the time that it is to be measured: to start, or to end what is under way.
const PATIENCE: Duration = Duration::from_secs(60);

/// ZooKeeper takes a session for dead that was not heard of for 40 seconds.
const LONGEST_STILL: Duration = Duration::from_secs(10);

/// Long enough to be heard of.
const BREATH: Duration = Duration::from_millis(300);

/// Lets those go on for a moment that stood still for long, so that nothing in them is taken for dead.
pub(crate) fn breathe<'a>(children: impl IntoIterator<Item = &'a mut Child>) -> Result<()> {
    let mut restless: Vec<&mut Child> = children.into_iter().filter(|child| child.is_restless()).collect();
    if restless.is_empty() {
        return Ok(());
    }
    restless.iter_mut().try_for_each(|child| child.go_on())?;
    thread::sleep(BREATH);
    restless.iter_mut().try_for_each(|child| child.halt())
}

/// The process of a contestant.
#[derive(Debug)]
pub(crate) struct Child {
    name: String,
    process: process::Child,
    commands: ChildStdin,
    answers: Receiver<String>,
    log: PathBuf,
    still_since: Option<Instant>,
}

impl Child {
    /// Starts a process and waits until it is ready. It does not stand still yet.
    pub(crate) fn start(name: String, mut command: process::Command, log: PathBuf) -> Result<Self> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} did not start: {error}", command.get_program().display()))?;
        let (Some(commands), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("a process without pipes cannot be talked to".into());
        };
        let (answer, answers) = channel();
        thread::spawn(move || listen(output, &answer));
        let child = Self { name, process, commands, answers, log, still_since: None };
        let Ready { ready } = child.hear(Duration::ZERO)?;
        if !ready {
            return Err(format!("{} says that it is not ready", child.name).into());
        }
        Ok(child)
    }

    /// Emits as fast as it can.
    pub(crate) fn flow(&mut self, settle: Duration, measured: Duration) -> Result<Flow> {
        self.ask(Command::Flow { settle, measured }, settle + measured)
    }

    /// Emits at a fixed rate.
    pub(crate) fn rate(&mut self, per_second: u64, settle: Duration, measured: Duration) -> Result<Rate> {
        self.ask(Command::Rate { per_second, settle, measured }, settle + measured)
    }

    /// Lets it stand still until it is asked something.
    pub(crate) fn halt(&mut self) -> Result<()> {
        self.signal(Signal::STOP)?;
        self.still_since = Some(Instant::now());
        Ok(())
    }

    fn go_on(&mut self) -> Result<()> {
        self.still_since = None;
        self.signal(Signal::CONT)
    }

    fn is_restless(&self) -> bool {
        self.still_since.is_some_and(|since| since.elapsed() > LONGEST_STILL)
    }

    fn ask<A: DeserializeOwned>(&mut self, command: Command, lasts: Duration) -> Result<A> {
        self.go_on()?;
        writeln!(self.commands, "{command}")?;
        let answer = self.hear(lasts)?;
        self.halt()?;
        Ok(answer)
    }

    fn hear<A: DeserializeOwned>(&self, lasts: Duration) -> Result<A> {
        let line = self.answers.recv_timeout(lasts + PATIENCE).map_err(|_| {
            format!("{} gave no answer; what it wrote lies in {}", self.name, self.log.display())
        })?;
        serde_json::from_str(&line).map_err(|error| format!("{} said `{line}`: {error}", self.name).into())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let pid = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| format!("{} has no process", self.name))?;
        kill_process(pid, signal)
            .map_err(|error| format!("{} cannot be signalled: {error}", self.name).into())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Passes on every answer. Whatever else a library prints is no answer.
fn listen(output: ChildStdout, answer: &Sender<String>) {
    for line in BufReader::new(output).lines().map_while(std::result::Result::ok) {
        if line.starts_with('{') && answer.send(line).is_err() {
            break;
        }
    }
}
