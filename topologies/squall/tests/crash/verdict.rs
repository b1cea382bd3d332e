//! Rows, answers and requests, held against each other.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use serde_json::Value;
use squall_services::Post;

use crate::asked::{Asked, Place, Told};
use crate::client::Client;
use crate::scene::Scene;

/// What one receiver saw, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) messages: usize,
    pub(crate) sent: usize,
    pub(crate) cancelled: usize,
    pub(crate) unconfirmed: usize,
    /// Requests that came.
    pub(crate) raw: usize,
    /// What its readers see.
    pub(crate) taken: usize,
    /// The same with each key once.
    pub(crate) deduplicated: usize,
    /// Said to be sent, and never seen.
    pub(crate) lost: usize,
    /// Seen twice by whoever can tell a copy.
    pub(crate) doubled: usize,
    /// Answers that were not true, and all else that must not be.
    pub(crate) untrue: Vec<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { messages, sent, cancelled, unconfirmed, raw, taken, deduplicated, lost, doubled, .. } =
            self;
        let untrue = self.untrue.len();
        write!(
            f,
            "{messages:6} {sent:6} {cancelled:9} {unconfirmed:11} {raw:6} {taken:6} {deduplicated:6} {lost:4} {doubled:7} {untrue:6}"
        )
    }
}

/// Heads the columns of a [`Verdict`].
pub(crate) const COLUMNS: &str =
    " asked   sent cancelled unconfirmed    raw  taken  dedup lost doubled untrue";

/// Holds everything against everything, prints a line for each receiver, and fails if something is wrong.
pub(crate) fn judge(what: &str, scene: &Scene, asked: &[Asked], rows: &BTreeMap<String, Value>) {
    let mut wrong = Vec::new();
    let mut lines = format!("{:12} {what:24} {:10} {COLUMNS}\n", scene.store.name, "");
    for (place, spot) in &scene.spots {
        let mine: Vec<_> = asked.iter().filter(|asked| asked.place == *place).collect();
        let mut verdict = of(*place, &mine, rows, &spot.receiver.posts());
        verdict.taken = spot.receiver.taken();
        verdict.deduplicated = spot.receiver.deduplicated();
        if *place == Place::Once {
            verdict.untrue.extend(certain(scene, &mine, rows));
        }
        lines += &format!("{:12} {what:24} {:10} {verdict}\n", scene.store.name, place.name());
        wrong.extend(verdict.untrue.iter().map(|untrue| format!("{}: {untrue}", place.name())));
    }
    print!("{lines}");
    if !wrong.is_empty() {
        let logs: Vec<_> = scene.nodes.iter().map(crate::node::Node::log).collect();
        let kept = std::env::temp_dir().join(format!("squall-crash-{}.log", std::process::id()));
        std::fs::write(&kept, logs.join("\n--- the next process ---\n")).unwrap();
        panic!(
            "{} {what}: {} wrong; logs in {}:\n{}",
            scene.store.name,
            wrong.len(),
            kept.display(),
            wrong.join("\n")
        );
    }
}

fn of(place: Place, asked: &[&Asked], rows: &BTreeMap<String, Value>, posts: &[Post]) -> Verdict {
    let mut verdict = Verdict { messages: asked.len(), raw: posts.len(), ..Verdict::default() };
    let mut texts: HashMap<String, Vec<(String, bool)>> = HashMap::new();
    for post in posts {
        let body: Value = serde_json::from_slice(&post.body).unwrap();
        let said = |field: &str| body[field].as_str().unwrap().to_owned();
        if post.key() != Some(&said("id")) {
            verdict.untrue.push(format!("{}: its key is {:?}", said("id"), post.key()));
        }
        texts.entry(said("id")).or_default().push((said("text"), post.taken));
    }
    for asked in asked {
        let row = &rows[&asked.id];
        let posts = texts.remove(&asked.id).unwrap_or_default();
        let mut complain = |what: &str| verdict.untrue.push(format!("{what}: {asked:?} {row} {posts:?}"));
        match row["state"].as_str().unwrap() {
            "sent" => {
                verdict.sent += 1;
                if posts.is_empty() {
                    verdict.lost += 1;
                    complain("lost");
                }
            }
            "cancelled" => {
                verdict.cancelled += 1;
                if !posts.is_empty() {
                    complain("sent and cancelled");
                }
            }
            "unconfirmed" => {
                verdict.unconfirmed += 1;
                if place != Place::Once
                    && asked.told != Some(Told::Stopped)
                    && asked.told != Some(Told::Nothing)
                {
                    complain("unconfirmed, although it can be sent again");
                }
            }
            _ => complain("it came to a bad end"),
        }
        let copies = match place {
            Place::Honest => posts.iter().filter(|(_, taken)| *taken).count(),
            // A key names a message: copies have the same.
            Place::Forgetful => 1,
            Place::Once => posts.len(),
        };
        if copies > 1 {
            verdict.doubled += 1;
            complain("doubled");
        }
        if let Some(untrue) = untrue(asked, row, &posts) {
            complain(untrue);
        }
    }
    verdict.untrue.extend(texts.keys().map(|id| format!("{id}: nobody was told that it was accepted")));
    verdict
}

