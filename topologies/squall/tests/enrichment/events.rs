//! What goes in.

use std::collections::BTreeMap;

use fastrand::Rng;
use squall_enrichment::{EventId, Generator};

/// An instant like any other.
const NOW: u64 = 1_783_175_888_000_000;

/// Bytes that a topic takes, with what is added to them, and the least that many clients refuse.
const LARGE: usize = 1_020_000;

/// Activities, each with an id of its own, and lines that are none.
pub(crate) struct Events {
    /// In their order.
    pub(crate) lines: Vec<String>,
    pub(crate) by_id: BTreeMap<String, String>,
    pub(crate) poison: Vec<String>,
}

impl Events {
    /// So many generated activities, some plain ones between them, and one in two hundred that is none.
    pub(crate) fn of(count: usize, dice: &mut Rng) -> Self {
        let mut generator = Generator::new(dice.u64(..));
        let mut events = Self { lines: Vec::new(), by_id: BTreeMap::new(), poison: Vec::new() };
        for number in 0..count {
            if dice.u8(..200) == 0 {
                events.add_poison(number, dice);
            }
            let json = match dice.u8(..50) {
                // One that is as large as a topic takes.
                _ if number == 0 => large(),
                0 => plain(number, dice),
                _ => generator.event(NOW + 1000 * number as u64),
            };
            let id = EventId::of(&json).unwrap().to_string();
            events.by_id.insert(id, json.clone());
            events.lines.push(json);
        }
        events.add_poison_line(format!("no JSON {}", "x".repeat(LARGE)));
        assert_eq!(events.by_id.len(), count, "each has an id of its own");
        events
    }

    fn add_poison(&mut self, number: usize, dice: &mut Rng) {
        let poison = match dice.u8(..4) {
            0 => format!("no JSON {number}"),
            1 => format!(r#"["no object {number}"]"#),
            2 => format!(r#"{{"text":"cut off {number}"#),
            _ => format!(r#"{{"text":"twice","text":"{number}"}}"#),
        };
        self.add_poison_line(poison);
    }

    fn add_poison_line(&mut self, poison: String) {
        self.lines.push(poison.clone());
        self.poison.push(poison);
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }
}

fn large() -> String {
    format!(r#"{{"id":"large","author":"did:plc:7","text":"{}"}}"#, "large ".repeat(LARGE / 6))
}

/// What a database, a file and a topic have to keep as it is.
fn plain(number: usize, dice: &mut Rng) -> String {
    let text = match dice.u8(..6) {
        0 => "half \\ud83d of a character, and a nul \\u0000".to_owned(),
        1 => "\u{202e}صباح الخير للجميع".to_owned(),
        2 => "👩‍👩‍👧‍👦 🏳️‍🌈".to_owned(),
        3 => "良い一日をお過ごしください ' \\\" \\\\ ; --".to_owned(),
        4 => "long ".repeat(10_000),
        _ => "Good morning, how is everybody today?".to_owned(),
    };
    format!(
        r#"{{ "id": "plain-{number}", "author":"did:plc:{number}", "text":"{text}", "more": [1.50, 1e5] }}"#
    )
}
