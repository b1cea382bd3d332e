//! A connection that was made.

use std::sync::Arc;
use std::time::Duration;

use super::{Error, ErrorKind, EventOptions, Item, Parser, Resume};
use crate::feed::Connected;
use crate::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use crate::http::{Client, Method, StatusCode, Stream};

/// What the browsers send back what they had last with.
const LAST_EVENT_ID: &str = "last-event-id";

const EVENTS: &str = "text/event-stream";

/// A connection over which events come.
pub(super) struct Connection {
    stream: Stream,
    parser: Parser,
}

impl Connection {
    pub(super) async fn make(client: Client, resume: Resume, options: EventOptions) -> Result<Self, Error> {
        let mut request = client
            .request(Method::GET, &resume.address)
            .header(ACCEPT, EVENTS)
            .header(CACHE_CONTROL, "no-store");
        if let Some(id) = &resume.last_event_id {
            let id = HeaderValue::from_bytes(id.as_bytes()).map_err(|_| {
                Error::new(ErrorKind::Request, "the last event has an id that no header can carry")
            })?;
            request = request.header(LAST_EVENT_ID, id);
        }
        let stream = client.open(request, options.silence).await?;
        let kind = stream.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        match stream.status() {
            StatusCode::OK if is_events(kind) => {}
            StatusCode::OK => {
                return Err(Error::new(
                    ErrorKind::Refused,
                    format!("the server sends `{kind}`, not `{EVENTS}`"),
                ));
            }
            StatusCode::NO_CONTENT => {
                return Err(Error::new(
                    ErrorKind::Over,
                    "the server says that there are no more events (204)",
                ));
            }
            status => {
                return Err(Error::new(ErrorKind::Refused, format!("the server refuses with {status}")));
            }
        }
        let last = resume.last_event_id.map(Arc::from);
        Ok(Self { stream, parser: Parser::new(options.limit).after(last) })
    }
}

impl Connected for Connection {
    type Item = Item;
    type Error = Error;

    async fn next(&mut self) -> Result<Item, Error> {
        loop {
            if let Some(item) = self.parser.next() {
                return Ok(item);
            }
            match self.stream.next().await? {
                Some(piece) => self.parser.push(&piece),
                None => return Err(Error::new(ErrorKind::Broken, "the server closed the connection")),
            }
        }
    }

    fn is_final(error: &Error) -> bool {
        matches!(error.kind(), ErrorKind::Request | ErrorKind::Over)
    }

    fn pause(&self) -> Option<Duration> {
        self.parser.pause()
    }
}

fn is_events(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(EVENTS)
}
