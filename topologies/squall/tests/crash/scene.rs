//! Processes, a receiver in three moods, and what is on their way to it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use squall_services::{Answer, Loss, LossyProxy, Receiver};

use crate::asked::{Asked, Place};
use crate::client::Client;
use crate::node::{Manner, Node};
use crate::store::Store;

/// A message that has not come to its end by then never will.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long a receiver takes: enough for a kill to meet requests that are under way.
const THINKING: Duration = Duration::from_millis(15);

/// The share of answers that are lost.
const LOST: f64 = 0.08;

/// A receiver and the proxy before it.
pub(crate) struct Spot {
    pub(crate) receiver: Receiver,
    pub(crate) proxy: LossyProxy,
}

impl Spot {
    fn new(place: Place, seed: u64) -> Self {
        let receiver = Receiver::start();
        receiver.honour_keys(place == Place::Honest);
        receiver.answer(Answer::status(200).delayed(THINKING));
        let proxy = LossyProxy::http(receiver.address());
        proxy.lose(LOST, seed, &[Loss::Answer]);
        Self { receiver, proxy }
    }
}

/// Everything that a test of crashes needs.
pub(crate) struct Scene {
    pub(crate) store: Store,
    pub(crate) nodes: Vec<Node>,
    pub(crate) spots: BTreeMap<Place, Spot>,
}

impl Scene {
    /// Nothing of it runs yet.
    pub(crate) fn new(store: Store, seed: u64, manner: &Manner<'_>) -> Self {
        let spots: BTreeMap<_, _> =
            Place::ALL.into_iter().map(|place| (place, Spot::new(place, seed))).collect();
        let destinations: String = spots
            .iter()
            .map(|(place, spot)| {
                let keyed = *place != Place::Once;
                let url = spot.proxy.url("/hook");
                format!(
                    "[destinations.{}]\ntype = \"webhook\"\nurl = \"{url}\"\nkeyed = {keyed}\n",
                    place.name()
                )
            })
            .collect();
        let nodes = nodes(&store, &destinations, manner);
        Self { store, nodes, spots }
    }

    /// No answer is lost from now on.
    pub(crate) fn lose_nothing(&self) {
        self.spots.values().for_each(|spot| spot.proxy.lose(0.0, 0, &[]));
    }

    /// Every message that was sent took one attempt, and one request.
    pub(crate) fn took_one_attempt(&self, rows: &BTreeMap<String, Value>) {
        let more: Vec<_> =
            rows.values().filter(|row| row["state"] == "sent" && row["attempts"] != 1).collect();
        assert!(more.is_empty(), "{} messages took more than one attempt: {:?}", more.len(), more.first());
        let raw: usize = self.spots.values().map(|spot| spot.receiver.raw_count()).sum();
        assert_eq!(raw, rows.values().filter(|row| row["state"] == "sent").count());
    }

    /// Prints how much each process said in its log; not more than `most` lines, for nobody reads a flood.
    pub(crate) fn said_little(&self, what: &str, most: usize) {
        for node in &self.nodes {
            let log = node.log();
            let lines = log.lines().filter(|line| line.contains(" WARN ") || line.contains("ERROR")).count();
            println!("{} {what}: {lines} warnings and errors in a log", self.store.name);
            assert!(lines <= most, "{what}: a flood of {lines} lines:\n{log}");
        }
    }

    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(Node::address).collect()
    }

    /// Waits until every message has come to its end; gives the rows.
    pub(crate) fn settled(&self, asked: &[Asked]) -> BTreeMap<String, Value> {
        settled(&self.addresses(), asked, || self.states(asked))
    }

    fn states(&self, asked: &[Asked]) -> String {
        let logs = self.nodes.iter().map(|node| {
            let log = node.log();
            let lines: Vec<_> = log.lines().collect();
            lines[lines.len().saturating_sub(30)..].join("\n")
        });
        format!(
            "{} of {} messages; the logs end so:\n{}",
            self.store.name,
            asked.len(),
            logs.collect::<String>()
        )
    }
}

/// The processes of a store; only the first one has another clock.
pub(crate) fn nodes(store: &Store, destinations: &str, manner: &Manner<'_>) -> Vec<Node> {
    let others = Manner { clock: None, secrets: manner.secrets.clone(), ..*manner };
    let manner = |index| if index == 0 { manner } else { &others };
    (0..store.processes).map(|index| Node::new(store, destinations, manner(index))).collect()
}

/// Waits until every message has come to its end; gives the rows by id.
pub(crate) fn settled(
    nodes: &[SocketAddr],
    asked: &[Asked],
    states: impl Fn() -> String,
) -> BTreeMap<String, Value> {
    let mut clients: Vec<_> = nodes.iter().map(|node| Client::of(*node)).collect();
    let mut pending: Vec<&str> = asked.iter().map(|asked| asked.id.as_str()).collect();
    let mut rows = BTreeMap::new();
    let start = Instant::now();
    for turn in 0.. {
        let client = turn % clients.len();
        pending.retain(|id| match clients[client].send("GET", &format!("/api/v1/messages/{id}"), "", "") {
            Ok((200, row)) if is_settled(&row) => rows.insert((*id).to_owned(), row).is_some(),
            Ok((404, row)) => panic!("{id}: an accepted message is gone: {row}"),
            _ => true,
        });
        if pending.is_empty() {
            return rows;
        }
        let waited = start.elapsed();
        assert!(
            waited < PATIENCE,
            "{} messages do not come to an end, {:?}; {}",
            pending.len(),
            pending.first(),
            states()
        );
        thread::sleep(Duration::from_millis(100));
    }
    unreachable!("there are turns enough");
}

fn is_settled(row: &Value) -> bool {
    let state = row["state"].as_str().unwrap();
    ["sent", "cancelled", "unconfirmed", "dead", "expired"].contains(&state)
}
