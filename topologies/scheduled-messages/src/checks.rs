//! What is checked of this topology, beside what is checked of all.
//!
//! Each name is a heading in `RUNBOOK.md`, which tells what to do.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use squall_ops::show::Seconds;
use squall_ops::{Bound, Check, CheckView, Reading};

use crate::flow::{BreakerState, DestinationFlow, Flow};
use crate::pulse::{Pulse, Told};
use crate::store::Store;
use crate::topology::NAME;

/// The component that reads the database, and the one that sends.
const READS: &str = "due";
const SENDS: &str = "send";

/// How long it is told that a message died.
const HOUR: Duration = Duration::from_secs(3600);

/// All of them.
pub(crate) fn checks(pulse: &Pulse, store: &Store, flow: &Flow) -> Vec<Check> {
    vec![database(pulse), late(pulse), unconfirmed(pulse), dead(pulse), breakers(store, flow)]
}

fn of(
    pulse: &Pulse,
    read: impl FnMut(&Told) -> Option<Reading> + Send + 'static,
) -> impl squall_ops::Probe + 'static {
    let (pulse, mut read) = (pulse.clone(), read);
    move |_: CheckView<'_>| read(&pulse.look()).into_iter().collect::<Vec<_>>()
}

fn database(pulse: &Pulse) -> Check {
    Check::new("messages-database", Bound::Above(15.0), of(pulse, |told| Some(away(told))))
        .unit("s")
        .lasting(Duration::from_secs(5))
        .what_to_do("look whether the database runs and can be reached; what is due is sent when it is back")
        .pages()
}

fn away(told: &Told) -> Reading {
    let seconds = if told.is_there { 0.0 } else { told.answered.elapsed().as_secs_f64() };
    let sentence = format!("the database of the messages has not answered for {}", Seconds(seconds));
    Reading::new(seconds).about(NAME, READS).sentence(sentence)
}

fn late(pulse: &Pulse) -> Check {
    Check::new("messages-late", Bound::Above(60.0), of(pulse, overdue))
        .unit("s")
        .lasting(Duration::from_secs(15))
        .what_to_do(
            "look at the way to its destination, whether the topology is paused, and whether `send` is the bottleneck",
        )
        .pages()
}

fn overdue(told: &Told) -> Option<Reading> {
    let at_hand = told.at_hand.as_ref()?;
    let Some(oldest) = &at_hand.oldest_overdue else { return Some(Reading::new(0.0).about(NAME, READS)) };
    let late = at_hand.as_of.duration_since(oldest.due_at).as_secs_f64();
    let sentence = format!(
        "a message of {} to {} has been due for {}, and {} are due in all",
        oldest.account,
        oldest.destination,
        Seconds(late),
        at_hand.due
    );
    Some(Reading::new(late).about(NAME, READS).sentence(sentence))
}

fn unconfirmed(pulse: &Pulse) -> Check {
    let read = |told: &Told| {
        let count = told.people?.unconfirmed;
        let sentence = format!("{count} messages may have arrived, and nobody knows: a person must look");
        Some(Reading::new(count as f64).about(NAME, SENDS).sentence(sentence))
    };
    Check::new("messages-unconfirmed", Bound::Above(0.0), of(pulse, read)).unit("messages").what_to_do(
        "look at their destinations, and say on the page of each message, or on /messages, what you saw",
    )
}

fn dead(pulse: &Pulse) -> Check {
    let mut deaths = Deaths::default();
    let read = move |told: &Told| {
        let died = deaths.since(told.people?.dead, Instant::now());
        let sentence = format!("{died} messages died in the last hour");
        Some(Reading::new(died as f64).about(NAME, SENDS).sentence(sentence))
    };
    Check::new("messages-dead", Bound::Above(0.0), of(pulse, read))
        .unit("messages")
        .what_to_do("look at their last errors on /messages?state=dead, mend the cause, and retry them")
}

/// How many were dead at the looks of the last hour.
#[derive(Debug, Default)]
struct Deaths(VecDeque<(Instant, u64)>);

