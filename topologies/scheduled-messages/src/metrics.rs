//! How things stand, for Prometheus.

use std::collections::HashMap;
use std::time::Duration;

use squall_ops::prometheus::core::{Collector, Desc};
use squall_ops::prometheus::proto::MetricFamily;
use squall_ops::prometheus::{Gauge, GaugeVec, Opts};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::state::State;
use crate::store::{AtHand, Counts, Store};

/// How long a scrape waits for the database: what does not come is left out of it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells what is in the database, at each scrape as far as it can bear that.
///
/// Every process that shares the database tells the same: a query takes the maximum, not the sum.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    store: Store,
    messages: GaugeVec,
    due: Gauge,
    overdue: Gauge,
    processes: Gauge,
}

impl Metrics {
    pub(crate) fn new(store: &Store) -> Result<Self, squall_ops::prometheus::Error> {
        let messages = Opts::new("squall_messages", "Messages, by what became of them.");
        Ok(Self {
            store: store.clone(),
            messages: GaugeVec::new(messages, &["state"])?,
            due: Gauge::new("squall_messages_due", "Messages that are due and not sent.")?,
            overdue: Gauge::new(
                "squall_messages_oldest_overdue_seconds",
                "How long the message has been due that waits longest; 0 if none does.",
            )?,
            processes: Gauge::new(
                "squall_messages_processes",
                "Processes that share the messages and are believed to live.",
            )?,
        })
    }

    fn of(&self, now: &AtHand) -> Vec<MetricFamily> {
        let overdue = now.oldest_overdue.as_ref().map(|oldest| now.as_of.duration_since(oldest.due_at));
        self.due.set(now.due as f64);
        self.overdue.set(overdue.map_or(0.0, |overdue| overdue.as_secs_f64().max(0.0)));
        self.processes.set(now.processes.iter().filter(|process| process.is_alive).count() as f64);
        [self.due.collect(), self.overdue.collect(), self.processes.collect()].concat()
    }

    fn all(&self, counts: &Counts) -> Vec<MetricFamily> {
        for (state, count) in &counts.states {
            self.messages.with(&HashMap::from([("state", State::name(*state))])).set(*count as f64);
        }
        self.messages.collect()
    }
}

impl Collector for Metrics {
    fn desc(&self) -> Vec<&Desc> {
        [self.messages.desc(), self.due.desc(), self.overdue.desc(), self.processes.desc()].concat()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let Ok(runtime) = Handle::try_current() else { return Vec::new() };
        runtime.block_on(async {
            let now = timeout(PATIENCE, self.store.at_hand()).await;
            let counts = timeout(PATIENCE, self.store.counts()).await;
            let now = now.ok().and_then(Result::ok).map(|now| self.of(&now));
            let counts = counts.ok().and_then(Result::ok).map(|counts| self.all(&counts));
            [now, counts].into_iter().flatten().flatten().collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, ToSpan as _};
    use squall_connect::sql::Options;
    use squall_ops::prometheus::TextEncoder;

    use super::*;
    use crate::message::NewMessage;

    #[tokio::test]
    async fn a_scrape_tells_what_is_in_the_database() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(Options::file(dir.path().join("messages.sqlite3"))).await.unwrap();
        for due_at in [Timestamp::now() - 1.hour(), Timestamp::now() + 1.hour()] {
            store.insert(NewMessage::new("me", "inbox", "Hello", due_at), "test").await.unwrap();
        }
        let metrics = Metrics::new(&store).unwrap();

        let families = tokio::task::spawn_blocking(move || metrics.collect()).await.unwrap();

        let text = TextEncoder::new().encode_to_string(&families).unwrap();
        for line in [
            "squall_messages{state=\"scheduled\"} 2",
            "squall_messages{state=\"dead\"} 0",
            "squall_messages_due 1",
            "squall_messages_oldest_overdue_seconds 36",
            "squall_messages_processes 1",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
    }
}
