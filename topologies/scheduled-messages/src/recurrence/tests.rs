use jiff::tz;

use super::*;

const NOW: &str = "2027-01-01T00:00:00Z";

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn asked(cron: &str, zone: &str) -> Asked {
    Asked { cron: Some(cron.into()), zone: Some(zone.into()), ..Asked::default() }
}

fn check(asked: Asked) -> Result<Recurrence, Vec<Fault>> {
    asked.check(instant(NOW), tz::db())
}

/// What runs behind an instant, as clocks show it.
fn runs(cron: &str, zone: &str, behind: &str, count: usize) -> Vec<String> {
    let recurrence = asked(cron, zone).check(instant("2000-01-01T00:00:00Z"), tz::db()).unwrap();
    let shown =
        |next: Occurrence| next.instant.to_zoned(recurrence.zone.clone()).strftime("%d %H:%M%:z").to_string();
    recurrence.after(instant(behind)).take(count).map(shown).collect()
}

fn faults(asked: Asked) -> Vec<(&'static str, String)> {
    check(asked.clone()).expect_err(&format!("{asked:?} was taken"))
}

#[test]
fn a_daily_time_that_clocks_skip_runs_once_and_later_by_what_they_skip() {
    assert_eq!(
        runs("30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", 3),
        ["27 02:30+01:00", "28 03:30+02:00", "29 02:30+02:00"]
    );
    assert_eq!(
        runs("10 2 * * *", "Australia/Lord_Howe", "2027-10-02T00:00:00+10:30", 3),
        ["02 02:10+10:30", "03 02:40+11:00", "04 02:10+11:00"]
    );
    assert_eq!(
        runs("0 0 * * *", "America/Sao_Paulo", "2018-11-03T00:00:01-03:00", 2),
        ["04 01:00-02:00", "05 00:00-02:00"]
    );
}

#[test]
fn a_daily_time_that_clocks_repeat_runs_once_at_the_first() {
    assert_eq!(
        runs("30 2 * * *", "Europe/Berlin", "2027-10-30T00:00:00+02:00", 3),
        ["30 02:30+02:00", "31 02:30+02:00", "01 02:30+01:00"]
    );
}

#[test]
fn an_hourly_one_runs_at_every_hour_that_passes() {
    assert_eq!(
        runs("30 * * * *", "Europe/Berlin", "2027-03-28T00:00:00Z", 3),
        ["28 01:30+01:00", "28 03:30+02:00", "28 04:30+02:00"]
    );
    assert_eq!(
        runs("30 * * * *", "Europe/Berlin", "2027-10-30T23:00:00Z", 4),
        ["31 01:30+02:00", "31 02:30+02:00", "31 02:30+01:00", "31 03:30+01:00"]
    );
    assert_eq!(
        runs("*/20 * * * *", "Australia/Lord_Howe", "2027-04-04T01:20:00+11:00", 5),
        ["04 01:40+11:00", "04 01:40+10:30", "04 02:00+10:30", "04 02:20+10:30", "04 02:40+10:30"]
    );
}

#[test]
fn an_hour_of_the_day_before_that_comes_again_runs_again() {
    assert_eq!(
        runs("30 * 17 2 *", "America/Sao_Paulo", "2018-02-17T23:30:00-02:00", 2),
        ["17 23:30-03:00", "17 00:30-03:00"]
    );
}

#[test]
fn a_skipped_day_is_made_up_for_on_the_next() {
    let fridays = runs("0 9 * * FRI", "Pacific/Apia", "2011-12-24T00:00:00-10:00", 2);
    let daily = runs("0 9 * * *", "Pacific/Apia", "2011-12-29T00:00:00-10:00", 3);

    assert_eq!(fridays, ["31 09:00+14:00", "06 09:00+14:00"]);
    assert_eq!(daily, ["29 09:00-10:00", "31 09:00+14:00", "01 09:00+14:00"]);
}

#[test]
fn two_times_that_fall_on_one_instant_run_once() {
    assert_eq!(
        runs("0,30 2,3 * * *", "Europe/Berlin", "2027-03-28T00:00:00Z", 3),
        ["28 03:00+02:00", "28 03:30+02:00", "29 02:00+02:00"]
    );
}

