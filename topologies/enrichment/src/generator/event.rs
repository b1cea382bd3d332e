//! One event, written as the feed writes it: member by member into one string.

use std::fmt::{self, Write as _};

use fastrand::Rng;
use jiff::Timestamp;

use super::phrases::{PHRASES, TAILS, WORDLESS};
use crate::Json;

/// The alphabet of AT Protocol's identifiers and revisions.
const BASE32: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// How far the clocks of servers lie apart: 20 ms, in microseconds.
const SKEW: u64 = 20_000;

/// Bytes of most events; a longer one grows.
const TYPICAL: usize = 768;

/// Makes one event of about the instant `now`, in microseconds since 1970; `made` counts them.
pub(super) fn event(rng: &mut Rng, made: u64, now: u64) -> String {
    let mut out = String::with_capacity(TYPICAL);
    // Writing to a string cannot fail.
    write_event(&mut out, rng, made, now).ok();
    out
}

fn write_event(out: &mut String, rng: &mut Rng, made: u64, now: u64) -> fmt::Result {
    let time = now.saturating_sub(rng.u64(..SKEW));
    let did = person(rng);
    write!(out, r#"{{"did":"{did}","time_us":{time},"kind":"#)?;
    match rng.u32(..1000) {
        0..690 => commit(out, rng, made, "app.bsky.feed.like", |out, rng| like(out, rng, time)),
        690..808 => commit(out, rng, made, "app.bsky.feed.post", |out, rng| post(out, rng, time)),
        808..907 => commit(out, rng, made, "app.bsky.feed.repost", |out, rng| like(out, rng, time)),
        907..966 => commit(out, rng, made, "app.bsky.graph.follow", |out, rng| follow(out, rng, time)),
        966..986 => delete(out, rng, made),
        986..992 => {
            let at = instant(time);
            write!(out, r#""identity","identity":{{"did":"{did}","seq":{made},"time":"{at}"}}"#)
        }
        _ => {
            let at = instant(time);
            write!(out, r#""account","account":{{"active":true,"did":"{did}","seq":{made},"time":"{at}"}}"#)
        }
    }?;
    out.push('}');
    Ok(())
}

/// A commit that creates a record, whose members `record` writes, each with a comma before it.
fn commit(
    out: &mut String,
    rng: &mut Rng,
    made: u64,
    collection: &str,
    record: impl FnOnce(&mut String, &mut Rng) -> fmt::Result,
) -> fmt::Result {
    let (revision, key) = (Revision(made), Key(rng.u64(..), 13));
    write!(
        out,
        r#""commit","commit":{{"rev":"{revision}","operation":"create","collection":"{collection}","#
    )?;
    write!(out, r#""rkey":"{key}","record":{{"$type":"{collection}""#)?;
    record(out, rng)?;
    write!(out, r#"}},"cid":"{}"}}"#, Content(rng.u64(..)))
}

fn delete(out: &mut String, rng: &mut Rng, made: u64) -> fmt::Result {
    let collection = if rng.bool() { "app.bsky.graph.follow" } else { "app.bsky.feed.post" };
    let (revision, key) = (Revision(made), Key(rng.u64(..), 13));
    write!(out, r#""commit","commit":{{"rev":"{revision}","operation":"delete","#)?;
    write!(out, r#""collection":"{collection}","rkey":"{key}"}}"#)
}

/// A like, or a repost, which looks the same.
fn like(out: &mut String, rng: &mut Rng, time: u64) -> fmt::Result {
    write!(out, r#","createdAt":"{}","subject":{}"#, instant(time), Reference::new(rng, "post"))?;
    if rng.u32(..4) == 0 {
        write!(out, r#","via":{}"#, Reference::new(rng, "repost"))?;
    }
    Ok(())
}

fn follow(out: &mut String, rng: &mut Rng, time: u64) -> fmt::Result {
    write!(out, r#","createdAt":"{}","subject":"{}""#, instant(time), person(rng))
}

fn post(out: &mut String, rng: &mut Rng, time: u64) -> fmt::Result {
    let (language, mut text) = words(rng);
    write!(out, r#","createdAt":"{}""#, instant(time))?;
    // One client in ten does not say the language.
    if rng.u32(..10) > 0 {
        write!(out, r#","langs":["{language}"]"#)?;
    }
    if rng.u32(..3) == 0 {
        let (parent, root) = (Reference::new(rng, "post"), Reference::new(rng, "post"));
        write!(out, r#","reply":{{"parent":{parent},"root":{root}}}"#)?;
    }
    if rng.u32(..5) == 0 {
        add_link(out, rng, &mut text)?;
    }
    out.push_str(r#","text":"#);
    Json::push_string(out, &text);
    Ok(())
}

/// A link as clients put it: shortened in the text, whole in a facet that says which bytes of the text it covers.
fn add_link(out: &mut String, rng: &mut Rng, text: &mut String) -> fmt::Result {
    let page = Key(rng.u64(..), 8).to_string();
    text.push_str("\n\n");
    let start = text.len();
    text.push_str("news.example.com/");
    text.push_str(page.get(..4).unwrap_or_default());
    text.push_str("...");
    let end = text.len();
    write!(out, r#","facets":[{{"features":[{{"$type":"app.bsky.richtext.facet#link","uri":"#)?;
    write!(out, r#""https://news.example.com/{page}?utm_source=feed"}}],"#)?;
    write!(out, r#""index":{{"byteEnd":{end},"byteStart":{start}}}}}]"#)
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

/// One of some thousand people, some of them much busier than others.
fn person(rng: &mut Rng) -> Person {
    let rank = rng.f64();
    Person((rank * rank * 20_000.0) as u64)
}

fn instant(micros: u64) -> impl fmt::Display {
    let micros = i64::try_from(micros).unwrap_or(i64::MAX);
    let time = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    fmt::from_fn(move |f| write!(f, "{time:.3}"))
}

/// The identifier of a person, by their rank.
#[derive(Clone, Copy)]
struct Person(u64);

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "did:plc:{}", Key(self.0, 24))
    }
}

/// The hash of a record, out of a seed.
struct Content(u64);

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bafyrei{}", Key(self.0, 52))
    }
}

/// A record that another one is about.
struct Reference {
    content: Content,
    author: Person,
    kind: &'static str,
    key: Key,
}

impl Reference {
    fn new(rng: &mut Rng, kind: &'static str) -> Self {
        Self { content: Content(rng.u64(..)), author: person(rng), kind, key: Key(rng.u64(..), 13) }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content, author, kind, key } = self;
        write!(f, r#"{{"cid":"{content}","uri":"at://{author}/app.bsky.feed.{kind}/{key}"}}"#)
    }
}

/// So many letters, 64 at most, out of a seed.
struct Key(u64, usize);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rng = Rng::with_seed(self.0);
        let mut letters = [0; 64];
        let letters = letters.get_mut(..self.1).unwrap_or_default();
        // Twelve letters of five bits are in each number.
        for part in letters.chunks_mut(12) {
            let mut bits = rng.u64(..);
            for place in part {
                *place = letter(bits);
                bits >>= 5;
            }
        }
        f.write_str(str::from_utf8(letters).unwrap_or_default())
    }
}

/// Thirteen letters that grow with every event.
struct Revision(u64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..13).rev().try_for_each(|place| f.write_char(char::from(letter(self.0 >> (5 * place)))))
    }
}

fn letter(bits: u64) -> u8 {
    BASE32.get(bits as usize % BASE32.len()).copied().unwrap_or(b'2')
}
