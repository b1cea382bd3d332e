//! The process of a contestant: it runs when it is asked something, and stands still otherwise.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{self, ChildStdin, ChildStdout, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use peer::{Command, Flow, Rate, Ready};
use rustix::process::{Pid, Signal, kill_process};
use serde::de::DeserializeOwned;

use crate::Result;

/// What a process may take beyond the time that it is to be measured: to start, or to end what is under way.
const PATIENCE: Duration = Duration::from_secs(60);

/// ZooKeeper takes a session for dead that was not heard of for 40 seconds.
const LONGEST_STILL_S: f64 = 9.0;

/// Long enough to be heard of.
const BREATH: Duration = Duration::from_millis(300);

/// The process of a contestant.
#[derive(Debug)]
pub(crate) struct Child {
    name: String,
    process: process::Child,
    commands: ChildStdin,
    answers: Receiver<String>,
    log: PathBuf,
}

impl Child {
    /// Starts a process and waits until it is ready.
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
        let child = Self { name, process, commands, answers, log };
        let Ready { ready } = child.hear(Duration::ZERO)?;
        if !ready {
            return Err(format!("{} says that it is not ready", child.name).into());
        }
        child.signal(Signal::STOP)?;
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

    /// Warms up for some time, a span at a time, so that `others` do not stand still for longer than they bear.
    pub(crate) fn warm_up<'a>(
        &mut self,
        seconds: f64,
        others: impl IntoIterator<Item = &'a Self> + Clone,
        run: impl Fn(&mut Self, Duration) -> Result<()>,
    ) -> Result<()> {
        let spans = (seconds / LONGEST_STILL_S).ceil().max(1.0);
        for _ in 0..spans as u64 {
            run(self, Duration::from_secs_f64(seconds / spans))?;
            for other in others.clone() {
                other.breathe()?;
            }
        }
        Ok(())
    }

    /// Goes on for a moment, so that nothing in the process is taken for dead.
    fn breathe(&self) -> Result<()> {
        self.signal(Signal::CONT)?;
        thread::sleep(BREATH);
        self.signal(Signal::STOP)
    }

    fn ask<A: DeserializeOwned>(&mut self, command: Command, lasts: Duration) -> Result<A> {
        self.signal(Signal::CONT)?;
        writeln!(self.commands, "{command}")?;
        let answer = self.hear(lasts)?;
        self.signal(Signal::STOP)?;
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
