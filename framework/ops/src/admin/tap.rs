//! Looking at tuples as they go by.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::body::BodyStream;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use squall_runtime::{Tap, Tapped};
use tokio::time::{Instant, sleep_until};

use super::{place, redact, sse};
use crate::event::NewEvent;
use crate::http::{Guard, Streams};
use crate::openapi::{ACTOR, Operation};
use crate::site::Site;
use crate::{Actor, Problem};

/// The most tuples a second, in all, and the longest time; what holds too if nobody says.
const RATE: u32 = 10;
const LIMIT: u32 = 100;
const SECONDS: u32 = 60;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/tap",
            "tap",
            "Shows some of the tuples that a component emits: `hello`, `tuple`, and `end` with the reason. It slows nothing \
             down; what looks like a secret is masked.",
            |route| route.to(tap),
        )
        .header(ACTOR)
        .query::<Query>()
        .answers_as::<String>(200, sse::MEDIA_TYPE, "It ends by itself.")
        .refuses(403, "Tuples may not be looked at here.")
        .refuses(404, "There is no such topology, component or stream.")
        .refuses(409, "The topology is over.")
        .refuses(503, "As many streams or taps are open as may be, or the process ends."),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    /// The name of a topology.
    topology: String,
    /// The name of one of its components.
    component: String,
    /// One of its streams; all of them if nobody says.
    stream: Option<String>,
    /// How many tuples a second at most: 10 if nobody says.
    #[serde(default = "usual_rate")]
    #[schemars(range(min = 1, max = 10))]
    rate: u32,
    /// How many tuples in all at most: 100 if nobody says.
    #[serde(default = "usual_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// How long at most: 60 if nobody says.
    #[serde(default = "usual_seconds")]
    #[schemars(range(min = 1, max = 60))]
    seconds: u32,
}

fn usual_rate() -> u32 {
    RATE
}

fn usual_limit() -> u32 {
    LIMIT
}

fn usual_seconds() -> u32 {
    SECONDS
}

impl Query {
    fn check(&self) -> Result<(), Problem> {
        for (name, number, most) in
            [("rate", self.rate, RATE), ("limit", self.limit, LIMIT), ("seconds", self.seconds, SECONDS)]
        {
            if !(1..=most).contains(&number) {
                return Err(Problem::bad_request(format!(
                    "`{name}` is {number}; give a number from 1 to {most}."
                )));
            }
        }
        Ok(())
    }
}

async fn tap(
    site: web::Data<Site>,
    guard: web::Data<Guard>,
    streams: web::Data<Streams>,
    actor: Actor,
    query: web::Query<Query>,
) -> Result<HttpResponse, Problem> {
    if !guard.may_tap() {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "Tuples may not be looked at here. Who may change the configuration can write tap = true under [admin].",
        ));
    }
    query.check()?;
    let topology = place::topology(&site, &query.topology)?;
    let permit = streams.open()?;
    let opened = topology.running.tap(&query.component, query.stream.as_deref(), query.rate);
    let tap = opened.map_err(|refused| place::refusal(&refused))?;
    let address = actor.address.as_ref().map(IpAddr::to_string).unwrap_or_default();
    let sentence = format!("looks at what `{}` emits, for up to {} s", query.component, query.seconds);
    let event = NewEvent::new("tap", sentence).about(topology.name, &query.component);
    site.lookout.journal().write(event.by(&actor.name, address));
    let closed = Box::pin(streams.closed());
    let body =
        stream::unfold((Show::new(tap, &query), closed, permit), async |(mut show, mut closed, permit)| {
            let bytes = tokio::select! {
                biased;
                () = &mut closed => None,
                bytes = show.next() => bytes,
            }?;
            Some((Ok::<_, std::convert::Infallible>(bytes), (show, closed, permit)))
        });
    Ok(sse::answer(BodyStream::new(body)))
}

/// What one reader of a tap is shown.
#[derive(Debug)]
struct Show {
    tap: Tap,
    /// Tuples that may still be shown.
    left: u32,
    until: Instant,
    hello: Option<Bytes>,
    is_over: bool,
}

impl Show {
    fn new(tap: Tap, query: &Query) -> Self {
        let Query { rate, limit, seconds, .. } = *query;
        let hello = sse::hello("0", &json!({"rate": rate, "limit": limit, "seconds": seconds}));
        let until = Instant::now() + Duration::from_secs(u64::from(seconds));
        Self { tap, left: limit, until, hello: Some(hello), is_over: false }
    }

    /// The next piece; none behind the last one. Cancel safe.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(hello) = self.hello.take() {
            return Some(hello);
        }
        if self.is_over {
            return None;
        }
        if self.left == 0 {
            return Some(self.end("limit"));
        }
        let tapped = tokio::select! {
            tapped = self.tap.next() => tapped,
            () = sleep_until(self.until) => return Some(self.end("time")),
        };
        let Some(tapped) = tapped else { return Some(self.end("over")) };
        self.left -= 1;
        Some(sse::event("tuple", None, &Shown::new(tapped)))
    }

    fn end(&mut self, reason: &str) -> Bytes {
        self.is_over = true;
        sse::event("end", None, &json!({"reason": reason}))
    }
}

/// A tuple as it is shown.
#[derive(Serialize)]
struct Shown {
    #[serde(serialize_with = "crate::instant::serialize")]
    at: std::time::SystemTime,
    component: String,
    task: usize,
    stream: &'static str,
    /// The tuple itself; a text if it was cut.
    tuple: Box<RawValue>,
    /// It was longer: `tuple` is the beginning of it, as text.
    cut: bool,
    /// It could not be turned into JSON: `tuple` says why.
    failed: bool,
}

impl Shown {
    fn new(tapped: Tapped) -> Self {
        let Tapped { at, component, task, stream, tuple, cut, failed, .. } = tapped;
        let tuple = redact::redact(&tuple);
        let whole = if cut { None } else { RawValue::from_string(tuple.clone()).ok() };
        let text = || serde_json::value::to_raw_value(&tuple).unwrap_or_default();
        Self { at, component, task, stream, tuple: whole.unwrap_or_else(text), cut, failed }
    }
}
