//! [`Spark`]: a series as a line no larger than a word.

use std::time::Duration;

/// The width of the picture, in units of its own.
const WIDTH: f32 = 120.0;
/// Its height.
const HEIGHT: f32 = 32.0;
/// Room for the line's own width, above and below.
const MARGIN: f32 = 2.0;

/// A series as a line no larger than a word: the macro `spark` of `parts.html` draws it.
///
/// ```
/// use squall_ops::show::Spark;
///
/// let spark = Spark::of(&[0.0, 1.0, 2.0]);
///
/// assert_eq!(spark.line, "0,30 60,16 120,2");
/// assert_eq!(spark.values, "0 1 2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spark {
    /// The points of the line, within 120 by 32.
    pub line: String,
    /// The points of what is below it.
    pub area: String,
    /// The values, from which the script goes on.
    pub values: String,
    /// Seconds from one value to the next, after which the script moves the line.
    pub step: u64,
}

impl Spark {
    /// Draws a series, the oldest value first. The lowest place is zero, the highest the greatest value; what is not
    /// known (`NaN`) is left out.
    pub fn of(series: &[f32]) -> Self {
        let known = || series.iter().copied().filter(|value| value.is_finite());
        let most = known().fold(0.0, f32::max);
        let last = series.len().saturating_sub(1).max(1) as f32;
        let mut spark = Self { line: String::new(), area: String::new(), values: String::new(), step: 10 };
        let mut ends: Option<(f32, f32)> = None;
        for (at, value) in series.iter().enumerate() {
            let x = at as f32 / last * WIDTH;
            let share = if most > 0.0 { value / most } else { 0.0 };
            let y = MARGIN + (1.0 - share) * (HEIGHT - 2.0 * MARGIN);
            push(&mut spark.values, &round(*value).to_string());
            if value.is_finite() {
                push(&mut spark.line, &format!("{},{}", round(x), round(y)));
                ends = Some((ends.map_or(x, |(first, _)| first), x));
            }
        }
        if let Some((first, last)) = ends {
            spark.area = format!("{},{HEIGHT} {} {},{HEIGHT}", round(first), spark.line, round(last));
        }
        spark
    }

    /// The time from one value to the next; ten seconds unless it is said.
    #[must_use]
    pub fn every(mut self, step: Duration) -> Self {
        self.step = step.as_secs();
        self
    }
}

/// Two digits behind the point are less than a pixel.
fn round(value: f32) -> f32 {
    (value * 100.0).round() / 100.0
}

fn push(list: &mut String, entry: &str) {
    if !list.is_empty() {
        list.push(' ');
    }
    list.push_str(entry);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_series_lies_at_the_bottom() {
        assert_eq!(Spark::of(&[0.0, 0.0]).line, "0,30 120,30");
        assert_eq!(Spark::of(&[]).line, "");
    }

    #[test]
    fn a_gap_is_left_out() {
        let spark = Spark::of(&[f32::NAN, 2.0, 2.0]);

        assert_eq!((spark.line.as_str(), spark.area.as_str()), ("60,2 120,2", "60,32 60,2 120,2 120,32"));
        assert_eq!(spark.values, "NaN 2 2");
    }
}
