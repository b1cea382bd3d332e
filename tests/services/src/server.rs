//! [`Server`]: a program that runs in a folder of its own until it is dropped.

use crate::{
    family::{Family, send},
    folder,
    guardian::Guardian,
};
use rustix::process::{Pid, Signal};
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const LOOK: Duration = Duration::from_millis(3);
/// How long a start may take: a database may have to recover, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long a server may take to end by itself before it is killed.
const FAREWELL: Duration = Duration::from_secs(2);

/// How a server is started and ended.
#[derive(Debug)]
pub(crate) struct Recipe {
    /// Its name in messages.
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    /// Where it runs, within its folder.
    pub(crate) inside: &'static str,
    /// Whether it runs as the user whom its folder was given to.
    pub(crate) as_its_owner: bool,
    /// What its log says when it serves.
    pub(crate) ready: &'static str,
    /// What makes it end quickly and in order.
    pub(crate) end: Signal,
}

/// A server with its folder, its log and its guardian.
#[derive(Debug)]
pub(crate) struct Server {
    recipe: Recipe,
    child: Mutex<Option<Child>>,
    family: Family,
    log: PathBuf,
    /// The length of the log when it was started last.
    said_before: AtomicU64,
    // Fields are dropped in this order: the guardian ends what is left before the folder goes.
    _guardian: Guardian,
    folder: TempDir,
}

impl Server {
    /// Starts it and waits until it serves.
    ///
    /// # Panics
    ///
    /// If it ends, or does not serve within three minutes.
    pub(crate) fn start(recipe: Recipe, folder: TempDir) -> Self {
        let server = Self::prepare(recipe, folder);
        server.start_again();
        server
    }

    /// Does all but start it.
    pub(crate) fn prepare(recipe: Recipe, folder: TempDir) -> Self {
        let guardian = Guardian::of(folder.path(), recipe.end);
        Self {
            child: Mutex::new(None),
            family: Family::of(folder.path()),
            log: folder.path().join("log"),
            said_before: AtomicU64::new(0),
            _guardian: guardian,
            folder,
            recipe,
        }
    }

    /// Starts it once more, in the same folder, and waits until it serves.
    ///
    /// # Panics
    ///
    /// If it runs, and as [`Server::start`].
    pub(crate) fn start_again(&self) {
        self.launch();
        self.wait_until("serve", PATIENCE, || self.log().contains(self.recipe.ready).then_some(()));
    }

    /// Starts it and does not wait.
    ///
    /// # Panics
    ///
    /// If it runs, or does not start.
    pub(crate) fn launch(&self) {
        let mut child = self.child();
        assert!(child.is_none(), "{} runs already", self.recipe.name);
        self.said_before.store(fs::metadata(&self.log).map_or(0, |log| log.len()), Ordering::Relaxed);
        *child = Some(self.spawn());
    }

    /// Looks until there is what is `wanted` of it.
    ///
    /// # Panics
    ///
    /// If it ends before, or takes longer than `patience`.
    pub(crate) fn wait_until<R>(
        &self,
        what: &str,
        patience: Duration,
        mut wanted: impl FnMut() -> Option<R>,
    ) -> R {
        let start = Instant::now();
        loop {
            // First, so that nothing it does before it ends is missed.
            let ended = self.ended();
            if let Some(found) = wanted() {
                return found;
            }
            let name = &self.recipe.name;
            let why = match ended {
                Some(status) => format!("{name} ended ({status}) and did not {what}"),
                None if start.elapsed() > patience => format!("{name} did not {what} within {patience:?}"),
                None => {
                    thread::sleep(LOOK);
                    continue;
                }
            };
            panic!("{why}; its log ends so:\n{}", self.end_of_log());
        }
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        let mut child = self.child();
        child.as_mut().and_then(|child| child.try_wait().ok().flatten())
    }

    /// Lets it be started again, if it has ended.
    pub(crate) fn forget_if_ended(&self) {
        if self.ended().is_some() {
            self.child().take();
        }
    }

    /// Sends a signal to the process that was started; not if it has ended.
    pub(crate) fn signal(&self, signal: Signal) {
        if self.ended().is_none()
            && let Some(child) = &*self.child()
        {
            send(Pid::from_child(child), signal);
        }
    }

    fn spawn(&self) -> Child {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.and_then(|log| Ok((log.try_clone()?, log)));
        let (said, complained) = match log {
            Ok(log) => log,
            Err(error) => panic!("{}: cannot be written: {error}", self.log.display()),
        };
        let mut command = Command::new(&self.recipe.program);
        command
            .args(&self.recipe.arguments)
            .envs(self.recipe.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path().join(self.recipe.inside))
            // Ctrl-C is for the tests; the guardian sees to the server.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(said)
            .stderr(complained);
        if self.recipe.as_its_owner {
            folder::as_its_owner(&mut command);
        }
        match command.spawn() {
            Ok(child) => child,
            Err(error) => panic!("{}: does not start: {error}", self.recipe.program.display()),
        }
    }

    /// How it is started next.
    pub(crate) fn recipe(&mut self) -> &mut Recipe {
        &mut self.recipe
    }

    /// Whether it was started and has not ended.
    pub(crate) fn is_running(&self) -> bool {
        self.ended().is_none() && self.child().is_some()
    }

    /// Where it lives.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills all its processes at once, as a power failure would; what it wrote stays.
    pub(crate) fn kill(&self) {
        // Without a look at all processes of the machine first.
        self.signal(Signal::KILL);
        let mut child = self.child();
        self.family.kill();
        if let Some(mut child) = child.take() {
            drop(child.wait());
        }
    }

    /// Stops all its processes where they are.
    pub(crate) fn freeze(&self) {
        self.family.freeze();
    }

    /// Lets them go on.
    pub(crate) fn thaw(&self) {
        self.family.signal(Signal::CONT);
    }

    /// The ids of its processes.
    pub(crate) fn pids(&self) -> Vec<i32> {
        self.family.pids().into_iter().map(|pid| pid.as_raw_nonzero().get()).collect()
    }

    fn end_in_order(&self) {
        let Some(mut child) = self.child().take() else { return };
        self.thaw();
        send(Pid::from_child(&child), self.recipe.end);
        if !self.family.gone_within(FAREWELL) {
            self.family.kill();
        }
        drop(child.wait());
    }

    /// What it has said since it was started last.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&self.log_after(0)).into_owned()
    }

    /// What it has said since then, without the first bytes.
    pub(crate) fn log_after(&self, bytes: u64) -> Vec<u8> {
        let start = self.said_before.load(Ordering::Relaxed).saturating_add(bytes);
        let mut said = Vec::new();
        let read = File::open(&self.log).and_then(|mut log| {
            log.seek(SeekFrom::Start(start))?;
            log.read_to_end(&mut said)
        });
        // It has not said anything if there is no log.
        drop(read);
        said
    }

    fn end_of_log(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(30)..).unwrap_or_default().join("\n")
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end_in_order();
    }
}
