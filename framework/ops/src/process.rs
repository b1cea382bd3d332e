//! A process that runs topologies: from the first start to the last drain.

use std::io::{self, Write as _};
use std::sync::Arc;

use squall_runtime::{Failed, Options, Report, Running};
use squall_topology::EngineSettings;
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use crate::data_dir::DataDir;
use crate::http::{Listener, Server};
use crate::signals::{Received, Signals};
use crate::site::{Site, Topology};
use crate::{Prepared, StartError, Summary, exit};

/// Everything that a process needs to run.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) jobs: Vec<Job>,
    pub(crate) engine: EngineSettings,
    /// Held to the end: its lock keeps other processes out.
    pub(crate) data_dir: DataDir,
    pub(crate) listener: Option<Listener>,
}

/// One topology to run.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) prepared: Prepared,
}

/// How a topology ended: its place in the site, and its report.
type Ended = (usize, Result<Report, Failed>);

impl Process {
    /// Starts everything, waits until all topologies have ended, and returns the exit code.
    ///
    /// The first SIGTERM or SIGINT drains, and so does a topology that fails; the second signal ends the process
    /// here and now.
    ///
    /// # Errors
    ///
    /// A topology or the server cannot be started.
    pub(crate) async fn run(self) -> Result<u8, StartError> {
        let mut signals = Signals::listen().map_err(StartError::failed)?;
        let Self { name, version, jobs, engine, data_dir, listener } = self;

        let mut banner = vec![format!("{name} {version}")];
        banner.extend(listener.as_ref().map(|listener| format!("  listens on http://{}/", listener.addr())));
        banner.extend(
            data_dir.is_open().then(|| format!("  keeps its data in {}", data_dir.absolute().display())),
        );
        let mut routes = Vec::new();
        let mut topologies = Vec::new();
        let mut summaries = Vec::new();
        for Job { name, about, prepared } in jobs {
            let Prepared { plan, routes: own_routes, links, banner: own_banner, summary } = prepared;
            let running = Running::start(plan, Options::from(&engine))
                .map_err(|error| StartError::failed(format!("cannot start `{name}`: {error}")))?;
            routes.extend(own_routes);
            banner.push(format!("  runs {name}"));
            banner.extend(own_banner.into_iter().map(|line| format!("    {line}")));
            topologies.push(Topology { name, about, links, running });
            summaries.push(summary);
        }
        let site = Arc::new(Site::new(name, version, topologies));
        let server = listener.map(|listener| listener.serve(Arc::clone(&site), routes)).transpose()?;
        say(&banner.join("\n"));

        let failed = Ending { site, engine, summaries, is_told: false }.watch(&mut signals).await;
        stop(server).await;
        Ok(if failed { exit::FAILURE } else { exit::OK })
    }
}

/// Topologies on their way to the end.
struct Ending {
    site: Arc<Site>,
    engine: EngineSettings,
    summaries: Vec<Option<Summary>>,
    /// Whether a signal has arrived.
    is_told: bool,
}

impl Ending {
    /// Waits until all topologies have ended, and returns whether one failed.
    async fn watch(mut self, signals: &mut Signals) -> bool {
        let mut topologies = JoinSet::new();
        for (index, topology) in self.site.topologies.iter().enumerate() {
            let running = topology.running.clone();
            topologies.spawn_local(async move { (index, running.wait().await) });
        }
        let mut failed = false;
        loop {
            tokio::select! {
                biased;
                signal = signals.next() => self.obey(signal),
                ended = topologies.join_next() => match ended {
                    Some(Ok(ended)) => failed |= self.note(ended),
                    Some(Err(panic)) => {
                        error!(%panic, "Lost sight of a topology.");
                        failed = true;
                        self.drain();
                    }
                    None => return failed,
                },
            }
        }
    }

    /// Notes the end of a topology, and returns whether it failed.
    fn note(&mut self, (index, end): Ended) -> bool {
        let Some(topology) = self.site.topologies.get(index) else { return false };
        let summary = self.summaries.get_mut(index).and_then(Option::take);
        if let (Some(summary), Some(report)) = (summary, end.as_ref().map_or_else(Failed::report, Some)) {
            say(&summary(report));
        }
        match end {
            Ok(_) => {
                info!(topology = topology.name, "Topology ended.");
                false
            }
            Err(failed) => {
                say(&format!("error: {failed}"));
                self.drain();
                true
            }
        }
    }

    /// The first signal drains. The second does not go by way of the executors: one of them may be what hangs.
    fn obey(&mut self, signal: Received) {
        if self.is_told {
            warn!(%signal, "Stopped at once; what was not acked is still with its source.");
            std::process::exit(signal.code().into());
        }
        self.is_told = true;
        let deadline = self.engine.drain_deadline;
        info!(%signal, ?deadline, "Draining; a second signal stops at once.");
        self.drain();
    }

    fn drain(&self) {
        if self.site.is_draining() {
            return;
        }
        self.site.start_draining();
        for topology in &self.site.topologies {
            topology.running.drain(self.engine.drain_deadline);
        }
    }
}

async fn stop(server: Option<Server>) {
    if let Some(server) = server {
        server.stop().await;
    }
}

/// Tells the person in front of the terminal; standard output belongs to the data.
fn say(text: &str) {
    // With standard error closed there is nobody to tell.
    drop(writeln!(io::stderr(), "{text}"));
}
