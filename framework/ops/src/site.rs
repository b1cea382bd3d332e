//! What runs in this process, as its pages and its API show it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use prometheus::Registry;
use squall_runtime::Running;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::lookout::Lookout;
use crate::metrics::{self, Own};
use crate::reload::{Answer, ConfigState, Configured, Order};
use crate::{Card, Link, Page, Problem};

/// What runs in this process.
#[derive(Debug)]
pub(crate) struct Site {
    /// The name of the binary.
    pub(crate) name: String,
    /// The version of the binary.
    pub(crate) version: String,
    /// The topologies that were started, in the order of the command line.
    pub(crate) topologies: Vec<Topology>,
    pub(crate) metrics: Registry,
    pub(crate) config: Arc<ConfigState>,
    /// What is seen of the topologies.
    pub(crate) lookout: Lookout,
    /// For the process, about its configuration.
    pub(crate) orders: mpsc::Sender<Order>,
    draining: AtomicBool,
}

/// A topology that was started.
#[derive(Debug)]
pub(crate) struct Topology {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) links: Vec<Link>,
    pub(crate) pages: Vec<Page>,
    pub(crate) cards: Vec<Card>,
    pub(crate) running: Running,
    pub(crate) configured: Configured,
    /// The metrics that it brings.
    pub(crate) own: Own,
}

impl Site {
    /// A process in which these topologies were started.
    pub(crate) fn new(
        name: String,
        version: String,
        topologies: Vec<Topology>,
        config: Arc<ConfigState>,
        lookout: Lookout,
        orders: mpsc::Sender<Order>,
    ) -> Self {
        let metrics = metrics::registry((&name, &version), &topologies, &lookout, &config);
        Self { name, version, topologies, metrics, config, lookout, orders, draining: AtomicBool::new(false) }
    }

    /// The topology with this name.
    pub(crate) fn topology(&self, name: &str) -> Option<&Topology> {
        self.topologies.iter().find(|topology| topology.name == name)
    }

    /// What a reload would change now; or why it cannot be asked for.
    pub(crate) async fn plan(&self) -> Result<Answer, Problem> {
        self.order(Order::Plan).await
    }

    /// Reloads the configuration; with a hash, only if that is the file's.
    pub(crate) async fn reload(&self, expected: Option<String>) -> Result<Answer, Problem> {
        self.order(|asker| Order::Reload(expected, asker)).await
    }

    async fn order(&self, order: impl FnOnce(oneshot::Sender<Answer>) -> Order) -> Result<Answer, Problem> {
        let ended = || Problem::unavailable("The process ends.");
        let (sender, answer) = oneshot::channel();
        self.orders.try_send(order(sender)).map_err(|error| match error {
            TrySendError::Full(_) => Problem::unavailable("Too many reloads wait already; try again later."),
            TrySendError::Closed(_) => ended(),
        })?;
        answer.await.map_err(|_| ended())
    }

    /// From now on the process is not ready for new work.
    pub(crate) fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the process is on its way to the end; also after one topology has failed.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
