//! The card on the overview: how scheduled messages stand.

use std::time::Instant;

use askama::Template;
use futures_util::future::join4;
use squall_ops::show::{Count, Seconds, or_dash};
use squall_ops::{Card, Html, Problem};

use super::bars::Bars;
use super::look::Row;
use super::office::{Office, soon};
use super::{MESSAGES, Moment, list};
use crate::flow::{BreakerState, DestinationFlow};
use crate::state::State;
use crate::store::Counts;

/// The card.
pub(crate) fn card(office: &Office) -> Card {
    let office = office.clone();
    Card::new("Scheduled messages", move || show(office.clone())).href(MESSAGES)
}

#[derive(Template)]
#[template(path = "card.html")]
struct Shown {
    due: Option<Count>,
    oldest: Option<Moment>,
    hour: Option<Count>,
    hours: Option<Bars>,
    /// States that somebody may want to look at, with the address of the page: none of them is zero.
    waiting: Vec<Waiting>,
    coming: Vec<Row>,
    destinations: Vec<Way>,
    is_away: bool,
}

struct Waiting {
    kind: &'static str,
    word: &'static str,
    count: Count,
    href: String,
}

/// The way to a destination.
struct Way {
    name: String,
    kind: &'static str,
    word: String,
    in_flight: u32,
    limit: u32,
    p99: String,
    sent: Count,
}

async fn show(office: Office) -> Result<Html, Problem> {
    let store = office.store();
    let (at_hand, forecast, counts, coming) = join4(
        soon(store.at_hand(), || store.last_views().now),
        soon(store.forecast(), || store.last_views().next),
        soon(store.counts(), || store.last_views().all),
        soon(store.coming(), || store.last_views().coming),
    )
    .await;
    let now = store.now();
    let bars = |of: fn(&[crate::store::Minute], jiff::Timestamp) -> Bars| {
        forecast.as_ref().map(|forecast| of(&forecast.minutes, forecast.as_of))
    };
    Html::of(&Shown {
        is_away: at_hand.is_none() && forecast.is_none(),
        due: at_hand.as_ref().map(|at_hand| Count(at_hand.due)),
        oldest: at_hand.as_ref().and_then(list::oldest),
        hour: bars(Bars::of_minutes).map(|bars| bars.sum),
        hours: bars(Bars::of_hours),
        waiting: counts.map(|counts| waiting(&counts)).unwrap_or_default(),
        coming: coming.unwrap_or_default().iter().map(|message| Row::of(message, now)).collect(),
        destinations: office
            .flow
            .overview(Instant::now(), now)
            .into_iter()
            .map(|way| Way::of(way, now))
            .collect(),
    })
}

fn waiting(counts: &Counts) -> Vec<Waiting> {
    let words = [
        (State::Retrying, "warn", "retrying"),
        (State::Unconfirmed, "warn", "unconfirmed, wait for a person"),
        (State::Dead, "bad", "dead"),
        (State::Suspended, "idle", "suspended"),
    ];
    let count = |state| counts.states.get(&state).copied().unwrap_or_default();
    let of = |(state, kind, word): (State, &'static str, &'static str)| {
        let href = format!("{MESSAGES}?state={state}");
        (count(state) > 0).then(|| Waiting { kind, word, count: Count(count(state)), href })
    };
    words.into_iter().filter_map(of).collect()
}

impl Way {
    fn of(way: DestinationFlow, now: jiff::Timestamp) -> Self {
        let (kind, word) = match (way.breaker, way.resting_until) {
            (BreakerState::Open { until }, _) => {
                ("bad", format!("Down, left alone: next try {}", super::moment::relative(until, now)))
            }
            (BreakerState::HalfOpen, _) => ("warn", "Tried with one message".to_owned()),
            (BreakerState::Closed, Some(until)) => {
                ("warn", format!("Rests, as it asked: {}", super::moment::relative(until, now)))
            }
            (BreakerState::Closed, None) => ("ok", "Open".to_owned()),
        };
        let lateness = (way.lateness.count > 0).then_some(Seconds(way.lateness.p99_seconds));
        Self {
            name: way.name,
            kind,
            word,
            in_flight: way.in_flight,
            limit: way.limit,
            p99: or_dash(lateness),
            sent: Count(way.attempts.accepted),
        }
    }
}
