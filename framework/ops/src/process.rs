//! A process that runs topologies: from the first start to the last drain.

mod apply;
mod events;
#[cfg(feature = "history")]
mod keep;
mod member;
mod propose;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use squall_topology::EngineSettings;
use tokio::sync::mpsc;
use tracing::{error, info, warn};

use crate::access::Access;
use crate::data_dir::DataDir;
use crate::http::{Doors, Guard, Listener, Place, Server};
use crate::lookout::Lookout;
use crate::reload::{ConfigState, Held, Order, Refusal, Trigger, Watch};
use crate::settings::{Loaded, Mode, Ready, Settings};
use crate::signals::{Received, Signals};
use crate::site::Site;
#[cfg(feature = "history")]
use crate::store::Keeper;
use crate::{App, StartError, check, exit, systemd};
use events::{End, Event, Events};
use member::Member;

/// How long a process that has ended holds its place at the port for one that has its data directory now.
const SUCCESSION: Duration = Duration::from_secs(10);

/// How often it looks whether that one listens.
const LOOK: Duration = Duration::from_millis(5);

/// Everything that a process needs to start.
pub(crate) struct Process<'a> {
    pub(crate) name: String,
    pub(crate) version: String,
    /// All topologies that the binary knows.
    pub(crate) known: &'a [Box<dyn App>],
    pub(crate) settings: Settings<'a>,
    pub(crate) loaded: Loaded,
    /// The topologies to run.
    pub(crate) ready: Vec<Ready<'a>>,
    /// How they were prepared, and will be again.
    pub(crate) mode: Mode,
    pub(crate) listener: Option<Listener>,
    pub(crate) watch: Watch,
}

impl Process<'_> {
    /// Starts everything, waits until all topologies have ended, and returns the exit code.
    ///
    /// The first SIGTERM or SIGINT drains, and so does a topology that fails; the second signal ends the process
    /// here and now. SIGHUP, a file that changes and the API have the configuration read again.
    ///
    /// # Errors
    ///
    /// A topology or the server cannot be started.
    pub(crate) fn run(self) -> Result<u8, StartError> {
        Host::start(self)?.stay()
    }
}

/// The topologies of a process, while they run.
///
/// All of it happens on the main thread, one thing after the other: so a configuration is never applied while another
/// one is, and apps may block while they prepare.
struct Host<'a> {
    name: String,
    version: String,
    known: &'a [Box<dyn App>],
    settings: Settings<'a>,
    /// The configuration that holds.
    loaded: Loaded,
    /// What only a restart of the process changes, as it was at the start.
    fixed: Fixed,
    mode: Mode,
    members: Vec<Member<'a>>,
    doors: Doors,
    server: Option<Server>,
    site: Arc<Site>,
    config: Arc<ConfigState>,
    lookout: Lookout,
    /// Writes what operators will want to see of the past.
    #[cfg(feature = "history")]
    keeper: Option<Keeper>,
    events: Events,
    orders: mpsc::Sender<Order>,
    watch: Watch,
    /// There was a terminal at the start.
    has_terminal: bool,
    /// SIGHUP came while something else was done.
    is_hung_up: bool,
    /// SIGTERM or SIGINT came.
    is_told: bool,
    has_failed: bool,
}

/// What only a restart of the process changes.
#[derive(Clone, Debug)]
struct Fixed {
    threads: Option<NonZeroUsize>,
    latencies: bool,
    data_dir: PathBuf,
    listen: SocketAddr,
    shares_port: bool,
    access: Access,
}

impl Fixed {
    fn new(settings: &Settings<'_>, loaded: &Loaded) -> Result<Self, StartError> {
        Ok(Self {
            threads: loaded.engine.threads,
            latencies: loaded.engine.latencies,
            data_dir: settings.wanted_data_dir(&loaded.engine),
            listen: settings.wanted_listen(&loaded.admin),
            shares_port: settings.shares_port(&loaded.admin),
            access: settings.wanted_access(&loaded.admin)?,
        })
    }
}