#[test]
fn an_occurrence_tells_the_wall_time_that_was_meant() {
    let daily = check(asked("30 2 * * *", "Europe/Berlin")).unwrap();
    let next = daily.next_after(instant("2027-03-28T00:00:00Z")).unwrap();

    assert_eq!(next.wall, "2027-03-28T02:30".parse().unwrap());
    assert_eq!(next.instant, instant("2027-03-28T01:30:00Z"));
}

#[test]
fn names_and_special_days_are_understood() {
    for (cron, first) in [
        ("0 9 * jan,FEB mon-Fri", "01 09:00"),
        ("0 9 * * 7", "03 09:00"),
        ("0 9 L * *", "31 09:00"),
        ("0 9 LW * *", "29 09:00"),
        ("0 9 15W 5 *", "14 09:00"),
        ("0 9 * * FRI#2", "08 09:00"),
        ("0 9 * * FRI#L", "29 09:00"),
        ("0 9 * * 5L", "29 09:00"),
        ("0 9 13 * +FRI", "13 09:00"),
        ("0 9 13 * FRI", "01 09:00"),
        ("0 9 ? * ?", "01 09:00"),
        ("@monthly", "01 00:00"),
        ("30 0 9 * * *", "01 09:00"),
    ] {
        let runs = runs(cron, "UTC", "2026-12-31T12:00:00Z", 1);
        assert!(runs[0].starts_with(first), "{cron}: {runs:?}");
    }
}

#[test]
fn seconds_may_stand_in_front() {
    let often = check(asked("*/20 * * * * *", "UTC")).unwrap();
    let seconds: Vec<_> = often.after(instant(NOW)).take(3).map(|next| next.wall.second()).collect();

    assert_eq!(seconds, [20, 40, 0]);
}

#[test]
fn schedules_that_are_none_are_refused_with_the_field_that_is_wrong() {
    for (cron, what) in [
        ("", "has 0 fields"),
        ("* * * *", "has 4 fields"),
        ("* * * * * * 2030", "has 7 fields"),
        ("@reboot", "has 1 fields"),
        ("61 * * * *", "minute is `61`"),
        ("0 24 * * *", "hour is `24`"),
        ("0 0 32 * *", "day is `32`"),
        ("0 0 * 13 *", "month is `13`"),
        ("0 0 * * 8", "weekday is `8`"),
        ("0 0 * * MONDAY", "weekday is `MONDAY`"),
        ("0 0 * * FRI#6", "weekday is `FRI#6`"),
        ("99 0 0 * * *", "second is `99`"),
        ("*/0 * * * *", "minute is `*/0`"),
        ("9-5 * * * *", "minute is `9-5`"),
        ("H * * * *", "minute is `H`"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6,9,11 *", "never comes"),
        ("0 0 * * L", "never comes"),
    ] {
        let faults = faults(asked(cron, "UTC"));
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].0, "/cron", "{cron}");
        assert!(faults[0].1.contains(what), "{cron}: {faults:?}");
    }
    assert!(faults(asked(&"*".repeat(1_000), "UTC"))[0].1.contains("1000 bytes"));
}

#[test]
fn whatever_is_sent_for_a_schedule_runs_or_is_refused_in_words() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let pieces: [&str; 19] = [
        "*", "?", "L", "W", "LW", "/", "-", ",", "#", "+", "0", "1", "7", "15", "99", "JAN", "fri", "ü", "\0",
    ];
    for _ in 0..1_000 {
        let mut field =
            || (0..random.usize(1..3)).map(|_| *random.choice(pieces.iter()).unwrap()).collect::<String>();
        let text = [field(), field(), field(), field(), field()].join(" ");
        match Cron::parse(&text) {
            Ok(cron) => assert!(cron.next_from("2027-01-01T00:00".parse().unwrap()).is_some(), "{text:?}"),
            Err(detail) => {
                assert!(detail.contains("expected") && !detail.contains('\0'), "{text:?}: {detail}")
            }
        }
    }
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let pointers = |asked| faults(asked).into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();

    assert_eq!(pointers(Asked::default()), ["/cron", "/zone"]);
    let wrong = Asked {
        catch_up: Some("some".into()),
        from: Some("soon".into()),
        until: Some("2027-02-30T00:00".into()),
        count: Some(0),
        ..asked("x", "UTC")
    };
    assert_eq!(pointers(wrong), ["/cron", "/catch_up", "/from", "/until", "/count"]);
    assert_eq!(pointers(asked("@daily", "Europe/Berln")), ["/zone"]);
}

