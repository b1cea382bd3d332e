//! `/events`: what happened, and who did it, the newest first.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::Frame;
use crate::event::Event;
use crate::show::Count;
use crate::{Html, Problem, View};

/// Events on one page.
const SHOWN: usize = 200;

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/events").route(web::get().to(events)));
}

#[derive(Template)]
#[template(path = "events.html")]
struct Events<'a> {
    filter: Filter<'a>,
    topologies: Vec<&'static str>,
    kinds: BTreeSet<&'static str>,
    rows: Vec<Row>,
    /// The page with what is older, if there is more.
    older: Option<String>,
    kept: Count,
}

/// What is to be seen; all of it stands in the address.
#[derive(Clone, Copy)]
struct Filter<'a> {
    topology: &'a str,
    kind: &'a str,
    who: &'a str,
    text: &'a str,
    /// `refused`: only what failed or was refused.
    result: &'a str,
    /// Only what is older than the event with this number.
    before: Option<u64>,
}

/// An event.
struct Row {
    seq: u64,
    at: String,
    /// Where it is another than that of the event above.
    day: Option<String>,
    clock: String,
    kind: String,
    /// The page of what it is about, and its name.
    place: Option<(String, String)>,
    sentence: String,
    who: Option<String>,
    address: String,
    /// Colour, icon and word; nothing if all is well.
    trouble: Option<(&'static str, &'static str)>,
}

async fn events(frame: Frame) -> HttpResponse {
    frame.answer("Events", render(&frame))
}

fn render(frame: &Frame) -> Result<Html, Problem> {
    let (site, filter) = (&frame.site, Filter::of(&frame.view));
    let journal = site.lookout.journal();
    let all = journal.newest(usize::MAX, |_| true);
    let mut wanted = all.iter().filter(|event| filter.wants(event));
    let mut rows: Vec<Row> = wanted.by_ref().take(SHOWN).map(Row::of).collect();
    let mut last = None;
    for row in &mut rows {
        // The newest come first: most of them are of today.
        let day = row.day.take();
        row.day = day.clone().filter(|_| last != day);
        last = day;
    }
    let older = rows.last().filter(|_| wanted.next().is_some()).map(|row| filter.older_than(row.seq));
    Html::of(&Events {
        topologies: site.topologies.iter().map(|topology| topology.name).collect(),
        kinds: all.iter().map(|event| event.kind).collect(),
        kept: Count(all.len() as u64),
        filter,
        rows,
        older,
    })
}

impl<'a> Filter<'a> {
    fn of(view: &'a View) -> Self {
        let field = |name| view.query(name).unwrap_or_default();
        Self {
            topology: field("topology"),
            kind: field("kind"),
            who: field("who"),
            text: field("q"),
            result: field("result"),
            before: view.query("before").and_then(|before| before.parse().ok()),
        }
    }

    fn wants(&self, event: &Event) -> bool {
        let is = |wanted: &str, found: Option<&str>| wanted.is_empty() || found == Some(wanted);
        let says = |text: &str| {
            let words = self.text.to_lowercase();
            let text = text.to_lowercase();
            words.split_whitespace().all(|word| text.contains(word))
        };
        let who = event.who.as_deref().unwrap_or_default().to_lowercase();
        is(self.topology, event.topology.as_deref())
            && is(self.kind, Some(event.kind))
            && who.contains(&self.who.to_lowercase())
            && (self.result != "refused" || !event.ok)
            && self.before.is_none_or(|before| event.seq < before)
            && says(&event.sentence)
    }

    fn is_set(&self) -> bool {
        let texts = [self.topology, self.kind, self.who, self.text, self.result];
        texts.iter().any(|text| !text.is_empty()) || self.before.is_some()
    }

    /// The same with what is older.
    fn older_than(&self, seq: u64) -> String {
        let Self { topology, kind, who, text, result, .. } = *self;
        let pairs = [("topology", topology), ("kind", kind), ("who", who), ("q", text), ("result", result)];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let pairs = pairs.map(|(name, value)| format!("{name}={}&", escaped(value)));
        format!("/events?{}before={seq}", pairs.collect::<String>())
    }
}

/// A value as it may stand in a query.
fn escaped(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let byte = |byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    value.bytes().map(byte).collect()
}

impl Row {
    fn of(event: &Arc<Event>) -> Self {
        let at = humantime::format_rfc3339_millis(event.at).to_string();
        let place = match (&event.topology, &event.component) {
            (Some(topology), Some(component)) => {
                Some((format!("/t/{topology}/c/{}", escaped(component)), format!("{topology} / {component}")))
            }
            (Some(topology), None) => Some((format!("/t/{topology}"), topology.clone())),
            (None, _) => None,
        };
        Self {
            seq: event.seq,
            day: at.get(..10).map(str::to_owned),
            clock: at.get(11..19).unwrap_or_default().to_owned(),
            at,
            kind: event.kind.replace('_', " "),
            place,
            sentence: event.sentence.clone(),
            who: event.who.clone(),
            address: event.address.clone().unwrap_or_default(),
            trouble: trouble(event),
        }
    }
}

/// What is refused was tried by somebody; what is built anew is well again.
fn trouble(event: &Event) -> Option<(&'static str, &'static str)> {
    match event.kind {
        "finding_raised" => Some(("warn", "Raised")),
        "restarted" => Some(("warn", "Restarted")),
        _ if event.ok => None,
        _ if event.who.is_some() => Some(("bad", "Refused")),
        _ => Some(("bad", "Failed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Journal, NewEvent};

    fn journal() -> Journal {
        let journal = Journal::default();
        journal.write(NewEvent::new("started", "The topology was started").of("slow"));
        journal.write(
            NewEvent::new("rebalance", "refused: `publish` has no room")
                .about("slow", "publish")
                .by("Ann", "::1")
                .failed(),
        );
        journal.write(NewEvent::new("pause", "`wide` was paused").of("wide").by("bob", "::1"));
        journal
    }

    fn seqs(query: &str) -> Vec<u64> {
        let view = View::of(&format!("/events?{query}"));
        let filter = Filter::of(&view);
        journal().newest(10, |event| filter.wants(event)).iter().map(|event| event.seq).collect()
    }

    #[test]
    fn a_filter_keeps_what_says_all_of_it() {
        assert_eq!(seqs(""), [3, 2, 1]);
        assert_eq!(seqs("topology=slow"), [2, 1]);
        assert_eq!(seqs("kind=pause"), [3]);
        assert_eq!(seqs("who=ann"), [2]);
        assert_eq!(seqs("q=PUBLISH+room"), [2]);
        assert_eq!(seqs("result=refused"), [2]);
        assert_eq!(seqs("before=2"), [1]);
        assert_eq!(seqs("before=x&topology=no"), [0; 0]);
    }

    #[test]
    fn the_next_page_keeps_the_filter() {
        let view = View::of("/events?q=a%26b+%C3%A4&topology=slow&who=");

        assert_eq!(Filter::of(&view).older_than(7), "/events?topology=slow&q=a%26b%20%C3%A4&before=7");
    }
}
