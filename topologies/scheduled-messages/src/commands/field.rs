//! [`Field`]: a flag that is a field of what the interface is asked.

use clap::{Arg, ArgMatches};
use serde_json::{Map, Value};
use squall_ops::Flags;
use squall_ops::client::encoded;

/// A flag that is a field of what the interface is asked: `--due-at` is `due_at`. What is wrong with a value is for the
/// interface to say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    value: &'static str,
    about: &'static str,
}

/// Which messages are found.
pub(super) const FILTERS: [Field; 6] = [
    field("account", "NAME", "Only those of this account"),
    field("destination", "NAME", "Only those that go to this destination"),
    field("state", "STATES", "Only those in these states, such as dead,unconfirmed"),
    field("due_from", "INSTANT", "Only those due at this instant or later, such as 2031-01-01T09:00:00Z"),
    field("due_before", "INSTANT", "Only those due before this instant"),
    field("series", "ID", "Only the occurrences of this series"),
];

/// When a message is to be sent.
pub(super) const TIMES: [Field; 5] = [
    field("due_at", "INSTANT", "When to send it, such as 2031-01-01T09:00:00Z"),
    field("in", "SPAN", "How long from now to send it, such as 2h"),
    field("wall", "TIME", "When to send it on the clocks of --zone, such as 2031-03-30T09:30"),
    field("zone", "ZONE", "A time zone, such as Europe/Berlin"),
    field("fold", "WHICH", "Which one, if clocks show --wall twice: earlier or later"),
];

pub(super) const fn field(name: &'static str, value: &'static str, about: &'static str) -> Field {
    Field { name, value, about }
}

impl Field {
    pub(super) fn arg(self) -> Arg {
        let long = self.name.replace('_', "-");
        // A text may begin with a dash, and so does how much earlier something is to be sent.
        Arg::new(self.name).long(long).value_name(self.value).allow_hyphen_values(true).help(self.about)
    }
}

/// The fields that are given, as the interface takes them.
pub(super) fn given(fields: &[Field], args: &ArgMatches) -> Map<String, Value> {
    let value = |field: &Field| Flags::new(args).one::<String>(field.name).cloned();
    let pair = |field: &Field| value(field).map(|value| (field.name.to_owned(), value.into()));
    fields.iter().filter_map(pair).collect()
}

/// The same as a query.
pub(super) fn query(given: &Map<String, Value>) -> String {
    let pair =
        |(name, value): (&String, &Value)| value.as_str().map(|value| format!("{name}={}", encoded(value)));
    given.iter().filter_map(pair).collect::<Vec<_>>().join("&")
}