/// What is not true of what an author was told, or of what was sent.
fn untrue(asked: &Asked, row: &Value, posts: &[(String, bool)]) -> Option<&'static str> {
    let (state, text) = (row["state"].as_str().unwrap(), row["text"].as_str().unwrap());
    let texts: HashSet<_> = posts.iter().map(|(text, _)| text.as_str()).collect();
    let is_old = text == asked.old_text();
    let wrong = match asked.told {
        _ if texts.len() > 1 => Some("sent with two texts"),
        _ if texts.iter().any(|sent| *sent != text) => Some("sent with another text than its row has"),
        Some(Told::Edited) if text != asked.new_text() => Some("said to be edited"),
        Some(Told::Edited | Told::Nothing) => None,
        _ if !is_old => Some("edited, and said not to be"),
        Some(Told::Cancelled) if state != "cancelled" => Some("said to be cancelled"),
        Some(Told::Stopped) if state != "unconfirmed" => Some("said to be stopped"),
        Some(Told::AlreadySent) if state != "sent" => Some("said to be sent"),
        Some(Told::TooLate) if !["sent", "unconfirmed"].contains(&state) => Some("said to be under way"),
        Some(Told::NotPossible) if state != "unconfirmed" => Some("said not to be possible"),
        None if state == "cancelled" => Some("cancelled by nobody"),
        _ => None,
    };
    let is_mine = is_old || text == asked.new_text();
    wrong.or((!is_mine).then_some("it says what nobody wrote"))
}

/// What is said to be unknown, and was not: of each there is an attempt that lost its answer, or its process.
fn certain(scene: &Scene, asked: &[&Asked], rows: &BTreeMap<String, Value>) -> Vec<String> {
    let mut client = Client::of(scene.nodes[0].address());
    let unconfirmed = asked.iter().filter(|asked| rows[&asked.id]["state"] == "unconfirmed");
    let (mut wrong, mut unknown) = (Vec::new(), 0);
    for asked in unconfirmed {
        let path = format!("/api/v1/messages/{}/trail", asked.id);
        let (status, trail) = client.send("GET", &path, "", "").unwrap();
        assert_eq!(status, 200, "{trail}");
        let happened = |what: &str| {
            trail["trail"].as_array().unwrap().iter().find(|happening| happening["what"] == what).cloned()
        };
        match (happened("cut_off"), happened("unknown")) {
            (Some(cut_off), _) => {
                let pid = cut_off["who"].as_str().unwrap().rsplit('-').nth(1).unwrap_or_default().to_owned();
                if !scene.nodes.iter().any(|node| node.was(&pid)) {
                    wrong.push(format!("cut off by nobody's end: {asked:?} {trail}"));
                }
            }
            (None, Some(_)) => unknown += 1,
            (None, None) => wrong.push(format!("unconfirmed, and known: {asked:?} {trail}")),
        }
    }
    let lost = scene.spots[&Place::Once].proxy.exchanges().answers_lost;
    if unknown > lost {
        wrong.push(format!("{unknown} answers are said to be lost, and {lost} were"));
    }
    wrong
}
