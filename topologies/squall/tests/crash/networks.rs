//! The networks themselves: processes are killed and answers are lost, and nobody sees a message twice.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::Value;
use squall_services::{Loss, LossyProxy, Mastodon, Pds};

use crate::asked::{Asked, Place, Told};
use crate::author;
use crate::client::Client;
use crate::dice::{dice, number};
use crate::node::{Manner, Node};
use crate::scene::{nodes, settled};
use crate::store::Store;

/// The share of answers that are lost.
const LOST: f64 = 0.15;

/// From when messages are scheduled to when they are due.
const LEAD: Duration = Duration::from_secs(3);

fn kills() -> u64 {
    number("SQUALL_KILLS").unwrap_or(3)
}

fn messages() -> usize {
    number("SQUALL_POSTS").map_or(60, |count| usize::try_from(count).unwrap())
}

fn store() -> Store {
    Store::postgres().unwrap_or_else(Store::sqlite)
}

/// What a network shows: the texts, each with where it is.
type Shown = Vec<(String, String)>;

#[test]
fn a_real_server_of_bluesky_shows_every_message_once() {
    let Some(pds) = Pds::start() else { return };
    let mut dice = dice("Bluesky");
    let alice = pds.account("alice");
    let proxy = LossyProxy::http(pds.address());
    proxy.only("putRecord");
    proxy.lose(LOST, dice.u64(..), &[Loss::Answer]);
    let destinations = format!(
        "[destinations.network]\ntype = \"bluesky\"\nservice = \"{}\"\n\
         accounts.me = {{ identifier = \"{}\", password = {{ env = \"NETWORK_SECRET\" }} }}\n",
        proxy.url(""),
        alice.handle
    );
    let (asked, rows) = killed(&destinations, alice.password(), &mut dice);
    let shown = pds.records(&alice).into_iter().map(|record| (record.text, record.uri)).collect();
    judge("Bluesky", &asked, &rows, shown, &proxy);
}

#[test]
fn a_mock_of_mastodon_shows_every_message_once() {
    let Some(mastodon) = Mastodon::start() else { return };
    let mut dice = dice("Mastodon");
    let proxy = LossyProxy::http(mastodon.address());
    proxy.only("POST");
    proxy.lose(LOST, dice.u64(..), &[Loss::Answer]);
    let destinations = format!(
        "[destinations.network]\ntype = \"mastodon\"\nservice = \"{}\"\n\
         accounts.me = {{ token = {{ env = \"NETWORK_SECRET\" }} }}\n",
        proxy.url("")
    );
    let (asked, rows) = killed(&destinations, mastodon.token(), &mut dice);
    let shown =
        mastodon.statuses().into_iter().map(|status| (status.text, format!("/{}", status.id))).collect();
    judge("Mastodon", &asked, &rows, shown, &proxy);
}

/// Has messages sent by processes that are killed meanwhile.
fn killed(destinations: &str, secret: &str, dice: &mut Rng) -> (Vec<Asked>, BTreeMap<String, Value>) {
    let secrets = vec![("NETWORK_SECRET", secret.to_owned())];
    let nodes = nodes(&store(), destinations, &Manner { secrets, ..Manner::default() });
    nodes.iter().for_each(Node::start);
    let addresses: Vec<_> = nodes.iter().map(Node::address).collect();
    let begin = Instant::now();
    let mut clients: Vec<_> = addresses.iter().map(|address| Client::of(*address)).collect();
    let due_at = Timestamp::now() + LEAD;
    let mut asked: Vec<_> = (0..messages())
        .map(|number| {
            let id = author::accepted(&mut clients, number, "network", "me", due_at);
            Asked { number, place: Place::Honest, id, wish: None, told: None }
        })
        .collect();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let mut chance = dice.fork();
        let (nodes, is_over) = (&nodes, &is_over);
        scope.spawn(move || {
            thread::sleep((begin + LEAD).saturating_duration_since(Instant::now()));
            for _ in 0..kills() {
                thread::sleep(Duration::from_millis(chance.u64(..1200)));
                let node = &nodes[chance.usize(..nodes.len())];
                node.kill();
                node.start();
            }
            is_over.store(true, Ordering::Relaxed);
        });
        let (from, span) = (begin + LEAD - Duration::from_millis(500), Duration::from_millis(3000));
        author::change_minds(&addresses, &mut asked, from, span, dice);
    });
    assert!(is_over.into_inner());
    let rows = settled(&addresses, &asked, || nodes.iter().map(Node::log).collect());
    (asked, rows)
}

fn judge(network: &str, asked: &[Asked], rows: &BTreeMap<String, Value>, shown: Shown, proxy: &LossyProxy) {
    let mut places: HashMap<String, Vec<String>> = HashMap::new();
    let count = shown.len();
    shown.into_iter().for_each(|(text, place)| places.entry(text).or_default().push(place));
    let (mut wrong, mut sent, mut stopped) = (Vec::new(), 0, 0);
    for asked in asked {
        let row = &rows[&asked.id];
        let mut seen = |text: String| places.remove(&text).unwrap_or_default();
        let (old, new) = (seen(asked.old_text()), seen(asked.new_text()));
        let is_new = row["text"] == asked.new_text();
        let (right, other) = if is_new { (&new, &old) } else { (&old, &new) };
        let is_right = other.is_empty()
            && match row["state"].as_str().unwrap() {
                "sent" => {
                    sent += 1;
                    let receipt = row["receipt"].as_str().unwrap_or_default();
                    right.len() == 1 && receipt.ends_with(&right[0])
                }
                "cancelled" => right.is_empty(),
                "unconfirmed" => {
                    stopped += 1;
                    right.len() <= 1 && matches!(asked.told, Some(Told::Stopped | Told::Nothing))
                }
                _ => false,
            }
            && match asked.told {
                Some(Told::Edited) => is_new,
                Some(Told::Nothing) => true,
                Some(Told::Cancelled) => row["state"] == "cancelled" && !is_new,
                _ => !is_new && row["state"] != "cancelled",
            };
        if !is_right {
            wrong.push(format!("{asked:?} {row}: shown as {old:?} and {new:?}"));
        }
    }
    wrong.extend(places.keys().map(|text| format!("nobody wrote {text:?}")));
    println!(
        "{network}: {} messages, {} kills, {} answers lost, {sent} sent, {stopped} stopped in doubt, {count} shown, {} wrong",
        asked.len(),
        kills(),
        proxy.exchanges().answers_lost,
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
