//! What is held against what.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use squall_enrichment::{Activity, EventId};

use crate::events::Events;
use crate::scene::Scene;

/// What came out.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Lines that came more than once, less the first of each.
    pub(crate) repeated: usize,
    /// How often each enrichment was missing, by its reason.
    pub(crate) missing: BTreeMap<String, u64>,
}

/// Asserts that every activity came out, with its bytes, and with each enrichment or the reason why not, as the enrichers
/// have it; and that nothing else did.
pub(crate) fn judge(what: &str, events: &Events, came_out: &[String]) -> Verdict {
    let mut verdict = Verdict::default();
    let mut seen = BTreeSet::new();
    for line in came_out {
        let id = EventId::of(line).unwrap_or_else(|| panic!("{what}: not one of those: {line}")).to_string();
        let event = events.by_id.get(&id).unwrap_or_else(|| panic!("{what}: not one of those: {line}"));
        verdict.check(what, event, line);
        if !seen.insert(id) {
            verdict.repeated += 1;
        }
    }
    let lost: Vec<_> = events.by_id.keys().filter(|id| !seen.contains(*id)).collect();
    assert!(lost.is_empty(), "{what}: {} of {} are lost: {:?}", lost.len(), events.len(), lost.first());
    println!(
        "{what}: {} activities, each came out; {} came again; missing by reason: {:?}",
        events.len(),
        verdict.repeated,
        verdict.missing
    );
    verdict
}

/// How many different activities came out so far.
pub(crate) fn distinct(came_out: &[String]) -> usize {
    came_out.iter().filter_map(|line| EventId::of(line)).collect::<BTreeSet<_>>().len()
}

/// How many different lines these are.
pub(crate) fn different(lines: &[String]) -> usize {
    lines.iter().collect::<BTreeSet<_>>().len()
}

/// Asserts that each line that is no activity, and nothing else, is a dead letter with its reason.
pub(crate) fn judge_letters(what: &str, events: &Events, letters: &[String]) {
    let mut texts = BTreeSet::new();
    for letter in letters {
        let letter: Value = serde_json::from_str(letter).unwrap();
        assert!(letter["reason"].as_str().is_some_and(|why| !why.is_empty()), "{what}: {letter}");
        texts.insert(letter["text"].as_str().unwrap().to_owned());
    }
    let expected: BTreeSet<_> = events.poison.iter().cloned().collect();
    assert_eq!(texts, expected, "{what}: dead letters");
}

impl Verdict {
    fn check(&mut self, what: &str, event: &str, line: &str) {
        let body = event.strip_suffix('}').unwrap();
        let added = line.strip_prefix(body).unwrap_or_else(|| panic!("{what}: its bytes are others: {line}"));
        let added = added.strip_prefix(",\"enrichment\":").and_then(|added| added.strip_suffix('}'));
        let added: Value = serde_json::from_str(added.unwrap_or_else(|| panic!("{what}: {line}"))).unwrap();
        let activity = Activity::parse(1, event).unwrap();
        for name in ["language", "people", "score"] {
            let found = (&added[name], &added["missing"][name]);
            match (Scene::expected(name, &activity), found) {
                (None, (Value::Null, Value::Null)) => {}
                (Some(Ok(expected)), (value, Value::Null)) if *value == expected => {}
                (Some(Err(expected)), (Value::Null, Value::String(why))) if why == expected => {
                    *self.missing.entry(format!("{name}: {why}")).or_default() += 1;
                }
                other => {
                    panic!("{what}: {name} of {:?} is not as it should be: {other:?}", activity.author())
                }
            }
        }
    }
}
