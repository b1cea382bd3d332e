//! [`Asked`]: what is to be done, and to which messages.

use serde_json::{Map, Value, json};
use squall_ops::Problem;

use super::super::MESSAGES;
use super::super::query::Sought;
use crate::api::action::Action;
use crate::api::actions::{MOST, Name, Wanted};
use crate::api::resolve::{Resolution, Seen};
use crate::commands::line;

/// The fields that say when messages are to be sent instead.
const TIMES: [&str; 4] = ["by", "in", "wall", "zone"];

/// What is to be done, and to which messages.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// What is to be done, as the interface calls it.
    pub(super) name: String,
    pub(super) ids: Vec<String>,
    /// To all that are found, which are expected to be so many.
    pub(super) all: Option<u64>,
    /// What they are found by.
    pub(super) sought: Sought,
    /// The version that was looked at, of one message.
    pub(super) version: Option<i64>,
    pub(super) receipt: String,
    times: Vec<(&'static str, String)>,
}

impl Asked {
    /// Reads it by `field`, from an address or from a form.
    pub(super) fn read<'a>(
        field: impl Fn(&str) -> Option<&'a str>,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<Self, Problem> {
        let name = field("action").unwrap_or_default().to_owned();
        if super::word(&name).is_empty() {
            return Err(Problem::not_found("There is no such action."));
        }
        let all = field("all").and_then(|all| all.parse().ok());
        let ids: Vec<_> =
            if all.is_some() { Vec::new() } else { ids.take(MOST).map(str::to_owned).collect() };
        if ids.is_empty() && all.is_none() {
            return Err(Problem::unprocessable(
                "No message is chosen. Go back, and choose some, or all that match.",
            ));
        }
        let time = |name: &'static str| field(name).map(|value| (name, value.trim().to_owned()));
        Ok(Self {
            version: field("version").and_then(|version| version.parse().ok()),
            receipt: field("receipt").unwrap_or_default().trim().to_owned(),
            sought: Sought::read(&field),
            times: TIMES.into_iter().filter_map(time).collect(),
            name,
            ids,
            all,
        })
    }

    /// How many messages it is about.
    pub(super) fn count(&self) -> usize {
        let all = self.all.and_then(|all| usize::try_from(all).ok());
        all.unwrap_or(self.ids.len())
    }

    /// Whether it is about one message that is named.
    pub(super) fn is_one(&self) -> bool {
        self.all.is_none() && self.ids.len() == 1
    }

    /// The page to go back to.
    pub(super) fn back(&self) -> String {
        match self.ids.as_slice() {
            [id] if self.is_one() => format!("{MESSAGES}/{id}"),
            _ => self.sought.path(None),
        }
    }

    /// A time field as it was filled in.
    pub(super) fn time(&self, name: &str) -> &str {
        self.times.iter().find(|(field, _)| *field == name).map_or("", |(_, value)| value)
    }

    /// The same as the interface wants it. A zone alone is no time: its field is filled in before anybody typed.
    fn times(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let is_wall = !self.time("wall").is_empty();
        let times = self.times.iter().map(|(name, value)| (*name, value.as_str()));
        times.filter(move |(name, value)| !value.is_empty() && (*name != "zone" || is_wall))
    }

    pub(super) fn json(&self) -> Value {
        let mut body = Map::new();
        body.insert("action".to_owned(), json!(self.name));
        match self.all {
            Some(all) => {
                body.insert("query".to_owned(), json!(self.sought.query()));
                body.insert("expect".to_owned(), json!(all));
            }
            None => {
                body.insert("ids".to_owned(), json!(self.ids));
            }
        }
        body.extend(self.times().map(|(name, value)| (name.to_owned(), json!(value))));
        body.into()
    }

    /// What to type in a shell instead. Whoever copies it has been asked on the page.
    pub(super) fn line(&self, product: &str) -> String {
        let own = |(name, value): (&String, &Value)| (name.clone(), value.clone());
        let mut fields: Map<String, Value> = match self.all {
            Some(all) => {
                let query = json!(self.sought.query());
                query
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(own)
                    .chain([("expect".to_owned(), json!(all))])
                    .collect()
            }
            None => Map::new(),
        };
        let seen = matches!(self.name.as_str(), "sent" | "not_sent" | "give_up");
        if seen {
            fields.insert("as".to_owned(), json!(self.name.replace('_', "-")));
        }
        if !self.receipt.is_empty() && self.name == "sent" && self.is_one() {
            fields.insert("receipt".to_owned(), json!(self.receipt));
        }
        fields.extend(self.times().map(|(name, value)| (name.to_owned(), json!(value))));
        if !self.is_one() {
            fields.insert("yes".to_owned(), json!(true));
        }
        let verb = if seen { "resolve".to_owned() } else { self.name.replace('_', "-") };
        line(product, &verb, &fields.into(), &self.ids)
    }

    pub(super) fn wanted(&self) -> Result<Wanted, Problem> {
        serde_json::from_value(self.json()).map_err(|error| Problem::internal(error.to_string()))
    }

    /// What is to be done to one message.
    pub(super) fn action(&self) -> Result<Action, Problem> {
        let wanted = self.wanted()?;
        if wanted.action == Name::Sent && !self.receipt.is_empty() {
            let receipt = Some(self.receipt.clone());
            return Resolution { r#as: Seen::Sent, receipt }.change().map(Action::Resolve);
        }
        wanted.action()
    }
}
