//! What an app has at hand while it prepares.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use actix_web::rt::SystemRunner;
use squall_topology::{Config, Secret};

use super::Flags;
use crate::StartError;
use crate::data_dir::DataDir;

/// What apps keep as long as the process lives.
pub(crate) type Kept = HashMap<&'static str, Box<dyn Any>>;

/// What an [`App`](crate::App) has at hand while it prepares.
pub struct Launch<'a> {
    pub(crate) config: &'a mut Config,
    pub(crate) flags: Flags<'a>,
    pub(crate) data_dir: &'a mut DataDir,
    pub(crate) system: &'a SystemRunner,
    pub(crate) kept: &'a mut Kept,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) own_token: &'a Secret,
    pub(crate) named: bool,
    pub(crate) dry: bool,
}

impl Launch<'_> {
    /// The configuration, from which the app reads its own sections.
    pub fn config(&mut self) -> &mut Config {
        self.config
    }

    /// The flags on the command line.
    pub fn flags(&self) -> Flags<'_> {
        self.flags
    }

    /// Whether the topology was named on the command line: `squall run NAME`, not just `squall run`.
    pub fn is_named(&self) -> bool {
        self.named
    }

    /// Whether only the settings and the plan are wanted; nothing may be opened, created or sent then.
    pub fn is_dry(&self) -> bool {
        self.dry
    }

    /// The folder in which every app keeps what must outlive the process.
    ///
    /// The first call creates the folder and locks it against other processes; an app that never asks runs
    /// without one. In a dry launch it is only named, and may not exist. A process that can take over from another waits
    /// here until that one is done with the folder.
    ///
    /// # Errors
    ///
    /// The folder cannot be created or written to, or another process has it.
    pub fn data_dir(&mut self) -> Result<&Path, StartError> {
        if self.dry { Ok(self.data_dir.path()) } else { self.data_dir.open() }
    }

    /// Something that outlives the topology, such as a pool of connections: made at the first launch, and there again
    /// when a new configuration has the topology prepared anew. `name` is unique among all apps.
    ///
    /// # Errors
    ///
    /// Those of `make`.
    pub fn keep<T: Any + Clone>(
        &mut self,
        name: &'static str,
        make: impl FnOnce(&mut Self) -> Result<T, StartError>,
    ) -> Result<T, StartError> {
        if let Some(kept) = self.kept.get(name).and_then(|kept| kept.downcast_ref::<T>()) {
            return Ok(kept.clone());
        }
        let made = make(self)?;
        self.kept.insert(name, Box::new(made.clone()));
        Ok(made)
    }

    /// The address of this process, if it has one: who connects waits until it runs.
    pub fn listen(&self) -> Option<SocketAddr> {
        self.listen
    }

    /// The address at which this process can be reached from this machine, without a slash at the end.
    ///
    /// `http://127.0.0.1:8090`, also where it listens on all addresses.
    pub fn base_url(&self) -> Option<String> {
        self.listen.map(|listen| format!("http://{}", reachable(listen)))
    }

    /// What this process shows when it asks itself, as `Authorization: Bearer`: made by chance at its start, and good
    /// for everything, also where nothing may be changed over HTTP.
    ///
    /// It is for requests to [`base_url`](Self::base_url), and must not leave the process in any other way.
    pub fn own_token(&self) -> &Secret {
        self.own_token
    }

    /// Runs a future to its end on the runtime that lives as long as the process.
    ///
    /// What the future spawns goes on when the topology runs.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.system.block_on(future)
    }
}

impl fmt::Debug for Launch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Launch")
            .field("data_dir", &self.data_dir.path())
            .field("listen", &self.listen)
            .field("named", &self.named)
            .field("dry", &self.dry)
            .finish_non_exhaustive()
    }
}

/// Replaces "all addresses", to which nothing can be sent, by the loopback address.
pub(crate) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
