//! Bounds as they are computed by hand.

use super::{MONDAY, WEEK, series, weeks};
use crate::history::Metric;
use crate::threshold::mined::Mined;
use crate::threshold::past::Past;
use crate::threshold::side::Side;
use crate::threshold::why::Why;

fn mined(metric: Metric, past: &Past) -> Result<Mined, Why> {
    Mined::of(&series(metric), Side::of(metric), past)
}

#[test]
fn one_number_all_the_time_becomes_one_bound() {
    let past = weeks(3, |_, _| 100.0);

    // The spread is 5 % of 100, and the first factor 4: 100 + 4 · 5.
    let depth = mined(Metric::QueueDepth, &past).unwrap();
    assert_eq!((depth.settings.above, depth.settings.below), (Some(120.0), None));
    assert!(depth.settings.weekly.is_none() && depth.gaps.is_empty());
    assert_eq!((depth.factor, depth.medians), (4.0, (100.0, 100.0)));
    // Of what gets through, too little: 100 / 1.2 is 83.33…
    let emitted = mined(Metric::Emitted, &past).unwrap();
    assert_eq!((emitted.settings.above, emitted.settings.below), (None, Some(83.3)));
}

#[test]
fn hours_that_differ_have_bounds_that_do() {
    let past = weeks(3, |hour, _| if hour % WEEK < 24 { 10.0 } else { 100.0 });

    let mined = mined(Metric::QueueDepth, &past).unwrap();

    assert_eq!(mined.settings.above, Some(120.0), "the widest");
    let week: Vec<f64> = mined.settings.week().map(|bound| bound.unwrap().value()).collect();
    assert_eq!(week[..24], [12.0; 24]);
    assert_eq!(week[24..], [120.0; 144]);
}

#[test]
fn bounds_that_differ_by_less_than_half_are_one_the_widest() {
    let past = weeks(3, |hour, _| if hour % WEEK < 24 { 70.0 } else { 100.0 });

    let [above, below] =
        [Metric::Pending, Metric::Acked].map(|metric| mined(metric, &past).unwrap().settings);

    assert_eq!((above.above, above.weekly), (Some(120.0), None));
    assert_eq!((below.below, below.weekly), (Some(58.3), None));
}

#[test]
fn what_was_wrong_for_less_than_half_of_an_hour_moves_no_bound() {
    let past = weeks(3, |_, minute| if minute == 7 { 1e6 } else { 100.0 });

    let mined = mined(Metric::QueueDepth, &past).unwrap();

    assert_eq!((mined.settings.above, mined.backtest.raises.len()), (Some(120.0), 0));
}

#[test]
fn an_hour_of_which_too_little_is_known_has_the_widest_bound_and_is_told() {
    // On Tuesday from 00:00 to 02:00 only 29 minutes are measured, on Wednesday from 00:00 to 01:00 nothing of one week.
    let past = weeks(3, |hour, minute| {
        let is_short = (24..26).contains(&(hour % WEEK)) && minute > 28;
        let is_away = hour == 48;
        if is_short || is_away {
            f64::NAN
        } else if hour % WEEK < 72 {
            10.0
        } else {
            100.0
        }
    });

    let mined = mined(Metric::QueueDepth, &past).unwrap();

    let week: Vec<f64> = mined.settings.week().map(|bound| bound.unwrap().value()).collect();
    assert_eq!(mined.gaps, [24, 25, 48]);
    assert_eq!(week[23..27], [12.0, 120.0, 120.0, 12.0]);
    assert_eq!(week[47..50], [12.0, 120.0, 12.0]);
}

#[test]
fn a_day_of_which_nothing_is_known_is_left_out() {
    let past = weeks(3, |hour, _| {
        if hour % WEEK >= 6 * 24 {
            f64::NAN
        } else if hour % WEEK < 24 {
            10.0
        } else {
            100.0
        }
    });

    let mined = mined(Metric::QueueDepth, &past).unwrap();

    let days: Vec<usize> =
        mined.settings.weekly.as_ref().unwrap().named().map(|(_, day)| day.len()).collect();
    assert_eq!(days, [24, 24, 24, 24, 24, 24, 0]);
    assert_eq!(mined.gaps, (144..168).collect::<Vec<_>>());
}

#[test]
fn less_than_three_weeks_say_nothing() {
    assert_eq!(mined(Metric::Pending, &weeks(2, |_, _| 100.0)).unwrap_err(), Why::Short { weeks: 2 });
    assert_eq!(mined(Metric::Pending, &Past::default()).unwrap_err(), Why::Short { weeks: 0 });
    // Of a few hours there are three weeks, of most there are not.
    let hours = (0..2 * WEEK + 80).map(|hour| (MONDAY + hour, [100.0; 60]));
    assert_eq!(mined(Metric::Pending, &Past::of(hours.collect())).unwrap_err(), Why::Short { weeks: 3 });
}

#[test]
fn of_what_is_nearly_always_0_nothing_is_said() {
    let past = weeks(3, |_, minute| if minute < 20 { 3.0 } else { 0.0 });

    for metric in [Metric::Failed, Metric::Emitted] {
        assert_eq!(mined(metric, &past).unwrap_err(), Why::Still, "{metric:?}");
    }
}

#[test]
fn an_hour_of_rest_may_be_one() {
    let past = weeks(3, |hour, _| if hour % 24 < 6 { 0.0 } else { 100.0 });

    let emitted = mined(Metric::Emitted, &past).unwrap();
    let week: Vec<f64> = emitted.settings.week().map(|bound| bound.unwrap().value()).collect();
    assert_eq!((&week[..6], &week[6..24]), (&[0.0; 6][..], &[83.3; 18][..]));
    // How much would be too much then nobody knows.
    let pending = mined(Metric::Pending, &past).unwrap();
    assert_eq!((pending.settings.above, pending.gaps.len()), (Some(120.0), 7 * 6));
}

#[test]
fn a_share_that_cannot_pass_its_bound_has_none() {
    assert_eq!(mined(Metric::Capacity, &weeks(3, |_, _| 0.9)).unwrap_err(), Why::Full);
    assert_eq!(mined(Metric::Capacity, &weeks(3, |_, _| 0.5)).unwrap().settings.above, Some(0.6));
    // By day 1.08, by night 0.96: together that is one bound, the widest.
    let by_day = weeks(3, |hour, _| if hour % 24 < 6 { 0.8 } else { 0.9 });
    assert_eq!(mined(Metric::Capacity, &by_day).unwrap_err(), Why::Full);
    let by_week = weeks(3, |hour, _| if hour % WEEK < 24 { 0.5 } else { 0.9 });
    assert!(mined(Metric::Capacity, &by_week).unwrap().settings.weekly.is_some());
}

#[test]
fn a_wider_bound_is_taken_until_the_past_is_quiet() {
    // In each hour ten minutes of more: it is 100 + k · 5 that must reach them.
    let peaks = |peak: f64| weeks(3, move |_, minute| if minute < 10 { peak } else { 100.0 });

    assert_eq!(mined(Metric::Pending, &peaks(210.0)).unwrap().factor, 30.0);
    assert_eq!(mined(Metric::Pending, &peaks(590.0)).unwrap().factor, 100.0);
    let Err(Why::Restless { share }) = mined(Metric::Pending, &peaks(1_300.0)) else {
        panic!("nothing is wide enough")
    };
    assert!((share - 1.0 / 6.0).abs() < 1e-9, "{share}");
}