impl<'a> Host<'a> {
    fn start(process: Process<'a>) -> Result<Self, StartError> {
        let Process { name, version, known, settings, loaded, ready, mode, listener, watch } = process;
        let signals = settings.system.block_on(async { Signals::listen() }).map_err(StartError::failed)?;
        let (events, orders) = Events::new(signals);
        let held = Held::all(&settings, &loaded);
        let config = ConfigState::new(settings.file.clone(), &loaded.config, held);
        let config = Arc::new(config.with_engine(loaded.engine.clone()));
        let lookout = Lookout::start().map_err(StartError::failed)?;
        let site = Arc::new(Site::new(
            name.clone(),
            version.clone(),
            Vec::new(),
            Arc::clone(&config),
            lookout.clone(),
            orders.clone(),
        ));
        lookout.check_by(loaded.checks.clone());
        let fixed = Fixed::new(&settings, &loaded)?;
        let guard = Guard::new(fixed.access.clone(), settings.own_token.clone());
        let mut host = Self {
            fixed,
            members: Vec::new(),
            server: None,
            has_terminal: io::stderr().is_terminal(),
            is_hung_up: false,
            is_told: false,
            has_failed: false,
            name,
            version,
            known,
            settings,
            loaded,
            mode,
            doors: Doors::new(guard, Arc::clone(&site), Vec::new()),
            site,
            config,
            lookout,
            #[cfg(feature = "history")]
            keeper: None,
            events,
            orders,
            watch,
        };
        host.start_all(ready, listener)?;
        Ok(host)
    }

    fn start_all(&mut self, ready: Vec<Ready<'a>>, listener: Option<Listener>) -> Result<(), StartError> {
        let mut banner = vec![format!("{} {}", self.name, self.version)];
        let addr = listener.as_ref().map(Listener::addr);
        banner.extend(addr.map(|addr| format!("  listens on http://{addr}/")));
        #[cfg(feature = "history")]
        if listener.is_some() {
            self.keep();
        }
        let data_dir = &self.settings.data_dir;
        if data_dir.is_open() {
            self.lookout.check_own(check::of_folder(&data_dir.absolute()));
        }
        banner.extend(
            data_dir.is_open().then(|| format!("  keeps its data in {}", data_dir.absolute().display())),
        );
        for (app, prepared) in ready {
            let (member, lines) = Member::start(app, prepared, &self.loaded.engine)?;
            banner.push(format!("  runs {}", app.name()));
            banner.extend(lines.into_iter().map(|line| format!("    {line}")));
            self.expect_end(self.members.len(), &member);
            self.members.push(member);
        }
        self.show();
        let doors = self.doors.clone();
        let serve = async { listener.map(|listener| listener.serve(doors)).transpose() };
        self.server = self.settings.system.block_on(serve)?;
        self.settings.data_dir.took_over();
        let watch = self.watch.clone().start(self.orders.clone());
        watch.map_err(|error| StartError::failed(format!("cannot watch the configuration: {error}")))?;
        say(&banner.join("\n"));
        systemd::ready();
        Ok(())
    }

    /// Reacts to what happens, until all topologies have ended; returns the exit code.
    fn stay(mut self) -> Result<u8, StartError> {
        loop {
            match self.settings.system.block_on(self.events.next()) {
                Event::Signal(signal) => self.obey(signal),
                Event::Ended(Ok(end)) => self.note(end),
                Event::Ended(Err(panic)) => {
                    error!(%panic, "Lost sight of a topology.");
                    self.has_failed = true;
                    self.drain();
                }
                Event::Order(order) => self.follow(order),
                Event::AllEnded => break,
            }
            if std::mem::take(&mut self.is_hung_up) {
                self.reload(Trigger::Signal, None);
            }
        }
        self.leave();
        Ok(if self.has_failed { exit::FAILURE } else { exit::OK })
    }

    /// Ends the server, and gives the data directory to whoever waits for it. What comes last is told in full here,
    /// because its order is what loses no request: the port is held until the next process listens.
    fn leave(&mut self) {
        self.site.start_draining();
        let data_dir = &self.settings.data_dir;
        let (has_data, data_dir) = (data_dir.is_open(), DataDir::new(data_dir.path()));
        let keeps_place = move || has_data && data_dir.is_awaited();
        let place = self.server.take().and_then(|server| self.wait_for(server.stop(keeps_place)));
        self.members.clear();
        #[cfg(feature = "history")]
        if let Some(keeper) = self.keeper.take() {
            keeper.stop(self.lookout.alerts());
        }
        self.doors.change(Arc::clone(&self.site), Vec::new());
        self.settings.forget();
        self.settings.data_dir.release();
        if let Some(place) = place {
            self.hold(place);
        }
    }

