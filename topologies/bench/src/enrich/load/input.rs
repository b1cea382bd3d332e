//! What is sent: activities by their numbers, and between them some that others choke on.

use std::net::SocketAddr;

use squall_enrichment::{EventId, Generator};

use super::strange;
use crate::{Error, enrich::wrong};

/// Digits of the number that each record has in it. Its first is 1, which the generator's identifiers do not have, so
/// that no other thirteen digits are taken for it.
pub(super) const DIGITS: usize = 13;
pub(super) const FIRST: u64 = 1_000_000_000_000;

/// When the feed was recorded whose mix the generator makes: 4 July 2026, in microseconds.
const THEN: u64 = 1_783_175_888_000_000;

/// After how many records comes a strange one: a prime, so that it meets every partition.
const STRANGE: u64 = 2_003;

/// What has to become of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It comes out, under this id (with `FIRST` where its number belongs), with a member for each of these enrichers.
    Through {
        /// Its id.
        id: String,
        /// Who is asked about it, in their order.
        asked: Vec<&'static str>,
    },
    /// It is no activity, and goes where those go.
    Dead,
}

/// A record without its number.
#[derive(Clone, Debug)]
pub(super) struct Template {
    bytes: Vec<u8>,
    /// Where the digits of its number stand.
    at: usize,
    pub(super) fate: Fate,
}

impl Template {
    /// Of an activity: its id is what it says itself.
    pub(super) fn through(json: &str, asked: &[&'static str]) -> Result<Self, Error> {
        let id = EventId::of(json).ok_or_else(|| wrong("an activity of the load has no id of its own"))?;
        let id = id.as_str().to_owned();
        if number_in(id.as_bytes()) != Some(0) {
            return Err(wrong(format!("the id {id} does not have the number of its activity in it")));
        }
        Self::new(json.as_bytes().to_vec(), Fate::Through { id, asked: asked.to_vec() })
    }

    pub(super) fn new(bytes: Vec<u8>, fate: Fate) -> Result<Self, Error> {
        let at =
            position(&bytes).ok_or_else(|| wrong("a record of the load without a place for its number"))?;
        Ok(Self { bytes, at, fate })
    }

    /// Of an event of the generator, whose revision, or whose place in its sequence, becomes the number.
    fn of_event(event: &str) -> Result<Self, Error> {
        let numbered = ["\"rev\":\"", "\"seq\":"].iter().find_map(|member| {
            let (before, after) = event.split_once(member)?;
            let end = after.find(|letter: char| !letter.is_ascii_alphanumeric())?;
            Some(format!("{before}{member}{FIRST}{}", after.get(end..)?))
        });
        let numbered = numbered.ok_or_else(|| wrong("an event without a revision"))?;
        // By what the event says, not by what the enrichers say of it.
        let mut asked = vec!["influence"];
        if numbered.contains("\"$type\":\"app.bsky.feed.post\"") {
            asked.push("language");
        }
        if numbered.contains("\"$type\":\"app.bsky.richtext.facet#link\"") {
            asked.push("links");
        }
        Self::through(&numbered, &asked)
    }

    /// The id of the record with this number; none for one that is no activity.
    pub(super) fn id(&self, number: u64) -> Option<String> {
        match &self.fate {
            Fate::Through { id, .. } => Some(id.replacen(&FIRST.to_string(), &digits(number), 1)),
            Fate::Dead => None,
        }
    }

    fn write(&self, number: u64, to: &mut Vec<u8>) {
        to.clear();
        to.extend_from_slice(&self.bytes);
        if let Some(place) = to.get_mut(self.at..self.at + DIGITS) {
            place.copy_from_slice(digits(number).as_bytes());
        }
    }
}

/// All that is ever sent, by number from 0.
#[derive(Debug)]
pub(super) struct Input {
    usual: Vec<Template>,
    strange: Vec<Template>,
}

impl Input {
    /// Of so many different events, which the numbers make different ones; their links lead to `web`.
    pub(super) fn generate(seed: u64, events: usize, web: SocketAddr) -> Result<Self, Error> {
        let mut generator = Generator::new(seed);
        let events = (0..events as u64).map(|nth| generator.event(THEN + nth));
        let usual = events
            .map(|event| event.replace("https://news.example.com/", &format!("http://{web}/")))
            .map(|event| Template::of_event(&event));
        Ok(Self { usual: usual.collect::<Result<_, _>>()?, strange: strange::all()? })
    }

