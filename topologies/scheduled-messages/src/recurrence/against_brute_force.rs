//! The search against the plainest one there is: every minute, one after another.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};

use jiff::civil::DateTime;
use jiff::tz::{self, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::{Asked, Cron, Recurrence};

const ZONES: [&str; 10] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Antarctica/Troll",
    "Europe/Dublin",
    "UTC",
];

/// A schedule as sets of numbers, and the text that means them.
#[derive(Debug)]
struct Sets {
    text: String,
    minutes: BTreeSet<i8>,
    hours: BTreeSet<i8>,
    days: Option<BTreeSet<i8>>,
    months: BTreeSet<i8>,
    weekdays: Option<BTreeSet<i8>>,
}

impl Sets {
    fn random(random: &mut fastrand::Rng, near: DateTime) -> Self {
        let (minute, minutes) = match random.u8(0..5) {
            0 => ("*".to_owned(), (0..60).collect()),
            1 => step(random, 59, &[5, 7, 10, 15, 25]),
            _ => list(random, 0, 59, 3, None),
        };
        let (hour, hours) = match random.u8(0..4) {
            0 => ("*".to_owned(), (0..24).collect()),
            1 => step(random, 23, &[2, 3, 5]),
            // Where clocks change.
            _ => list(random, 0, 23, 3, Some(near.hour())),
        };
        let (day, days) = maybe(random, |random| list(random, 1, 31, 5, Some(near.day())));
        let (month, months) = maybe(random, |random| list(random, 1, 12, 3, Some(near.month())));
        let (weekday, weekdays) = maybe(random, |random| list(random, 0, 6, 2, None));
        let text = format!("{minute} {hour} {day} {month} {weekday}");
        Self { text, minutes, hours, days, months: months.unwrap_or_else(|| (1..13).collect()), weekdays }
    }

    fn names(&self, wall: DateTime) -> bool {
        let day = self.days.as_ref().map(|days| days.contains(&wall.day()));
        let weekday =
            self.weekdays.as_ref().map(|days| days.contains(&wall.weekday().to_sunday_zero_offset()));
        let is_day = match (day, weekday) {
            (Some(day), Some(weekday)) => day || weekday,
            (day, weekday) => day.unwrap_or(true) && weekday.unwrap_or(true),
        };
        is_day
            && self.minutes.contains(&wall.minute())
            && self.hours.contains(&wall.hour())
            && self.months.contains(&wall.month())
    }
}

fn list(
    random: &mut fastrand::Rng,
    least: i8,
    most: i8,
    up_to: usize,
    near: Option<i8>,
) -> (String, BTreeSet<i8>) {
    let any = |random: &mut fastrand::Rng| random.i8(least..=most);
    let mut numbers: BTreeSet<_> = (0..random.usize(1..=up_to)).map(|_| any(random)).collect();
    numbers.extend(near.filter(|_| random.u8(0..4) > 0));
    let text = numbers.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
    (text, numbers)
}

fn step(random: &mut fastrand::Rng, most: i8, steps: &[usize]) -> (String, BTreeSet<i8>) {
    let step = *random.choice(steps).unwrap();
    (format!("*/{step}"), (0..=most).step_by(step).collect())
}

fn maybe(
    random: &mut fastrand::Rng,
    list: impl FnOnce(&mut fastrand::Rng) -> (String, BTreeSet<i8>),
) -> (String, Option<BTreeSet<i8>>) {
    if random.u8(0..5) < 3 {
        return ("*".to_owned(), None);
    }
    let (text, numbers) = list(random);
    (text, Some(numbers))
}

/// All instants behind `begin`, up to `end`, by the written rule.
fn brute(sets: &Sets, zone: &TimeZone, begin: Timestamp, end: Timestamp) -> Vec<Timestamp> {
    let mut instants = BTreeSet::new();
    let inside = |instant: Timestamp| begin < instant && instant <= end;
    if sets.hours.len() == 24 {
        let mut instant = begin;
        while instant <= end {
            if sets.names(zone.to_datetime(instant)) && inside(instant) {
                instants.insert(instant);
            }
            instant += 1.minute();
        }
    } else {
        // A day more on both sides, for the times of a skipped day.
        let mut wall = zone.to_datetime(begin - 25.hours());
        let last = zone.to_datetime(end + 25.hours());
        while wall <= last {
            if sets.names(wall) {
                // jiff's own rule: later by the length of a gap, the first in a fold.
                let instant = zone.to_ambiguous_timestamp(wall).compatible().unwrap();
                instants.extend(Some(instant).filter(|instant| inside(*instant)));
            }
            wall += 1.minute();
        }
    }
    instants.into_iter().collect()
}

