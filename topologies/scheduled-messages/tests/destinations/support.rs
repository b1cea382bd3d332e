//! Destinations as the configuration makes them, and attempts.

use std::io::Write;

use jiff::Timestamp;
use squall_scheduled_messages::{Attempt, Clients, Destination, MessageId, Outcome, tid};
use squall_topology::Config;
use tempfile::NamedTempFile;

/// A message that is attempted again and again.
pub(crate) struct Sent {
    pub(crate) id: MessageId,
    pub(crate) text: String,
    pub(crate) rkey: String,
    key: String,
    due_at: Timestamp,
}

impl Sent {
    pub(crate) fn new(text: &str) -> Self {
        let (id, due_at) = (MessageId::new(), Timestamp::now());
        Self { id, text: text.to_owned(), rkey: tid(due_at, id, 0), key: id.to_string(), due_at }
    }

    /// The attempt with this number; from the second on it is in doubt.
    pub(crate) fn attempt(&self, number: u32) -> Attempt<'_> {
        Attempt {
            id: self.id,
            account: "me",
            text: &self.text,
            due_at: self.due_at,
            created_at: self.due_at,
            number,
            first_began_at: self.due_at,
            key: &self.key,
            rkey: &self.rkey,
            is_in_doubt: number > 1,
        }
    }
}

/// Reads `[destinations.x]`, with `secret` where its lines say `SECRET`.
pub(crate) fn destination(lines: &str, secret: &str) -> Box<dyn Destination> {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(secret.as_bytes()).unwrap();
    let lines = lines.replace("SECRET", &format!("{{ file = '{}' }}", file.path().display()));
    let mut config = Config::parse("squall.toml", &format!("[destinations.x]\n{lines}\n")).unwrap();
    config.parts::<Box<dyn Destination>>("destinations").unwrap().remove("x").unwrap()
}

/// Makes an attempt with connections of its own, as another task would.
pub(crate) async fn deliver(destination: &dyn Destination, attempt: Attempt<'_>) -> Outcome {
    destination.deliver(attempt, &Clients::new().unwrap()).await.outcome
}

pub(crate) fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown { .. })
}

pub(crate) fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { .. })
}

/// Why it is final.
pub(crate) fn refusal(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { error } => error,
        other => panic!("it is not refused: {other:?}"),
    }
}