impl Deaths {
    /// How many have died since the oldest look.
    fn since(&mut self, dead: u64, now: Instant) -> u64 {
        let is_old = |at: &Instant| now.duration_since(*at) > HOUR;
        while self.0.front().is_some_and(|(at, _)| is_old(at)) {
            self.0.pop_front();
        }
        // A look a minute is enough for what is told of an hour.
        let is_new = self.0.back().is_none_or(|(at, _)| now.duration_since(*at) > Duration::from_secs(60));
        if is_new {
            self.0.push_back((now, dead));
        }
        // Those that a person sent once more are no longer dead: the least of the hour is what they grew from.
        let least = self.0.iter().map(|(_, dead)| *dead).min().unwrap_or(dead);
        dead.saturating_sub(least)
    }
}

fn breakers(store: &Store, flow: &Flow) -> Check {
    let (store, flow) = (store.clone(), flow.clone());
    Check::new("messages-destination-down", Bound::Above(0.0), move |_: CheckView<'_>| {
        vec![down(&flow.overview(Instant::now(), store.now()), store.now())]
    })
    .unit("destinations")
    .what_to_do(
        "look whether the destination works for others; it is tried with one message from time to time",
    )
}

fn down(ways: &[DestinationFlow], now: Timestamp) -> Reading {
    let told = |way: &DestinationFlow| match way.breaker {
        BreakerState::Closed => None,
        BreakerState::HalfOpen => Some(format!("{} (tried now)", way.name)),
        BreakerState::Open { until } => {
            let wait = until.duration_since(now).as_secs_f64().max(0.0);
            Some(format!("{} (next try in {})", way.name, Seconds(wait)))
        }
    };
    let down: Vec<_> = ways.iter().filter_map(told).collect();
    let sentence = format!("left alone because they are down: {}", down.join(", "));
    Reading::new(down.len() as f64).about(NAME, SENDS).sentence(sentence)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use squall_connect::sql::Options;

    use super::*;
    use crate::message::NewMessage;

    #[tokio::test]
    async fn a_message_that_is_late_is_told_with_its_lateness_and_what_is_to_come_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(Options::file(dir.path().join("messages.sqlite3"))).await.unwrap();
        let pulse = Pulse::new(&store, tokio::runtime::Handle::current());
        store.insert(NewMessage::new("me", "inbox", "x", Timestamp::now() + 1.hour()), "test").await.unwrap();
        assert_eq!(overdue(&pulse.settled().await).unwrap().value, 0.0);

        store.insert(NewMessage::new("me", "inbox", "x", Timestamp::now() - 1.hour()), "test").await.unwrap();
        // The views serve for a second: another store asks anew.
        drop(pulse);
        drop(store);
        let store = Store::open(Options::file(dir.path().join("messages.sqlite3"))).await.unwrap();
        let told = Pulse::new(&store, tokio::runtime::Handle::current()).settled().await;

        let reading = overdue(&told).unwrap();
        assert!(reading.value > 3590.0 && reading.value < 4000.0, "{reading:?}");
        assert!(reading.sentence.unwrap().starts_with("a message of me to inbox has been due for 1 h"));
        assert_eq!(away(&told).value, 0.0);
    }

    #[tokio::test]
    async fn every_check_has_its_place_in_the_runbook() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(Options::file(dir.path().join("messages.sqlite3"))).await.unwrap();
        let pulse = Pulse::new(&store, tokio::runtime::Handle::current());

        for check in checks(&pulse, &store, &Flow::default()) {
            let heading = format!("\n## {}\n", check.name());
            assert!(include_str!("../RUNBOOK.md").contains(&heading), "{}", check.name());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_database_that_does_not_answer_is_told_with_the_time_since_it_did() {
        let told =
            Told { answered: tokio::time::Instant::now(), is_there: false, at_hand: None, people: None };
        tokio::time::advance(Duration::from_secs(20)).await;

        assert_eq!(away(&told).value, 20.0);
        assert!(overdue(&told).is_none(), "what it said before is not told as if it were so");
    }

    #[test]
    fn messages_that_died_in_the_last_hour_are_told_and_older_ones_are_not() {
        let mut deaths = Deaths::default();
        let start = Instant::now();
        let minute = |minutes: u64| start + Duration::from_secs(60 * minutes + 1);

        assert_eq!(deaths.since(5, minute(0)), 0, "they were dead before anybody looked");
        assert_eq!(deaths.since(7, minute(30)), 2);
        assert_eq!(deaths.since(3, minute(40)), 0, "a person sent some of them once more");
        assert_eq!(deaths.since(4, minute(45)), 1);
        assert_eq!(deaths.since(4, minute(110)), 0);
    }
}
