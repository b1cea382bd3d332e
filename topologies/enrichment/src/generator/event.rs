//! One event.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::phrases::{PHRASES, TAILS, WORDLESS};

/// The alphabet of AT Protocol's identifiers and revisions.
const BASE32: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// How far the clocks of servers lie apart: 20 ms, in microseconds.
const SKEW: u64 = 20_000;

/// Makes one event of about the instant `now`, in microseconds since 1970; `made` counts them.
pub(super) fn event(rng: &mut Rng, made: u64, now: u64) -> String {
    let time = now.saturating_sub(rng.u64(..SKEW));
    let did = did(rng);
    let mut event = match rng.u32(..1000) {
        0..690 => like(rng, made, "app.bsky.feed.like", time),
        690..808 => post(rng, made, time),
        808..907 => like(rng, made, "app.bsky.feed.repost", time),
        907..966 => follow(rng, made, time),
        966..986 => delete(rng, made),
        986..992 => identity(&did, made, time),
        _ => account(&did, made, time),
    };
    set(&mut event, "did", did);
    set(&mut event, "time_us", time);
    event.to_string()
}

fn record(rng: &mut Rng, made: u64, collection: &str, mut record: Value) -> Value {
    set(&mut record, "$type", collection);
    json!({"kind": "commit", "commit": {
        "rev": revision(made), "operation": "create", "collection": collection, "rkey": key(rng, 13),
        "record": record, "cid": cid(rng),
    }})
}

/// A like, or a repost, which looks the same.
fn like(rng: &mut Rng, made: u64, collection: &str, time: u64) -> Value {
    let mut like = json!({"createdAt": instant(time), "subject": reference(rng, "post")});
    if rng.u32(..4) == 0 {
        set(&mut like, "via", reference(rng, "repost"));
    }
    record(rng, made, collection, like)
}

fn follow(rng: &mut Rng, made: u64, time: u64) -> Value {
    let follow = json!({"createdAt": instant(time), "subject": did(rng)});
    record(rng, made, "app.bsky.graph.follow", follow)
}

fn delete(rng: &mut Rng, made: u64) -> Value {
    let collection = if rng.bool() { "app.bsky.graph.follow" } else { "app.bsky.feed.post" };
    json!({"kind": "commit", "commit": {
        "rev": revision(made), "operation": "delete", "collection": collection, "rkey": key(rng, 13),
    }})
}

fn identity(did: &str, made: u64, time: u64) -> Value {
    json!({"kind": "identity", "identity": {"did": did, "seq": made, "time": instant(time)}})
}

fn account(did: &str, made: u64, time: u64) -> Value {
    json!({"kind": "account", "account": {"active": true, "did": did, "seq": made, "time": instant(time)}})
}

fn post(rng: &mut Rng, made: u64, time: u64) -> Value {
    let (language, mut text) = words(rng);
    let mut post = json!({"createdAt": instant(time)});
    // One client in ten does not say the language.
    if rng.u32(..10) > 0 {
        set(&mut post, "langs", json!([language]));
    }
    if rng.u32(..3) == 0 {
        set(&mut post, "reply", json!({"parent": reference(rng, "post"), "root": reference(rng, "post")}));
    }
    if rng.u32(..5) == 0 {
        add_link(rng, &mut post, &mut text);
    }
    set(&mut post, "text", text);
    record(rng, made, "app.bsky.feed.post", post)
}

/// A link as clients put it: shortened in the text, whole in a facet that says which bytes of the text it covers.
fn add_link(rng: &mut Rng, post: &mut Value, text: &mut String) {
    let page = key(rng, 8);
    text.push_str("\n\n");
    let start = text.len();
    text.push_str("news.example.com/");
    text.push_str(page.get(..4).unwrap_or_default());
    text.push_str("...");
    let uri = format!("https://news.example.com/{page}?utm_source=feed");
    let facets = json!([{
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}],
        "index": {"byteEnd": text.len(), "byteStart": start},
    }]);
    set(post, "facets", facets);
}

fn set(object: &mut Value, member: &str, value: impl Into<Value>) {
    if let Value::Object(members) = object {
        members.insert(member.to_owned(), value.into());
    }
}

/// A language and some words of it.
fn words(rng: &mut Rng) -> (&'static str, String) {
    let weights: u32 = PHRASES.iter().map(|(_, weight, _)| weight).sum();
    let mut ticket = rng.u32(..weights);
    let (language, _, phrases) = PHRASES
        .iter()
        .find(|(_, weight, _)| match ticket.checked_sub(*weight) {
            Some(rest) => {
                ticket = rest;
                false
            }
            None => true,
        })
        .unwrap_or(&("en", 0, &[]));
    if rng.u32(..25) == 0 {
        return (language, pick(rng, WORDLESS).to_owned());
    }
    let mut text = String::new();
    for sentence in 0..=rng.usize(..3) {
        if sentence > 0 {
            text.push(' ');
        }
        text.push_str(pick(rng, phrases));
    }
    if rng.u32(..4) == 0 {
        text.push_str(pick(rng, TAILS));
    }
    (language, text)
}

fn pick<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    rng.choice(from).copied().unwrap_or_default()
}

fn reference(rng: &mut Rng, kind: &str) -> Value {
    let uri = format!("at://{}/app.bsky.feed.{kind}/{}", did(rng), key(rng, 13));
    json!({"cid": cid(rng), "uri": uri})
}

/// One of some thousand people, some of them much busier than others.
fn did(rng: &mut Rng) -> String {
    let rank = rng.f64();
    let person = (rank * rank * 20_000.0) as u64;
    format!("did:plc:{}", key(&mut Rng::with_seed(person), 24))
}

fn cid(rng: &mut Rng) -> String {
    format!("bafyrei{}", key(rng, 52))
}

fn key(rng: &mut Rng, letters: usize) -> String {
    (0..letters).map(|_| letter(rng.u64(..32))).collect()
}

/// Thirteen letters that grow with every event.
fn revision(made: u64) -> String {
    (0..13).rev().map(|place| letter((made >> (5 * place)) & 31)).collect()
}

fn letter(digit: u64) -> char {
    BASE32.get(digit as usize).copied().map_or('2', char::from)
}

fn instant(micros: u64) -> String {
    let micros = i64::try_from(micros).unwrap_or(i64::MAX);
    let time = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{time:.3}")
}
