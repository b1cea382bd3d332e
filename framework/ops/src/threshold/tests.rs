//! What is mined follows from the numbers, and from nothing else.

mod backtests;
mod bounds;
mod properties;
mod tables;

use super::past::Past;
use crate::history::Metric;
use crate::store::{Hour, MINUTES, Series};

/// A Monday, 00:00, in hours since 1970.
const MONDAY: i64 = 2_900 * WEEK - 3 * 24;

const WEEK: i64 = 7 * 24;

fn series(metric: Metric) -> Series {
    Series { topology: "shop".to_owned(), component: Some("orders".to_owned()), metric }
}

/// So many weeks from a Monday on; the value of an hour and a minute of it.
fn weeks(count: i64, mut value: impl FnMut(i64, usize) -> f64) -> Past {
    let hours = (0..count * WEEK).map(|hour| {
        let minutes: Hour = std::array::from_fn(|minute| value(hour, minute) as f32);
        (MONDAY + hour, minutes)
    });
    Past::of(hours.collect())
}

/// A load with a day and a week in it, and noise: by day four times that of the night, half of it on Saturday and Sunday.
fn load(random: &mut fastrand::Rng, hour: i64, minute: usize) -> f64 {
    let day = (hour as f64 + minute as f64 / MINUTES as f64) / 24.0 * std::f64::consts::TAU;
    let week = if hour % WEEK >= 5 * 24 { 0.5 } else { 1.0 };
    // The sum of three, from -1.5 to 1.5, has a deviation of a half.
    let noise = (0..3).map(|_| random.f64()).sum::<f64>() - 1.5;
    (1_000.0 * (1.0 - 0.6 * day.cos()) * week * (1.0 + 0.1 * noise)).max(0.0)
}