    fn hold(&mut self, place: Place) {
        let until = Instant::now() + SUCCESSION;
        while self.settings.data_dir.is_awaited() && Instant::now() < until {
            self.wait_for(async { sleep(LOOK).await });
        }
        drop(place);
    }

    /// Lets pages and API show what runs now.
    fn show(&mut self) {
        let topologies = self.members.iter().map(Member::topology).collect();
        let (config, lookout, orders) = (Arc::clone(&self.config), self.lookout.clone(), self.orders.clone());
        let site = Site::new(self.name.clone(), self.version.clone(), topologies, config, lookout, orders);
        if self.site.is_draining() {
            site.start_draining();
        }
        self.site = Arc::new(site);
        self.lookout.look_at(self.members.iter().map(Member::sight).collect());
        let brought = self.members.iter().map(|member| member.brought.clone()).collect();
        self.doors.change(Arc::clone(&self.site), brought);
    }

    fn expect_end(&mut self, index: usize, member: &Member<'_>) {
        self.settings.system.block_on(async { self.events.expect_end(index, member) });
    }

    /// Notes the end of a topology; one that failed takes the others with it.
    fn note(&mut self, End { index, life, end }: End) {
        let Some(member) = self.members.get_mut(index).filter(|member| member.life == life) else { return };
        member.end(&end);
        match end {
            Ok(_) => info!(topology = member.app.name(), "Topology ended."),
            Err(failed) => {
                say(&format!("error: {failed}"));
                self.has_failed = true;
                self.drain();
            }
        }
    }

    fn follow(&mut self, order: Order) {
        match order {
            Order::Plan(asker) => {
                let answer = self.propose().map(|proposal| proposal.changes);
                // Whoever asked may have gone away.
                drop(asker.send(answer));
            }
            Order::Reload(expected, asker) => self.reload_if(expected, asker),
            Order::FileChanged => self.reload(Trigger::File, None),
        }
    }

    /// The first signal drains. The second does not go by way of the executors: one of them may be what hangs.
    fn obey(&mut self, signal: Received) {
        // With a terminal that was closed, whoever started this here has gone.
        let is_orphan = self.has_terminal && !io::stderr().is_terminal();
        if signal == Received::Hangup && !is_orphan {
            self.is_hung_up = true;
            return;
        }
        if self.is_told {
            warn!(%signal, "Stopped at once; what was not acked is still with its source.");
            std::process::exit(signal.code().into());
        }
        self.is_told = true;
        let deadline = self.engine().drain_deadline;
        // Whoever reads that it drains finds it not ready.
        self.drain();
        info!(%signal, ?deadline, "Draining; a second signal stops at once.");
    }

    fn drain(&self) {
        if self.site.is_draining() {
            return;
        }
        systemd::stopping();
        self.site.start_draining();
        for member in &self.members {
            member.running.drain(self.engine().drain_deadline);
        }
    }

    /// Waits for a future, and obeys signals meanwhile.
    fn wait_for<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        loop {
            let happened = self.settings.system.block_on(async {
                tokio::select! {
                    output = &mut future => Ok(output),
                    signal = self.events.signal() => Err(signal),
                }
            });
            match happened {
                Ok(output) => return output,
                Err(signal) => self.obey(signal),
            }
        }
    }

    fn engine(&self) -> &EngineSettings {
        &self.loaded.engine
    }

    fn is_ending(&self) -> Result<(), Refusal> {
        if self.site.is_draining() { Err(Refusal::Draining) } else { Ok(()) }
    }
}

/// Tells the person in front of the terminal; standard output belongs to the data.
fn say(text: &str) {
    // With standard error closed there is nobody to tell.
    drop(writeln!(io::stderr(), "{text}"));
}