fn seed() -> u64 {
    let seed = std::env::var("SQUALL_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("SQUALL_SEED={seed}");
    seed
}

/// An instant at which the clocks of a zone change, or any.
fn change(random: &mut fastrand::Rng, zone: &TimeZone) -> Timestamp {
    let any = Timestamp::from_second(random.i64(0..2_145_916_800) / 60 * 60).unwrap();
    let change = zone.following(any).next().map(|change| change.timestamp());
    change.filter(|change| change.as_second() < 2_145_916_800).unwrap_or(any)
}

fn recurrence(text: &str, zone: &str) -> Recurrence {
    let asked = Asked { cron: Some(text.into()), zone: Some(zone.into()), ..Asked::default() };
    asked.check(Timestamp::UNIX_EPOCH, tz::db()).unwrap()
}

/// Whether some month has one of the days, so that the schedule can be asked for.
fn comes(text: &str) -> bool {
    Cron::parse(text).is_ok()
}

#[test]
fn every_occurrence_around_changes_of_clocks_is_found_and_no_other() {
    let mut random = fastrand::Rng::with_seed(seed());
    let mut found = BTreeMap::new();
    for zone in ZONES {
        for _ in 0..25 {
            let recurrence = recurrence("* * * * *", zone);
            let change = change(&mut random, &recurrence.zone);
            let sets = Sets::random(&mut random, recurrence.zone.to_datetime(change));
            if !comes(&sets.text) {
                continue;
            }
            let begin = change - SignedDuration::from_mins(random.i64(0..2_000));
            let end = change + SignedDuration::from_mins(random.i64(0..2_000));
            let recurrence = self::recurrence(&sets.text, zone);

            let expected = brute(&sets, &recurrence.zone, begin, end);
            let instants: Vec<_> = recurrence
                .after(begin)
                .map(|next| next.instant)
                .take_while(|instant| *instant <= end)
                .collect();

            assert_eq!(instants, expected, "{:?} in {zone} behind {begin} up to {end}", sets.text);
            *found.entry(zone).or_insert(0) += instants.len();
        }
    }
    assert!(found.values().all(|found| *found > 0), "nothing to find is no proof: {found:?}");
}

#[test]
fn occurrences_far_from_each_other_are_found_from_anywhere() {
    let mut random = fastrand::Rng::with_seed(seed());
    for zone in ZONES {
        for _ in 0..10 {
            let all = recurrence("* * * * *", zone);
            let change = change(&mut random, &all.zone);
            let wall = all.zone.to_datetime(change) - SignedDuration::from_mins(random.i64(-90..90));
            // One minute of one day of the year.
            let text = format!("{} {} {} {} *", wall.minute(), wall.hour(), wall.day(), wall.month());
            let yearly = recurrence(&text, zone);

            let begin = change - SignedDuration::from_hours(random.i64(1..24 * 300));
            let end = begin + SignedDuration::from_hours(24 * 300);
            let next = yearly.next_after(begin).map(|next| next.instant);

            // The wall time in the years that may have the next one, each by jiff's own rule.
            let years = wall.year() - 1..=wall.year() + 9;
            let expected = years
                .filter_map(|year| wall.with().year(year).build().ok())
                .map(|wall| wall.with().second(0).subsec_nanosecond(0).build().unwrap())
                .map(|wall| all.zone.to_ambiguous_timestamp(wall).compatible().unwrap())
                .filter(|instant| *instant > begin)
                .min();
            assert_eq!(next, expected, "{text:?} in {zone} behind {begin} up to {end}");
        }
    }
}

#[test]
fn what_the_latest_is_does_not_depend_on_how_it_is_found() {
    let mut random = fastrand::Rng::with_seed(seed());
    for zone in ZONES {
        for _ in 0..10 {
            let all = recurrence("* * * * *", zone);
            let now = change(&mut random, &all.zone) + SignedDuration::from_secs(random.i64(-9_000..9_000));
            let sets = Sets::random(&mut random, all.zone.to_datetime(now));
            if !comes(&sets.text) {
                continue;
            }
            let recurrence = recurrence(&sets.text, zone);
            let after = now - SignedDuration::from_hours(random.i64(1..60));

            let missed: Vec<_> = recurrence.after(after).take_while(|next| next.instant <= now).collect();
            let made = recurrence.make(after, now, now, 0, usize::MAX);

            let is_missed = missed.first().is_some_and(|first| first.instant < now - super::MISSED);
            let expected: Vec<_> =
                if is_missed { missed.last().into_iter().copied().collect() } else { missed };
            assert_eq!(made.occurrences, expected, "{:?} in {zone} behind {after} up to {now}", sets.text);
        }
    }
}
