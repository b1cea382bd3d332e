//! Doing one thing to many messages: to those that are named, or to all that are found.

use actix_web::http::{Method, StatusCode};
use actix_web::web;
use futures_util::future::join_all;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_ops::Problem;
use squall_ops::openapi::Operation;
use squall_ops::problem::JsonBody;

use super::action::{Action, Place};
use super::actor::{self, Actor};
use super::change::settled;
use super::edit::EditDraft;
use super::list::Listing;
use super::message::id_of;
use super::resolve::{Resolution, Seen};
use super::trouble::{named, shown, unavailable};
use crate::destination::Destinations;
use crate::message::MessageId;
use crate::store::{Matches, Search, Store};

/// The most messages that one request does something to.
pub(crate) const MOST: usize = 1000;

/// How many are changed at the same time.
const AT_ONCE: usize = 16;

/// The longest text that is looked for, in characters.
const TEXT_LIMIT: usize = 256;

const EXAMPLE: &str = r#"{"action": "retry", "ids": ["01890a5d-ac96-774b-bcce-b302099a8057"]}"#;

const ABOUT: &str =
    "Does one thing to up to 1,000 messages: to those with these ids, or to all that a query finds.";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::POST, "/api/v1/messages/actions", "changeMessages", ABOUT, |route| {
            route.to(act)
        })
        .header(actor::HEADER)
        .takes::<Wanted>(EXAMPLE)
        .answers::<Results>(200, "What was done, and why the rest was not.")
        .refuses(
            409,
            "`/problems/count-changed`: the query finds `count` messages now; nothing was changed.",
        ),
    ]
}

/// What is to be done, and to which messages.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MessageActions")]
pub(crate) struct Wanted {
    /// What is to be done.
    pub(crate) action: Name,
    /// To these messages: this, or `query`.
    pub(crate) ids: Option<Vec<String>>,
    /// To all messages that are found.
    pub(crate) query: Option<Query>,
    /// How many messages `query` is expected to find; with another number nothing is done.
    pub(crate) expect: Option<u64>,
    /// `move`: when to send them, as RFC 3339 has it; this, `in`, `wall`, or `by`.
    pub(crate) due_at: Option<String>,
    /// `move`: how long from now to send them, such as `5s`.
    #[serde(rename = "in")]
    pub(crate) delay: Option<String>,
    /// `move`: the date and the time of day at which to send them, on the clocks of `zone`.
    pub(crate) wall: Option<String>,
    /// `move`: a time zone of the IANA database, such as `Europe/Berlin`.
    pub(crate) zone: Option<String>,
    /// `move`: which one, if clocks show `wall` twice: `earlier`, which is meant without it, or `later`.
    pub(crate) fold: Option<String>,
    /// `move`: by how much to send each of them later, such as `2h`, or earlier, such as `-30m`.
    pub(crate) by: Option<String>,
}

/// What can be done to many messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MessageAction")]
pub(crate) enum Name {
    /// Take them back.
    #[default]
    Cancel,
    /// Send them once more.
    Retry,
    /// Send them at once.
    SendNow,
    /// Send them at another time.
    Move,
    /// They arrived: for those that are `unconfirmed`.
    Sent,
    /// They did not arrive, and are to be sent: for those that are `unconfirmed`.
    NotSent,
    /// Whatever became of them, they are not sent again: for those that are `unconfirmed`.
    GiveUp,
}

