//! What came out, beside what went in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    input::{Fate, Input, number_in},
    kill::{Kill, Place},
};

/// Of what is wrong, the first ones are told one by one.
const NAMED: usize = 10;

/// What stands between an activity as it came in, without its last brace, and what was found out about it.
const MEMBER: &[u8] = b",\"enrichment\":";

/// How often each record that went in came out, and what was wrong with it.
#[derive(Debug)]
pub(super) struct Book<'a> {
    input: &'a Input,
    /// By number. More than 255 count as 255.
    out: Vec<u8>,
    dead: Vec<u8>,
    /// By enricher and reason.
    missing: BTreeMap<(String, String), u64>,
    kills: &'a [Kill],
    /// For each kill, how often something had been written again before.
    again: Vec<u64>,
    doubled: u64,
    wrong: u64,
    named: Vec<String>,
    /// For the record as it went in.
    bytes: Vec<u8>,
}

/// A record as it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: &'a [u8],
}

/// What the book says in the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Records that had to come out, or to go where those go that are no activities, and did not.
    pub(super) lost: u64,
    /// Records that were written again, each time counted.
    pub(super) doubled: u64,
    /// What had been written and not committed at the kills: no more can be written again.
    pub(super) at_stake: u64,
    /// Different records that were no activities, and went where those go.
    pub(super) dead: u64,
    /// What came out and should not have, or not so.
    pub(super) wrong: u64,
    /// The first of what was lost or wrong.
    pub(super) named: Vec<String>,
    /// What is missing, by enricher and reason.
    pub(super) missing: BTreeMap<(String, String), u64>,
}

