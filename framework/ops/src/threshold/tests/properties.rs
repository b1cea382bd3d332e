//! Another unit, another offset or another date gives other bounds, by just that.

use super::{MONDAY, WEEK, weeks};
use crate::store::Hour;
use crate::threshold::mined::{FACTORS, bounds};
use crate::threshold::past::Past;
use crate::threshold::side::Side;
use crate::threshold::week::Week;

/// Four weeks of numbers from 50 to 150, some of them not measured.
fn any(random: &mut fastrand::Rng) -> Past {
    weeks(4, |_, _| if random.u8(..) < 20 { f64::NAN } else { 50.0 + 100.0 * random.f64() })
}

fn changed(past: &Past, change: impl Fn(f32) -> f32) -> Past {
    let hours = past.hours().iter().map(|(hour, minutes)| -> (i64, Hour) { (*hour, minutes.map(&change)) });
    Past::of(hours.collect())
}

/// All bounds, one by one.
fn all(past: &Past, side: Side, factor: f64) -> Vec<f64> {
    bounds(&Week::of(past), side, factor).into_iter().map(|bound| bound.unwrap()).collect()
}

#[track_caller]
fn assert_close(found: &[f64], expected: impl Iterator<Item = f64>, seed: u64) {
    for (found, expected) in found.iter().zip(expected) {
        // The numbers are kept with 24 bits.
        assert!((found - expected).abs() <= 1e-5 * expected.abs(), "{found} is not {expected}, seed {seed}");
    }
}

#[test]
fn what_is_measured_in_another_unit_has_its_bounds_in_that_unit() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for factor in FACTORS {
        let (past, times) = (any(&mut random), 0.001 + 1_000.0 * random.f32());
        let scaled = changed(&past, |value| value * times);
        for side in [Side::Above, Side::Below] {
            let expected = all(&past, side, factor).into_iter().map(|bound| bound * f64::from(times));
            assert_close(&all(&scaled, side, factor), expected, seed);
        }
    }
}

#[test]
fn what_is_more_by_a_fixed_number_has_an_upper_bound_that_is() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for factor in FACTORS {
        // The spread stays above 5 % of the median.
        let (past, more) = (any(&mut random), 100.0 * random.f32());
        let shifted = changed(&past, |value| value + more);
        let expected = all(&past, Side::Above, factor).into_iter().map(|bound| bound + f64::from(more));
        assert_close(&all(&shifted, Side::Above, factor), expected, seed);
    }
}

#[test]
fn a_bound_knows_the_hour_of_the_week_and_not_the_date() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let past = any(&mut random);
    let moved =
        |hours: i64| Past::of(past.hours().iter().map(|(hour, minutes)| (hour + hours, *minutes)).collect());

    let bounds = all(&past, Side::Above, 4.0);

    assert_eq!(all(&moved(52 * WEEK), Side::Above, 4.0), bounds, "seed {seed}");
    let mut later = bounds;
    later.rotate_right(5);
    assert_eq!(all(&moved(5), Side::Above, 4.0), later, "seed {seed}");
    assert_eq!((MONDAY + 3 * 24).rem_euclid(WEEK), 0, "1970 began on a Thursday");
}

#[test]
fn a_larger_factor_never_makes_a_bound_closer() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let past = any(&mut fastrand::Rng::with_seed(seed));
    for pair in FACTORS.windows(2) {
        let both = |side| all(&past, side, pair[0]).into_iter().zip(all(&past, side, pair[1]));
        assert!(both(Side::Above).all(|(near, far)| near < far), "seed {seed}");
        assert!(both(Side::Below).all(|(near, far)| near > far && far > 0.0), "seed {seed}");
    }
}