    pub(super) fn template(&self, number: u64) -> Option<&Template> {
        let pick = |from: &'_ [Template], nth: u64| (nth % from.len().max(1) as u64) as usize;
        if number % STRANGE == STRANGE / 2 {
            return self.strange.get(pick(&self.strange, number / STRANGE));
        }
        self.usual.get(pick(&self.usual, number))
    }

    /// The bytes of the record with this number, in place of what `to` holds.
    pub(super) fn write(&self, number: u64, to: &mut Vec<u8>) {
        to.clear();
        if let Some(template) = self.template(number) {
            template.write(number, to);
        }
    }

    /// The events, for a table of their authors.
    pub(super) fn events(&self) -> impl Iterator<Item = String> {
        self.usual.iter().map(|template| String::from_utf8_lossy(&template.bytes).into_owned())
    }
}

fn digits(number: u64) -> String {
    (FIRST + number).to_string()
}

/// Where a number stands: the first thirteen digits that are not a part of more, and begin with 1.
fn position(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(begin) = bytes.get(from..)?.iter().position(u8::is_ascii_digit).map(|at| from + at) {
        let rest = bytes.get(begin..)?;
        let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        if length == DIGITS && rest.first() == Some(&b'1') {
            return Some(begin);
        }
        from = begin + length;
    }
    None
}

/// The number in a record, or in its id.
pub(super) fn number_in(bytes: &[u8]) -> Option<u64> {
    let at = position(bytes)?;
    let digits = std::str::from_utf8(bytes.get(at..at + DIGITS)?).ok()?;
    digits.parse::<u64>().ok()?.checked_sub(FIRST)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_record_has_its_number_and_every_activity_an_id_of_its_own_that_it_says_itself() {
        let input = Input::generate(7, 97, ([127, 0, 0, 1], 80).into()).unwrap();
        let (mut ids, mut dead, mut bytes) = (HashSet::new(), 0, Vec::new());

        for number in 0..30_000 {
            input.write(number, &mut bytes);
            assert_eq!(number_in(&bytes), Some(number), "{}", String::from_utf8_lossy(&bytes));
            let Some(id) = input.template(number).unwrap().id(number) else {
                dead += 1;
                continue;
            };
            let said = EventId::of(std::str::from_utf8(&bytes).unwrap()).unwrap();
            assert_eq!(said.as_str(), id);
            assert_eq!(number_in(id.as_bytes()), Some(number));
            assert!(ids.insert(id));
        }

        assert!(dead > 0);
    }

    #[test]
    fn who_is_asked_is_known_from_the_event() {
        let asked = |event: &str| match Template::of_event(event).unwrap().fate {
            Fate::Through { asked, .. } => asked,
            Fate::Dead => panic!("{event}"),
        };
        let commit = |record: &str| {
            format!(
                r#"{{"did":"did:plc:a","time_us":1783175888000000,"kind":"commit","commit":{{"rev":"2222222222abc","operation":"create","collection":"c","rkey":"k","record":{record}}}}}"#
            )
        };

        assert_eq!(asked(&commit(r#"{"$type":"app.bsky.feed.like"}"#)), ["influence"]);
        assert_eq!(asked(&commit(r#"{"$type":"app.bsky.feed.post"}"#)), ["influence", "language"]);
        let identity = r#"{"did":"did:plc:a","identity":{"did":"did:plc:a","seq":17,"time":"x"}}"#;
        assert_eq!(asked(identity), ["influence"]);
    }

    #[test]
    fn longer_and_shorter_numbers_are_not_taken_for_it() {
        assert_eq!(number_in(b"\"time_us\":1783175888000000,\"rev\":\"1000000000042\""), Some(42));
        assert_eq!(number_in(b"2000000000042 100000000004"), None);
    }
}