#[test]
fn a_schedule_runs_from_its_first_instant_to_its_last_with_both() {
    let bounded = Asked {
        from: Some("2027-06-02T09:00".into()),
        until: Some("2027-06-04T07:00:00Z".into()),
        ..asked("0 9 * * *", "Europe/Berlin")
    };
    let days: Vec<_> = check(bounded)
        .unwrap()
        .after(instant(NOW))
        .map(|next| next.wall.strftime("%d %H:%M").to_string())
        .collect();

    assert_eq!(days, ["02 09:00", "03 09:00", "04 09:00"]);
}

#[test]
fn a_schedule_that_ends_before_it_runs_is_refused() {
    let (pointer, detail) =
        faults(Asked { until: Some("2027-01-01T08:00:00Z".into()), ..asked("0 9 * * *", "UTC") }).remove(0);

    assert_eq!(pointer, "/until");
    assert!(detail.contains("before the first occurrence"), "{detail}");
}

#[test]
fn an_outage_is_caught_up_with_as_was_asked() {
    let (after, now) = (instant("2027-01-01T08:00:00Z"), instant("2027-01-01T12:30:00Z"));
    let ahead = instant("2027-01-01T13:00:00Z");
    let hours = |catch_up: &str| {
        let hourly = Asked { catch_up: Some(catch_up.into()), ..asked("0 * * * *", "UTC") };
        let made = check(hourly).unwrap().make(after, now, ahead, 0, 100);
        assert_eq!(made.next, Some(instant("2027-01-01T14:00:00Z")));
        made.occurrences.into_iter().map(|made| made.wall.hour()).collect::<Vec<_>>()
    };

    assert_eq!(hours("all"), [9, 10, 11, 12, 13]);
    assert_eq!(hours("latest"), [12, 13]);
    assert_eq!(hours("skip"), [13]);
}

#[test]
fn a_delay_of_seconds_is_no_outage() {
    for catch_up in ["all", "latest", "skip"] {
        let often = Asked { catch_up: Some(catch_up.into()), ..asked("*/10 * * * * *", "UTC") };
        let now = instant("2027-01-01T08:00:30Z");
        let made = check(often).unwrap().make(instant("2027-01-01T08:00:00Z"), now, now, 0, 100);

        assert_eq!(made.occurrences.len(), 3, "{catch_up}");
    }
}

#[test]
fn what_is_left_for_the_next_step_is_not_lost() {
    let hourly = check(Asked { catch_up: Some("all".into()), ..asked("0 * * * *", "UTC") }).unwrap();
    let now = instant("2027-01-10T00:00:00Z");
    let (mut after, mut steps, mut all) = (instant("2027-01-01T00:00:00Z"), 0, Vec::new());
    while after < now {
        let made = hourly.make(after, now, now, 0, 50);
        assert_eq!(
            made.next,
            hourly.next_after(made.occurrences.last().unwrap().instant).map(|next| next.instant)
        );
        after = made.occurrences.last().unwrap().instant;
        all.extend(made.occurrences);
        steps += 1;
    }

    assert_eq!((steps, all.len()), (5, 9 * 24));
    assert!(all.is_sorted_by(|left, right| left.instant < right.instant));
}

#[test]
fn a_series_ends_after_its_count_or_its_last_instant() {
    let now = instant("2027-01-01T12:00:00Z");
    let make = |asked: Asked, made| check(asked).unwrap().make(instant(NOW), now, now, made, 100);
    let counted = Asked { count: Some(5), catch_up: Some("all".into()), ..asked("0 * * * *", "UTC") };

    let first = make(counted.clone(), 2);
    assert_eq!((first.occurrences.len(), first.next), (3, None));
    let over = make(counted, 5);
    assert_eq!((over.occurrences.len(), over.next), (0, None));
    let until = Asked {
        until: Some("2027-01-01T02:00:00Z".into()),
        catch_up: Some("all".into()),
        ..asked("0 * * * *", "UTC")
    };
    let last = make(until, 0);
    assert_eq!((last.occurrences.len(), last.next), (2, None));
}

#[test]
fn a_year_of_seconds_is_skipped_in_a_few_steps() {
    let often = check(asked("* * * * * *", "Europe/Berlin")).unwrap();
    let now = instant("2028-01-01T00:00:00Z");
    let made = often.make(instant(NOW), now, now, 0, 100);

    assert_eq!(made.occurrences.len(), 1);
    assert_eq!(made.occurrences[0].instant, now);
}
