//! Saying a message otherwise, or at another time.

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use squall_ops::Problem;
use squall_ops::openapi::Operation;
use squall_ops::problem::JsonBody;

use super::actor::Actor;
use super::change::{TRIES, answer, apply, changing, contended};
use super::draft::{given, note, objections, text};
use super::message::{find, id_of};
use super::version::IfMatch;
use crate::destination::Destinations;
use crate::message::{Message, MessageId};
use crate::store::{Change, Changed, Edit, Store};
use crate::when::{Asked, Fault, Note, deadline};

const EXAMPLE: &str =
    r#"{"text": "Hello again", "wall": "2031-03-30T09:30", "zone": "Europe/Berlin", "not_after": null}"#;

pub(super) fn operations() -> Vec<Operation> {
    let edit = Operation::new(
        Method::PATCH,
        "/api/v1/messages/{id}",
        "editMessage",
        "Changes what a message says, and when it is sent, if it is not too late.",
        |route| route.to(edited),
    );
    vec![changing(edit.takes::<EditDraft>(EXAMPLE))]
}

/// What is to be different; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditDraft {
    /// What it says.
    pub(crate) text: Option<String>,
    /// When to send it, as RFC 3339 has it: this, `in`, or `wall`.
    pub(crate) due_at: Option<String>,
    /// How long from now to send it, such as `5s`.
    #[serde(rename = "in")]
    pub(crate) delay: Option<String>,
    /// The date and the time of day at which to send it, on the clocks of `zone`.
    pub(crate) wall: Option<String>,
    /// A time zone of the IANA database, such as `Europe/Berlin`.
    pub(crate) zone: Option<String>,
    /// Which one, if clocks show `wall` twice: `earlier`, which is meant without it, or `later`.
    pub(crate) fold: Option<String>,
    /// Until when it may be sent: an instant, or a duration from when it is due; null takes the limit away.
    #[schemars(with = "Option<String>")]
    #[serde(default, deserialize_with = "present")]
    pub(crate) not_after: Option<Option<String>>,
}

/// Tells null from what is left out.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

async fn edited(
    store: web::Data<Store>,
    destinations: web::Data<Destinations>,
    id: web::Path<String>,
    if_match: IfMatch,
    Actor(who): Actor,
    JsonBody(draft): JsonBody<EditDraft>,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    let (changed, became) = edit(&store, &destinations, id, if_match.0, |_| Ok(draft.clone()), &who).await?;
    answer(changed, id, "edited", note(became))
}

/// Edits a message as `draft` wants it, which may depend on how the message stands.
pub(super) async fn edit(
    store: &Store,
    destinations: &Destinations,
    id: MessageId,
    version: Option<i64>,
    draft: impl Fn(&Message) -> Result<EditDraft, Problem>,
    who: &str,
) -> Result<(Changed, Note), Problem> {
    for _ in 0..TRIES {
        let message = find(store, id).await?;
        let (edit, became) = draft(&message)?.check(&message, store.now(), destinations)?;
        // What was checked against this version must not be written over another one.
        let wanted = version.unwrap_or(message.version);
        match apply(store, id, Change::Edit(edit), Some(wanted), who).await? {
            Changed::Outdated(_) if version.is_none() => {}
            changed => return Ok((changed, became)),
        }
    }
    Err(contended(id))
}

impl EditDraft {
    /// The message as it is, but so much later, or earlier.
    pub(super) fn later(message: &Message, by: SignedDuration) -> Result<Self, Problem> {
        let due_at = message.due_at.checked_add(by).map_err(|_| {
            Problem::unprocessable("The message cannot be edited.")
                .fault("/by", "leads out of the range of instants; expected a shorter time")
        })?;
        Ok(Self { due_at: Some(due_at.to_string()), ..Self::default() })
    }

    /// Makes an edit of it that goes with the message.
    fn check(
        self,
        message: &Message,
        now: Timestamp,
        destinations: &Destinations,
    ) -> Result<(Edit, Note), Problem> {
        if self.is_empty() {
            let expected =
                "changes nothing; expected `text`, `not_after`, or one of `due_at`, `in` and `wall`";
            return Err(Problem::unprocessable("The message cannot be edited.").fault("", expected));
        }
        let mut faults = Vec::new();
        let words = self.text.clone().map(text).transpose();
        match &words {
            Err(fault) => faults.push(("/text", fault.clone())),
            Ok(Some(words)) => faults.extend(
                objections(destinations, &message.destination, &message.account, words)
                    .into_iter()
                    .map(|objection| (objection.pointer, objection.detail)),
            ),
            Ok(None) => {}
        }
        match (words, self.time(message, now)) {
            (Ok(text), Ok((edit, note))) if faults.is_empty() => Ok((Edit { text, ..edit }, note)),
            (_, time) => {
                faults.extend(time.err().unwrap_or_default());
                let problem = Problem::unprocessable("The message cannot be edited.");
                Err(faults.into_iter().fold(problem, |problem, (at, detail)| problem.fault(at, detail)))
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.text.is_none() && self.not_after.is_none() && !self.has_due()
    }

    fn has_due(&self) -> bool {
        [&self.due_at, &self.delay, &self.wall, &self.zone, &self.fold].into_iter().any(Option::is_some)
    }

    /// The part of the edit that is about time.
    fn time(self, message: &Message, now: Timestamp) -> Result<(Edit, Note), Vec<Fault>> {
        if !self.has_due() {
            let not_after = match self.not_after {
                Some(Some(text)) => Some(Some(until(&text, message.due_at, now)?)),
                taken_away_or_kept => taken_away_or_kept.map(|_| None),
            };
            return Ok((Edit { not_after, ..Edit::default() }, Note::Exact));
        }
        let kept = message.not_after.filter(|_| self.not_after.is_none());
        let not_after = match &self.not_after {
            Some(text) => text.clone(),
            None => kept.map(|kept| kept.to_string()),
        };
        let Self { due_at, delay, wall, zone, fold, .. } = self;
        let at = if due_at.is_some() {
            "/due_at"
        } else if delay.is_some() {
            "/in"
        } else {
            "/wall"
        };
        let when = Asked { due_at, delay, wall, zone, fold, not_after }.check(now, jiff::tz::db());
        let when = when.map_err(|faults| match kept {
            Some(kept) => faults.into_iter().map(|fault| against_kept(fault, at, kept)).collect(),
            None => faults,
        })?;
        let not_after = self.not_after.map(|_| when.not_after);
        Ok((Edit { text: None, due: Some((when.due_at, given(&when))), not_after }, when.note))
    }
}

/// A new limit for the time at which the message is due already.
fn until(text: &str, due_at: Timestamp, now: Timestamp) -> Result<Timestamp, Vec<Fault>> {
    let until = deadline(text, due_at).map_err(|fault| vec![("/not_after", fault)])?;
    if until < now {
        let fault = format!("has passed: the message could be sent until {until}, and it is {now:.0} now");
        return Err(vec![("/not_after", fault)]);
    }
    Ok(until)
}

/// A fault of the limit that the message has is one of the new time: the limit was not sent.
fn against_kept((pointer, detail): Fault, at: &'static str, kept: Timestamp) -> Fault {
    if pointer != "/not_after" {
        return (pointer, detail);
    }
    let detail = format!(
        "does not go with `not_after` of the message, which is {kept}; expected an earlier time, or another `not_after`"
    );
    (at, detail)
}
