//! What happens, as it happens: one stream of server-sent events.

mod feed;
mod known;

use actix_web::body::BodyStream;
use actix_web::http::Method;
use actix_web::http::header::HeaderName;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;
use schemars::JsonSchema;
use serde::Deserialize;

use super::place::shown;
use super::sse;
use crate::Problem;
use crate::http::Streams;
use crate::openapi::{Header, Operation};
use crate::site::Site;
use feed::Feed;
pub(crate) use feed::Ticks;
use known::Known;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

const HEADER: Header = Header {
    name: "Last-Event-ID",
    about: "The `id` of the last event that was read, or its number in the list of events: those behind it come first; all of \
            them, if another process told it. Browsers send it by themselves.",
    example: "17",
};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/api/v1/stream",
            "follow",
            "Tells what happens as it happens: `hello`, `stats` once a second, `event`, `finding`, `graph` when something \
             else runs, and `lagged` before a fresh `stats` when the reader was too slow.",
            |route| route.to(follow),
        )
        .header(HEADER)
        .query::<Query>()
        .answers_as::<String>(200, sse::MEDIA_TYPE, "It goes on until either side ends it.")
        .refuses(503, "As many streams are open as may be, or the process ends."),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    /// Some of `stats`, `events` and `findings`, with commas in between; all of them if nobody says.
    #[schemars(regex(pattern = r"^(stats|events|findings)(,(stats|events|findings))*$"))]
    topics: Option<String>,
}

/// What somebody wants to hear about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Topics {
    stats: bool,
    events: bool,
    findings: bool,
}

impl Topics {
    const ALL: Self = Self { stats: true, events: true, findings: true };

    fn read(text: &str) -> Result<Self, Problem> {
        let mut topics = Self { stats: false, events: false, findings: false };
        for topic in text.split(',') {
            match topic.trim() {
                "stats" => topics.stats = true,
                "events" => topics.events = true,
                "findings" => topics.findings = true,
                other => {
                    return Err(Problem::bad_request(format!(
                        "`topics` has `{}`; give some of stats, events, findings, with commas in between.",
                        shown(other)
                    )));
                }
            }
        }
        Ok(topics)
    }
}

async fn follow(
    site: web::Data<Site>,
    streams: web::Data<Streams>,
    ticks: web::Data<Ticks>,
    request: HttpRequest,
    query: web::Query<Query>,
) -> Result<HttpResponse, Problem> {
    let topics = query.topics.as_deref().map_or(Ok(Topics::ALL), Topics::read)?;
    let last = last_event_id(&request)?;
    let permit = streams.open()?;
    let feed = Feed::new(site.into_inner(), ticks.into_inner(), topics, last);
    let closed = Box::pin(streams.closed());
    let body = stream::unfold((feed, closed, permit), async |(mut feed, mut closed, permit)| {
        let bytes = tokio::select! {
            biased;
            () = &mut closed => None,
            bytes = feed.next() => bytes,
        }?;
        Some((Ok::<_, std::convert::Infallible>(bytes), (feed, closed, permit)))
    });
    Ok(sse::answer(BodyStream::new(body)))
}

fn last_event_id(request: &HttpRequest) -> Result<Option<Known>, Problem> {
    let Some(id) = request.headers().get(LAST_EVENT_ID) else { return Ok(None) };
    let id = id.to_str().ok().and_then(|id| id.trim().parse().ok());
    let wrong =
        || Problem::bad_request("The header Last-Event-ID must be the id of an event, or its number.");
    id.map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_words_with_commas() {
        let read = |text| Topics::read(text).map_err(|problem| problem.status().as_u16());

        assert_eq!(read("stats,events,findings"), Ok(Topics::ALL));
        assert_eq!(read("events"), Ok(Topics { stats: false, events: true, findings: false }));
        assert_eq!(read("stats,"), Err(400));
        assert_eq!(read(""), Err(400));
    }
}
