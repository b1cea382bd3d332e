//! Numbers that a person can read: three digits.

use super::side::Side;

/// The next number of three digits on the far side: a bound that is rounded raises less, never more.
pub(super) fn outward(value: f64, side: Side) -> f64 {
    let text = format!("{value:.2e}");
    let near: f64 = text.parse().unwrap_or(value);
    let is_inside = match side {
        Side::Above => near < value,
        Side::Below => near > value,
    };
    if !is_inside {
        return near;
    }
    let next = text.split_once('e').and_then(|(digits, exponent)| {
        let digits: i64 = digits.replace('.', "").parse().ok()?;
        let exponent: i32 = exponent.parse().ok()?;
        let next = if side == Side::Above { digits + 1 } else { digits - 1 };
        format!("{next}e{}", exponent - 2).parse().ok()
    });
    next.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_rounded_away_from_what_is_usual() {
        assert_eq!(outward(1_234.5, Side::Above), 1_240.0);
        assert_eq!(outward(1_234.5, Side::Below), 1_230.0);
        assert_eq!(outward(0.012_341, Side::Above), 0.012_4);
        assert_eq!(outward(0.012_351, Side::Below), 0.012_3);
        assert_eq!(outward(999.9, Side::Above), 1_000.0);
        assert_eq!(outward(100.1, Side::Below), 100.0);
    }

    #[test]
    fn three_digits_stay_as_they_are() {
        for value in [0.0, 0.5, 12.0, 340.0, 9.99e12] {
            assert_eq!([outward(value, Side::Above), outward(value, Side::Below)], [value, value]);
        }
    }
}