impl<'a> Book<'a> {
    /// Before anything came out of the first `sent` records.
    pub(super) fn new(input: &'a Input, sent: u64, kills: &'a [Kill]) -> Self {
        let none = vec![0; sent as usize];
        Self {
            input,
            out: none.clone(),
            dead: none,
            missing: BTreeMap::new(),
            kills,
            again: vec![0; kills.len()],
            doubled: 0,
            wrong: 0,
            named: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// A record that was written; those of a partition are told in their order.
    pub(super) fn see(&mut self, place: Place, seen: &Seen<'_>) {
        let number = number_in(seen.value);
        let times = match place {
            Place::Output => &mut self.out,
            Place::Dead => &mut self.dead,
        };
        let Some((number, times)) = number.and_then(|number| Some((number, times.get_mut(number as usize)?)))
        else {
            return self.wrong(format!("nobody sent {}", shown(seen.value)));
        };
        *times = times.saturating_add(1);
        if *times > 1 {
            self.doubled += 1;
            for (kill, again) in self.kills.iter().zip(&mut self.again) {
                *again += u64::from(kill.is_after(place, seen.partition, seen.offset));
            }
        }
        let checked = match place {
            Place::Output => self.check(number, seen.key, seen.value),
            Place::Dead => self.check_dead(number, seen.value),
        };
        if let Err(what) = checked {
            self.wrong(format!("record {number}: {what}: {}", shown(seen.value)));
        }
    }

    fn check_dead(&mut self, number: u64, value: &[u8]) -> Result<(), String> {
        self.input.write(number, &mut self.bytes);
        if self.bytes == value { Ok(()) } else { Err("dead with other bytes".to_owned()) }
    }

    fn check(&mut self, number: u64, key: Option<&[u8]>, value: &[u8]) -> Result<(), String> {
        let Some(template) = self.input.template(number) else { return Err("no such record".to_owned()) };
        let Fate::Through { asked, .. } = &template.fate else {
            return Err("it is no activity, and came out".to_owned());
        };
        let id = template.id(number).unwrap_or_default();
        if key != Some(id.as_bytes()) {
            return Err(format!("its key is {}, and its id {id}", key.map_or("none".into(), shown)));
        }
        self.input.write(number, &mut self.bytes);
        let before = self.bytes.len().saturating_sub(1);
        let same = value.get(..before) == self.bytes.get(..before);
        let added = value.get(before..).and_then(|rest| rest.strip_prefix(MEMBER)?.strip_suffix(b"}"));
        let Some(added) = added.filter(|_| same) else {
            return Err("what came in is not what came out, and a member behind it".to_owned());
        };
        let added: Value = serde_json::from_slice(added).map_err(|error| error.to_string())?;
        for name in asked {
            let reason = added.get("missing").and_then(|missing| missing.get(name)).and_then(Value::as_str);
            match (added.get(name), reason) {
                (Some(Value::Null), Some(reason)) => {
                    *self.missing.entry(((*name).to_owned(), reason.to_owned())).or_default() += 1;
                }
                (Some(value), None) if !value.is_null() => {}
                _ => return Err(format!("neither `{name}` nor a reason why it is missing")),
            }
        }
        let members =
            added.as_object().map_or(0, |added| added.keys().filter(|name| *name != "missing").count());
        if members == asked.len() { Ok(()) } else { Err("a member that nobody was asked for".to_owned()) }
    }

    /// What became of everything.
    pub(super) fn verdict(mut self) -> Verdict {
        let mut verdict = Verdict::default();
        for number in 0..self.out.len() {
            let times = |of: &[u8]| of.get(number).copied().map_or(0, u64::from);
            let (out, dead) = (times(&self.out), times(&self.dead));
            let fate = self.input.template(number as u64).map(|template| &template.fate);
            verdict.dead += u64::from(dead > 0);
            let is_right = match fate {
                Some(Fate::Through { .. }) => (out > 0, dead == 0),
                Some(Fate::Dead) | None => (dead > 0, out == 0),
            };
            if !is_right.0 {
                verdict.lost += 1;
                self.name(format!("record {number} is lost"));
            }
            if !is_right.1 && dead > 0 {
                self.wrong(format!("record {number} is an activity, and counts as none"));
            }
        }
        let at_stake = self.kills.iter().zip(&self.again).map(|(kill, again)| kill.at_stake(*again)).sum();
        let Self { doubled, wrong, named, missing, .. } = self;
        Verdict { doubled, at_stake, wrong, named, missing, ..verdict }
    }

    fn wrong(&mut self, what: String) {
        self.wrong += 1;
        self.name(what);
    }

    fn name(&mut self, what: String) {
        if self.named.len() < NAMED {
            self.named.push(what);
        }
    }
}

/// The beginning of it, as a text.
fn shown(bytes: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(bytes.get(..400).unwrap_or(bytes)).into_owned();
    text.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input() -> Input {
        Input::generate(3, 31, ([127, 0, 0, 1], 80).into()).unwrap()
    }

    fn came_out(book: &mut Book<'_>, key: Option<&str>, value: &[u8]) {
        let seen = Seen { partition: 0, offset: 0, key: key.map(str::as_bytes), value };
        book.see(Place::Output, &seen);
    }

    fn is_dead(book: &mut Book<'_>, value: &[u8]) {
        book.see(Place::Dead, &Seen { partition: 0, offset: 0, key: None, value });
    }

    /// The record as it has to come out; that of an activity.
    fn out(input: &Input, number: u64) -> Option<(String, Vec<u8>)> {
        let template = input.template(number).unwrap();
        let Fate::Through { asked, .. } = &template.fate else { return None };
        let members: Vec<_> = asked.iter().map(|name| format!("\"{name}\":{{}}")).collect();
        let mut value = Vec::new();
        input.write(number, &mut value);
        value.pop();
        value.extend_from_slice(format!(",\"enrichment\":{{{}}}}}", members.join(",")).as_bytes());
        Some((template.id(number).unwrap(), value))
    }

    /// A book in which everything is right, but for what `but` makes of it.
    fn verdict(sent: u64, but: impl FnOnce(&Input, &mut Book<'_>)) -> Verdict {
        let input = input();
        let mut book = Book::new(&input, sent, &[]);
        let mut bytes = Vec::new();
        for number in 0..sent {
            input.write(number, &mut bytes);
            match out(&input, number) {
                Some((id, value)) => came_out(&mut book, Some(&id), &value),
                None => is_dead(&mut book, &bytes),
            }
        }
        but(&input, &mut book);
        book.verdict()
    }

    #[test]
    fn all_that_went_in_came_out() {
        let verdict = verdict(10_000, |_, _| ());

        assert_eq!(verdict, Verdict { dead: verdict.dead, ..Verdict::default() });
        assert!(verdict.dead > 1);
    }

    #[test]
    fn what_is_lost_is_found_to_be() {
        let input = input();
        let mut book = Book::new(&input, 2, &[]);
        let (id, value) = out(&input, 1).unwrap();
        came_out(&mut book, Some(&id), &value);

        let verdict = book.verdict();

        assert_eq!((verdict.lost, verdict.wrong, verdict.doubled), (1, 0, 0));
        assert_eq!(verdict.named, ["record 0 is lost"]);
    }

    #[test]
    fn what_came_out_again_is_counted_each_time() {
        let verdict = verdict(10, |input, book| {
            let (id, value) = out(input, 7).unwrap();
            (0..3).for_each(|_| came_out(book, Some(&id), &value));
        });

        assert_eq!((verdict.lost, verdict.wrong, verdict.doubled), (0, 0, 3));
    }

    #[test]
    fn no_more_can_come_out_again_than_was_written_and_not_committed_at_the_kills() {
        let input = input();
        // Of eight that were written before the first kill five were committed; of twelve before the second nine, and
        // two of those twelve had been written again.
        let at = |done, end| Kill { done, output: vec![end], dead: vec![0] };
        let kills = [at(5, 8), at(9, 12)];
        let mut book = Book::new(&input, 12, &kills);
        for (offset, number) in [0, 1, 2, 3, 4, 5, 6, 7, 6, 7, 8, 9, 10, 9, 11].into_iter().enumerate() {
            let (id, value) = out(&input, number).unwrap();
            let (key, offset) = (Some(id.as_bytes()), offset as i64);
            book.see(Place::Output, &Seen { partition: 0, offset, key, value: &value });
        }

        let verdict = book.verdict();

        assert_eq!((verdict.lost, verdict.wrong, verdict.doubled), (0, 0, 3));
        assert_eq!(verdict.at_stake, 3 + 1);
    }

    #[test]
    fn what_is_not_as_it_should_be_is_named() {
        let changed = |change: fn(String) -> String| {
            verdict(10, |input, book| {
                let (id, value) = out(input, 7).unwrap();
                came_out(book, Some(&id), change(String::from_utf8(value).unwrap()).as_bytes());
            })
        };
        let changes: [fn(String) -> String; 6] = [
            |value| value.replace("1000000000007", "1000000000077"),
            |value| value.replace("1000000000007", "1000000000008"),
            |value| value.replace("\"influence\":{}", ""),
            |value| value.replace("\"influence\":{}", "\"influence\":null"),
            |value| value.replace("\"influence\":{}", "\"influence\":{},\"mood\":1"),
            |value| value.replacen("\"did\"", "\"DID\"", 1),
        ];

        for change in changes {
            let verdict = changed(change);
            assert_eq!((verdict.wrong, verdict.named.len()), (1, 1), "{verdict:?}");
        }
        assert_eq!(verdict(10, |_, book| came_out(book, None, &out(&input(), 7).unwrap().1)).wrong, 1);
        assert_eq!(verdict(10, |_, book| is_dead(book, &out(&input(), 7).unwrap().1)).wrong, 2);
    }

    #[test]
    fn a_reason_stands_for_what_is_missing() {
        let verdict = verdict(10, |input, book| {
            let (id, value) = out(input, 7).unwrap();
            let value = String::from_utf8(value).unwrap();
            let value =
                value.replace("\"influence\":{}", "\"influence\":null,\"missing\":{\"influence\":\"gone\"}");
            came_out(book, Some(&id), value.as_bytes());
        });

        assert_eq!(verdict.wrong, 0);
        assert_eq!(verdict.missing.get(&("influence".to_owned(), "gone".to_owned())), Some(&1));
    }
}
