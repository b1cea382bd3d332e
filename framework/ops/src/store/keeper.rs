//! [`Keeper`]: the thread that writes what operators will want to see of the past.
//!
//! Nobody waits for it: neither the lookout nor the checks nor a page. What cannot be written now is written later.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::{Builder, Runtime};
use tracing::warn;

use super::{Hour, MINUTES, Series, Store};
use crate::alert::Alerts;
use crate::history::{History, Metric, Window};
use crate::lookout::Lookout;
use crate::seen::Seen;

/// How often is looked whether there is something to write.
const PERIOD: Duration = Duration::from_secs(1);

const MINUTE: u64 = 60;

/// The thread that writes alerts when they change, and numbers once a minute.
#[derive(Debug)]
pub(crate) struct Keeper {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Goes on with what is in the store, and begins to write there.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread.
    pub(crate) fn start(store: Store, lookout: &Lookout) -> io::Result<Self> {
        let (stop, stopped) = channel();
        let runtime = Builder::new_current_thread().build()?;
        let lookout = lookout.clone();
        let body = move || {
            let mut pen = Pen { store, runtime, lookout, hour: 0, rows: BTreeMap::new(), is_failing: false };
            pen.run(&stopped);
        };
        let thread = thread::Builder::new().name("squall-keeper".to_owned()).spawn(body)?;
        Ok(Self { stop, thread })
    }

    /// Writes what is left, and lets go of the file.
    pub(crate) fn stop(self, alerts: &Alerts) {
        // Its thread ends when this does.
        drop(self.stop);
        if self.thread.join().is_err() {
            warn!("The thread that writes what operators see of the past has panicked.");
        }
        alerts.leave_store();
    }
}

struct Pen {
    store: Store,
    runtime: Runtime,
    lookout: Lookout,
    /// The hour that is written, counted from 1970.
    hour: i64,
    rows: BTreeMap<Series, Hour>,
    /// The last write failed: that is told once.
    is_failing: bool,
}

impl Pen {
    fn run(&mut self, stopped: &Receiver<()>) {
        let mut minute = minute_of(SystemTime::now());
        loop {
            let stop = !matches!(stopped.recv_timeout(PERIOD), Err(RecvTimeoutError::Timeout));
            self.keep_alerts();
            let now = minute_of(SystemTime::now());
            if now != minute || stop {
                self.keep_minute(minute);
                minute = now;
            }
            if stop {
                return;
            }
        }
    }

    fn keep_alerts(&mut self) {
        let alerts = self.lookout.alerts().take_unwritten();
        if alerts.is_empty() {
            return;
        }
        let kept = self.runtime.block_on(self.store.keep_alerts(alerts.clone()));
        if kept.is_err() {
            self.lookout.alerts().give_back(&alerts);
        }
        self.note(kept);
    }

    fn keep_minute(&mut self, minute: u64) {
        let hour = i64::try_from(minute / MINUTE).unwrap_or_default();
        if hour != self.hour {
            self.begin(hour);
        }
        let at = usize::try_from(minute % MINUTE).unwrap_or_default();
        for (series, value) in measured(&self.lookout.seen(), self.lookout.history()) {
            let minutes = self.rows.entry(series).or_insert([f32::NAN; MINUTES]);
            minutes.get_mut(at).into_iter().for_each(|slot| *slot = value);
        }
        let rows = self.rows.iter().map(|(series, minutes)| (series.clone(), *minutes)).collect();
        let kept = self.runtime.block_on(self.store.keep_hour(hour, rows));
        self.note(kept);
    }

    /// Another hour; what a process before this one has measured in it stays.
    fn begin(&mut self, hour: i64) {
        let kept = self.runtime.block_on(self.store.hours(hour, hour));
        (self.hour, self.rows) = (hour, BTreeMap::new());
        match kept {
            Ok(kept) => self.rows.extend(kept.into_iter().map(|(_, series, minutes)| (series, minutes))),
            Err(error) => self.note(Err(error)),
        }
    }

    fn note(&mut self, kept: Result<(), squall_connect::sql::Error>) {
        if let (Err(reason), false) = (&kept, self.is_failing) {
            warn!(%reason, "What operators see of the past is not written; it is tried again.");
        }
        self.is_failing = kept.is_err();
    }
}

fn minute_of(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / MINUTE)
}

/// The last minute of every series in which something was measured.
fn measured(seen: &Seen, history: &History) -> Vec<(Series, f32)> {
    let mut all = Vec::new();
    for topology in &seen.topologies {
        let components = topology.components.iter().map(|component| Some(component.name.as_str()));
        for component in std::iter::once(None).chain(components) {
            for metric in Metric::ALL {
                let points = history.points(topology.name, component, metric, Window::Minute);
                let values = points.map(|points| points.values).unwrap_or_default();
                if let Some(value) = metric.of_several(values.into_iter().flatten()) {
                    let (topology, component) = (topology.name.to_owned(), component.map(str::to_owned));
                    all.push((Series { topology, component, metric }, value));
                }
            }
        }
    }
    all
}
