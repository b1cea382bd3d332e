//! What a bound would have raised.

use std::time::Duration;

use super::{MONDAY, WEEK, load, series, weeks};
use crate::check::CheckSettings;
use crate::history::Metric;
use crate::threshold::backtest::{Backtest, Raise};
use crate::threshold::drift::Drift;
use crate::threshold::mined::Mined;
use crate::threshold::past::Past;
use crate::threshold::side::Side;

fn above(bound: f64) -> CheckSettings {
    CheckSettings {
        metric: Some(Metric::Pending),
        topology: Some("shop".to_owned()),
        above: Some(bound),
        lasting: Some(Duration::from_secs(300)),
        ..CheckSettings::default()
    }
}

/// An hour of these minutes, and 5 before and after them.
fn hour(minutes: &[f32]) -> Past {
    let mut all = [5.0; 60];
    all[10..10 + minutes.len()].copy_from_slice(minutes);
    Past::of(vec![(MONDAY, all)])
}

#[test]
fn five_minutes_in_a_row_raise_and_four_do_not() {
    let since = MONDAY * 60 + 10;

    assert_eq!(Backtest::of(&above(9.0), &hour(&[11.0; 4])).raises, []);
    let five = Backtest::of(&above(9.0), &hour(&[11.0, 12.0, 17.0, 12.0, 11.0]));
    assert_eq!(five.raises, [Raise { since, minutes: 5, worst: 17.0 }]);
    assert!((five.share() - 5.0 / 60.0).abs() < 1e-9);
    let apart = Backtest::of(&above(9.0), &hour(&[11.0, 11.0, 11.0, 5.0, 11.0, 11.0, 11.0]));
    assert_eq!((apart.raises.len(), apart.minutes), (0, 60));
}

#[test]
fn what_was_not_measured_ends_what_was_broken() {
    let gap = [11.0, 11.0, 11.0, f32::NAN, 11.0, 11.0, 11.0];
    assert_eq!(Backtest::of(&above(9.0), &hour(&gap)).raises, []);

    let broken = [11.0; 60];
    let together = Backtest::of(&above(9.0), &Past::of(vec![(MONDAY, broken), (MONDAY + 1, broken)]));
    assert_eq!(together.raises.len(), 1, "an hour has no end of its own");
    let apart = Backtest::of(&above(9.0), &Past::of(vec![(MONDAY, broken), (MONDAY + 2, broken)]));
    assert_eq!(apart.raises.len(), 2);
}

#[test]
fn too_little_is_broken_by_less_and_the_least_is_the_worst() {
    let below = CheckSettings { above: None, below: Some(4.0), ..above(0.0) };

    let test = Backtest::of(&below, &hour(&[3.0, 2.0, 1.0, 2.0, 3.0]));

    assert_eq!(test.raises, [Raise { since: MONDAY * 60 + 10, minutes: 5, worst: 1.0 }]);
}

/// Where an incident begins, and how many minutes it takes.
const INCIDENT: (i64, i64) = ((5 * WEEK + 3 * 24 + 14) * 60 + 17, 40);

/// Eight weeks of load, and within the incident so many times it.
fn eight_weeks(random: &mut fastrand::Rng, times: f64) -> Past {
    let (from, minutes) = INCIDENT;
    weeks(8, |hour, minute| {
        let at = hour * 60 + minute as i64;
        let times = if (from..from + minutes).contains(&at) { times } else { 1.0 };
        load(random, hour, minute) * times
    })
}

#[test]
fn an_incident_raises_and_weeks_as_usual_do_not() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for (metric, times) in [(Metric::QueueDepth, 4.0), (Metric::Emitted, 0.1)] {
        let series = series(metric);
        let usual = eight_weeks(&mut random, 1.0);
        let incident = eight_weeks(&mut random, times);

        // Whether the incident is in the history from which the bound comes, or comes afterwards.
        for mined_from in [&usual, &incident] {
            let mined = Mined::of(&series, Side::of(metric), mined_from).unwrap();
            assert!(mined.settings.weekly.is_some(), "by day is not by night");
            let raised = Backtest::of(&mined.settings, &incident).raises;
            let quiet = Backtest::of(&mined.settings, &eight_weeks(&mut random, 1.0)).raises;

            assert_eq!(raised.len(), 1, "{metric:?}, seed {seed}: {raised:?}");
            let [raise] = raised[..] else { panic!("one") };
            let from = MONDAY * 60 + INCIDENT.0;
            assert_eq!((raise.since, raise.minutes as i64), (from, INCIDENT.1), "{metric:?}, seed {seed}");
            assert_eq!(quiet, [], "{metric:?}, seed {seed}");
        }
    }
}

#[test]
fn the_night_has_a_bound_of_its_own() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let usual = weeks(8, |hour, minute| load(&mut random, hour, minute));
    let mined = Mined::of(&series(Metric::QueueDepth), Side::Above, &usual).unwrap();

    // What is usual at noon, at three o'clock in the night.
    let night =
        weeks(1, |hour, minute| load(&mut random, if hour % 24 == 3 { hour + 9 } else { hour }, minute));
    let raised = Backtest::of(&mined.settings, &night).raises;

    let hours: Vec<i64> = raised.iter().map(|raise| raise.since.div_euclid(60) - MONDAY).collect();
    assert_eq!(hours, [3, 27, 51, 75, 99, 123, 147], "seed {seed}");
}

#[test]
fn a_drift_is_told_where_it_is_furthest() {
    let past = |noon: f64| weeks(3, move |hour, _| if hour % WEEK == 12 { noon } else { 100.0 });
    let mined = |noon| Mined::of(&series(Metric::Pending), Side::Above, &past(noon)).unwrap().settings;

    let drift = Drift::of(&above(120.0), &mined(400.0)).unwrap();

    assert_eq!(drift, Drift { hour_of_week: 12, in_force: 120.0, history: 480.0 });
    assert!((drift.share() - 0.75).abs() < 1e-9);
    assert_eq!(Drift::of(&above(120.0), &mined(100.0)), None);
}
