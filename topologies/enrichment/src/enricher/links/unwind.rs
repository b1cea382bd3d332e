//! One link, hop by hop.

use std::time::Duration;

use squall_connect::http::header::LOCATION;
use squall_connect::http::{Client, Error, ErrorKind, Method, StatusCode, Stream};
use tokio::time::timeout;
use url::{Position, Url};

use super::Ports;
use super::hosts::{Hosts, Visit};
use super::unreachable::Unreachable;
use super::unwound::Unwound;

/// The longest address that is asked, in bytes: what servers take.
pub(super) const LONGEST: usize = 4096;

const TOO_MANY_REQUESTS: StatusCode = StatusCode::TOO_MANY_REQUESTS;

/// What a link may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) hops: usize,
    pub(super) time: Duration,
    pub(super) ports: Ports,
}

/// What unwinds a link.
#[derive(Debug)]
pub(super) struct Unwinding<'a> {
    pub(super) client: &'a Client,
    pub(super) hosts: &'a Hosts,
    pub(super) limits: Limits,
}

/// What a hop came to.
enum Hop {
    Status(u16),
    To(Url),
}

impl Unwinding<'_> {
    /// Follows a link to its end. That takes no longer than the limits, and as long again for turns at busy hosts.
    pub(super) async fn unwind(&self, link: &str) -> Unwound {
        let mut way = Way { visited: Vec::new() };
        let end = match address(link) {
            Err(why) => Err(why),
            Ok(first) => self.follow(first, &mut way).await,
        };
        Unwound {
            url: link.to_owned(),
            hops: way.visited.len().saturating_sub(1),
            last: way.visited.pop(),
            end,
        }
    }

    async fn follow(&self, first: Url, way: &mut Way) -> Result<u16, Unreachable> {
        let mut next = first;
        let mut left = self.limits.time;
        let mut patience = self.limits.time;
        loop {
            way.go(next, self.limits)?;
            let Some(here) = way.visited.last() else { return Err(Unreachable::NotAUrl) };
            let host = &here[Position::BeforeHost..Position::BeforePath];
            let visit = self.hosts.visit(host).ok_or(Unreachable::HostDown)?;
            let turn = timed(&mut patience, visit.turn()).await.flatten().ok_or(Unreachable::Busy)?;
            // A link that wasted its time elsewhere says nothing about this host.
            let hop = timed(&mut left, self.hop(here)).await.ok_or(Unreachable::Timeout)?;
            drop(turn);
            tell(&visit, &hop);
            match hop? {
                Hop::Status(status) => return Ok(status),
                Hop::To(url) => next = url,
            }
        }
    }

    async fn hop(&self, here: &Url) -> Result<Hop, Unreachable> {
        let answer = match self.head_of(Method::HEAD, here).await {
            // Some servers know GET only, and some of them say so by hanging up. One that wants to be left alone means it.
            Ok(answer) if answer.status().as_u16() >= 400 && answer.status() != TOO_MANY_REQUESTS => {
                self.head_of(Method::GET, here).await
            }
            Err(error) if error.kind() == ErrorKind::Broken => self.head_of(Method::GET, here).await,
            answer => answer,
        };
        let answer = answer.map_err(|error| Unreachable::from(&error))?;
        let status = answer.status();
        let location = answer.headers().get(LOCATION);
        match location.filter(|_| matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)) {
            None => Ok(Hop::Status(status.as_u16())),
            Some(location) => redirect(here, location.as_bytes()).map(Hop::To),
        }
    }

    /// The head of the answer; its body is left where it is.
    async fn head_of(&self, method: Method, url: &Url) -> Result<Stream, Error> {
        let request = self.client.request(method, url.as_str()).header("accept", "*/*");
        Box::pin(self.client.open(request, self.limits.time)).await
    }
}

/// The addresses on the way so far.
struct Way {
    visited: Vec<Url>,
}

impl Way {
    /// Takes a step, if it may be taken.
    fn go(&mut self, next: Url, limits: Limits) -> Result<(), Unreachable> {
        let refused = match next.scheme() {
            _ if self.visited.iter().any(|url| is_same(url, &next)) => Some(Unreachable::Loop),
            _ if self.visited.len() > limits.hops => Some(Unreachable::TooManyHops),
            "http" | "https" if limits.ports.allow(&next) => None,
            "http" | "https" => Some(Unreachable::Port),
            _ => Some(Unreachable::Scheme),
        };
        match refused {
            Some(why @ (Unreachable::Loop | Unreachable::TooManyHops)) => Err(why),
            refused => {
                self.visited.push(next);
                refused.map_or(Ok(()), Err)
            }
        }
    }
}

/// Whether a server is asked the same: what stands behind `#` it does not get to see.
fn is_same(one: &Url, other: &Url) -> bool {
    let asked = |url: &Url| url.as_str().find('#').unwrap_or(url.as_str().len());
    one.as_str().get(..asked(one)) == other.as_str().get(..asked(other))
}

/// Does something within the time that is left, and takes from it what it took.
async fn timed<T>(left: &mut Duration, work: impl Future<Output = T>) -> Option<T> {
    let began = tokio::time::Instant::now();
    let done = timeout(*left, work).await.ok();
    *left = left.saturating_sub(began.elapsed());
    done
}

/// Remembers of a host whether it answers.
fn tell(visit: &Visit<'_>, hop: &Result<Hop, Unreachable>) {
    match hop {
        Ok(_) => visit.tell(false),
        Err(why) if why.is_silence() => visit.tell(true),
        Err(Unreachable::Broken | Unreachable::BadRedirect) => visit.tell(false),
        // It was not asked.
        Err(_) => {}
    }
}

/// The address that a link is, without what nobody else should know.
fn address(link: &str) -> Result<Url, Unreachable> {
    if link.len() > LONGEST {
        return Err(Unreachable::TooLong);
    }
    Url::parse(link).map(without_credentials).map_err(|_| Unreachable::NotAUrl)
}

/// Where a redirect leads.
fn redirect(here: &Url, location: &[u8]) -> Result<Url, Unreachable> {
    if location.len() > LONGEST {
        return Err(Unreachable::TooLong);
    }
    // Many servers send it as UTF-8, though it should be ASCII.
    let location = std::str::from_utf8(location).map_err(|_| Unreachable::BadRedirect)?;
    here.join(location).map(without_credentials).map_err(|_| Unreachable::BadRedirect)
}

/// Names and passwords in an address are nobody's business, and a way to make one look like another.
fn without_credentials(mut url: Url) -> Url {
    // Refused only by addresses that can have none.
    url.set_username("").ok();
    url.set_password(None).ok();
    url
}
