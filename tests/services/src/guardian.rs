//! [`Guardian`]: ends a server when the process that started it is gone.

use rustix::process::Signal;
use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

/// A shell that waits for the end of a pipe whose other end this process holds: the kernel closes it however the
/// process ends. A signal by the kernel (`PR_SET_PDEATHSIG`) would come when the *thread* ends that started the server,
/// and would not reach processes of the server that stand still.
#[derive(Debug)]
pub(crate) struct Guardian(Child);

impl Guardian {
    /// Guards all processes in `folder`; they get `first`, and SIGKILL if they still live two seconds later.
    ///
    /// # Panics
    ///
    /// If there is no shell.
    pub(crate) fn of(folder: &Path, first: Signal) -> Self {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let shell = Command::new("/bin/sh")
            .args(["-c", include_str!("guardian.sh"), "guardian"])
            .arg(folder)
            .arg(first.as_raw().to_string())
            // Neither does it keep a folder busy, nor does Ctrl-C reach it, nor does a reader of our output wait for it.
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match shell {
            Ok(shell) => Self(shell),
            Err(error) => panic!("/bin/sh does not start: {error}"),
        }
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}
