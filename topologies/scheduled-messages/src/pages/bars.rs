//! [`Bars`]: how many messages wait for each minute or hour, as a picture and as a table.

use jiff::{SignedDuration, Timestamp, Unit};
use squall_ops::show::Count;

use crate::store::Minute;

/// The size of the picture, which is stretched to the page.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 100.0;

/// How much of its place a bar takes.
const SHARE: f64 = 0.78;

/// A bar that stands for something is to be seen.
const LEAST: f64 = 2.0;

/// How many messages wait for each of some minutes or hours.
#[derive(Clone, Debug)]
pub(super) struct Bars {
    pub(super) bars: Vec<Bar>,
    /// All of them.
    pub(super) sum: Count,
    /// The most of one bar.
    pub(super) most: Count,
    /// What is under the picture, from left to right.
    pub(super) ticks: Vec<String>,
    /// The same in a sentence.
    pub(super) sentence: String,
}

/// One bar.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// From when on: `18:42`.
    pub(super) at: String,
    pub(super) messages: Count,
}

impl Bars {
    /// The next 60 minutes.
    pub(super) fn of_minutes(minutes: &[Minute], as_of: Timestamp) -> Self {
        Self::of(minutes, as_of, SignedDuration::from_mins(1), 60, "minute", Unit::Minute)
    }

    /// 24 hours, beginning with the one that has begun.
    pub(super) fn of_hours(minutes: &[Minute], as_of: Timestamp) -> Self {
        Self::of(minutes, as_of, SignedDuration::from_hours(1), 24, "hour", Unit::Hour)
    }

    fn of(
        minutes: &[Minute],
        as_of: Timestamp,
        step: SignedDuration,
        count: usize,
        name: &str,
        unit: Unit,
    ) -> Self {
        let start = as_of.round(jiff::TimestampRound::new().smallest(unit).mode(jiff::RoundMode::Trunc));
        let start = start.unwrap_or(as_of);
        let mut sums = vec![0_u64; count];
        for minute in minutes {
            let steps = minute.at.duration_since(start).as_secs().div_euclid(step.as_secs().max(1));
            if let Some(sum) = usize::try_from(steps).ok().and_then(|at| sums.get_mut(at)) {
                *sum += minute.messages;
            }
        }
        let most = sums.iter().copied().max().unwrap_or_default();
        let place = WIDTH / count as f64;
        let mut at = start;
        let bars: Vec<_> = sums
            .iter()
            .enumerate()
            .map(|(number, sum)| {
                let height = if *sum == 0 { 0.0 } else { (HEIGHT * *sum as f64 / most as f64).max(LEAST) };
                let bar = Bar {
                    x: rounded(place * (number as f64 + (1.0 - SHARE) / 2.0)),
                    y: rounded(HEIGHT - height),
                    width: rounded(place * SHARE),
                    height: rounded(height),
                    at: at.strftime("%H:%M").to_string(),
                    messages: Count(*sum),
                };
                at = at.saturating_add(step).unwrap_or(at);
                bar
            })
            .collect();
        let sum = sums.iter().sum();
        let peak = bars.iter().max_by_key(|bar| bar.messages.0).filter(|bar| bar.messages.0 > 0);
        let peak =
            peak.map_or(String::new(), |bar| format!(", most of them at {} UTC: {}", bar.at, bar.messages));
        let mut ticks: Vec<_> = bars.iter().step_by(count / 4).map(|bar| bar.at.clone()).collect();
        ticks.push(at.strftime("%H:%M").to_string());
        let sentence =
            format!("Messages due in each {name} of the next {count}: {} in all{peak}.", Count(sum));
        Self { bars, sum: Count(sum), most: Count(most), ticks, sentence }
    }
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn every_message_of_the_time_shown_is_in_one_bar() {
        let now: Timestamp = "2031-01-01T10:20:30Z".parse().unwrap();
        let minute = |minutes: i64, messages| {
            let at =
                now.round(jiff::TimestampRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Trunc));
            Minute { at: at.unwrap() + minutes.minutes(), messages }
        };
        let minutes =
            [minute(0, 3), minute(59, 5), minute(60, 7), minute(24 * 60 - 21, 11), minute(24 * 60, 13)];

        let (of_minutes, of_hours) = (Bars::of_minutes(&minutes, now), Bars::of_hours(&minutes, now));

        assert_eq!((of_minutes.sum.0, of_minutes.most.0, of_minutes.bars.len()), (8, 5, 60));
        assert_eq!((of_minutes.bars[0].messages.0, of_minutes.bars[59].messages.0), (3, 5));
        assert_eq!((of_hours.sum.0, of_hours.bars.len()), (26, 24));
        assert_eq!((of_hours.bars[0].messages.0, of_hours.bars[1].messages.0), (3, 12));
        assert_eq!(of_minutes.ticks, ["10:20", "10:35", "10:50", "11:05", "11:20"]);
        assert!(
            of_minutes.sentence.contains("8 in all, most of them at 11:19 UTC: 5"),
            "{}",
            of_minutes.sentence
        );
        assert_eq!(Bars::of_minutes(&[], now).bars.iter().map(|bar| bar.height).sum::<f64>(), 0.0);
    }
}