/// Which messages are found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MessageQuery")]
pub(crate) struct Query {
    /// Only those of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    /// Only those that go to this destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) destination: Option<String>,
    /// Only those in these states: `dead,unconfirmed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    /// Only those due at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_from: Option<String>,
    /// Only those due before this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_before: Option<String>,
    /// Only the occurrences of this series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) series: Option<String>,
    /// Only those that have this somewhere in their text: 1 to 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MessageResults")]
pub(crate) struct Results {
    /// How many messages it was to be done to.
    pub(crate) asked: u64,
    /// To how many it was done.
    pub(crate) done: u64,
    /// To which it was not done, and why.
    pub(crate) refused: Vec<Refused>,
}

/// A message to which it was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RefusedMessage")]
pub(crate) struct Refused {
    /// Its id.
    pub(crate) id: String,
    /// The status with which a request about it alone is answered.
    pub(crate) status: u16,
    /// Why, in a sentence.
    pub(crate) detail: String,
}

async fn act(
    store: web::Data<Store>,
    destinations: web::Data<Destinations>,
    Actor(who): Actor,
    JsonBody(wanted): JsonBody<Wanted>,
) -> Result<web::Json<Results>, Problem> {
    let place = Place { store: store.as_ref().clone(), destinations: destinations.as_ref().clone() };
    perform(&place, wanted, &who).await.map(web::Json)
}

/// Does it to all of them, unless others than expected are found.
pub(crate) async fn perform(place: &Place, wanted: Wanted, who: &str) -> Result<Results, Problem> {
    let action = wanted.action()?;
    let ids = match (&wanted.ids, &wanted.query, wanted.expect) {
        (Some(ids), None, None) if (1..=MOST).contains(&ids.len()) => {
            ids.iter().map(|id| id_of(id)).collect::<Result<Vec<_>, _>>()?
        }
        (Some(ids), None, None) => {
            let detail = format!("has {} ids; expected 1 to {MOST}", ids.len());
            return Err(nothing().fault("/ids", detail));
        }
        (None, Some(query), Some(expect)) => found(place, query.clone().search()?, expect).await?,
        (None, Some(_), None) => {
            return Err(nothing().fault("/expect", "is missing; expected how many messages the query finds"));
        }
        _ => return Err(nothing().fault("", "expected either `ids`, or `query` and `expect`")),
    };
    Ok(to_all(place, &action, &ids, who).await)
}

/// What a query finds, if it is as many as expected.
async fn found(place: &Place, search: Search, expect: u64) -> Result<Vec<MessageId>, Problem> {
    let Matches { ids, is_cut } =
        place.store.matches(search, MOST).await.map_err(|error| unavailable(&error))?;
    if is_cut {
        return Err(nothing().fault(
            "/query",
            format!("finds too many messages to change at once; expected one that finds at most {MOST}"),
        ));
    }
    if ids.len() as u64 == expect {
        return Ok(ids);
    }
    let count = ids.len();
    let detail = format!(
        "The query finds {count} messages now, and not {expect}. Nothing was changed. Look at them, and ask again \
         with the new number."
    );
    Err(named(StatusCode::CONFLICT, "count-changed", "Count changed", detail).member("count", count))
}

async fn to_all(place: &Place, action: &Action, ids: &[MessageId], who: &str) -> Results {
    let mut results = Results { asked: ids.len() as u64, done: 0, refused: Vec::new() };
    let mut is_away = false;
    for chunk in ids.chunks(AT_ONCE) {
        let one = async |id: &MessageId| {
            let (changed, _) = action.apply(place, *id, None, who).await?;
            settled(changed, *id, action.done())
        };
        // When the database is away, each further one would wait for it in vain.
        let done = if is_away { Vec::new() } else { join_all(chunk.iter().map(one)).await };
        let mut done = done.into_iter();
        for id in chunk {
            match done.next() {
                Some(Ok(_)) => results.done += 1,
                Some(Err(problem)) => {
                    is_away |= problem.status() == StatusCode::SERVICE_UNAVAILABLE;
                    results.refused.push(Refused::of(*id, &problem));
                }
                None => results.refused.push(Refused {
                    id: id.to_string(),
                    status: StatusCode::SERVICE_UNAVAILABLE.as_u16(),
                    detail: "It was not tried, since the messages cannot be reached just now.".to_owned(),
                }),
            }
        }
    }
    results
}

impl Refused {
    fn of(id: MessageId, problem: &Problem) -> Self {
        let faults = problem.faults().iter().map(|fault| format!(" {}", fault.detail)).collect::<String>();
        let detail = format!("{}{faults}", problem.detail());
        Self { id: id.to_string(), status: problem.status().as_u16(), detail }
    }
}

fn nothing() -> Problem {
    Problem::unprocessable("Nothing was changed.")
}

impl Wanted {
    /// What is to be done to each.
    pub(crate) fn action(&self) -> Result<Action, Problem> {
        let resolved = |seen| Resolution { r#as: seen, receipt: None }.change().map(Action::Resolve);
        if self.action != Name::Move && self.is_timed() {
            return Err(nothing().fault("/action", "does not go with a time; expected `move`"));
        }
        match self.action {
            Name::Cancel => Ok(Action::Cancel),
            Name::Retry => Ok(Action::Retry),
            Name::SendNow => Ok(Action::SendNow),
            Name::Sent => resolved(Seen::Sent),
            Name::NotSent => resolved(Seen::NotSent),
            Name::GiveUp => resolved(Seen::GiveUp),
            Name::Move => self.moved(),
        }
    }

    fn is_timed(&self) -> bool {
        let Self { due_at, delay, wall, zone, fold, by, .. } = self;
        [due_at, delay, wall, zone, fold, by].into_iter().any(Option::is_some)
    }

    fn moved(&self) -> Result<Action, Problem> {
        let Self { due_at, delay, wall, zone, fold, by, .. } = self.clone();
        let Some(by) = by else {
            let draft = EditDraft { due_at, delay, wall, zone, fold, ..EditDraft::default() };
            return Ok(Action::Edit(Box::new(draft)));
        };
        if [due_at, delay, wall, zone, fold].iter().any(Option::is_some) {
            return Err(nothing().fault("/by", "is given beside another time; expected one of them"));
        }
        shift(&by).map(Action::Shift).map_err(|detail| nothing().fault("/by", detail))
    }
}

/// Reads by how much something is to be moved.
fn shift(text: &str) -> Result<SignedDuration, String> {
    let text = text.trim();
    let (is_back, bare) = match text.strip_prefix('-') {
        Some(bare) => (true, bare),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let expected = "expected how much later, such as \"2h\", or earlier, such as \"-30m\"";
    let duration = humantime::parse_duration(bare.trim()).map_err(|error| format!("{error}; {expected}"))?;
    let by = SignedDuration::try_from(duration).map_err(|_| format!("is too long; {expected}"))?;
    if by.is_zero() {
        return Err(format!("is nothing; {expected}"));
    }
    Ok(if is_back { -by } else { by })
}

impl Query {
    /// What is to be looked for.
    pub(crate) fn search(self) -> Result<Search, Problem> {
        let Self { account, destination, state, due_from, due_before, series, text } = self;
        if let Some(text) = &text {
            let length = text.chars().count();
            if !(1..=TEXT_LIMIT).contains(&length) || text.contains('\0') {
                return Err(Problem::bad_request(format!(
                    "The text to look for is `{}`; expected 1 to {TEXT_LIMIT} characters.",
                    shown(text)
                )));
            }
        }
        let listing =
            Listing { account, destination, state, due_from, due_before, series, ..Listing::default() };
        Ok(Search { filter: listing.filter()?, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_goes_both_ways() {
        assert_eq!(shift("2h"), Ok(SignedDuration::from_hours(2)));
        assert_eq!(shift("-30m"), Ok(SignedDuration::from_mins(-30)));
        for text in ["", "-", "0s", "soon", "999999999999 years", "--1h"] {
            assert!(shift(text).unwrap_err().contains("expected how much later"), "{text}");
        }
    }
}
