//! How much work fills a span of time.

use std::time::Duration;

/// Finds how many emissions fill a span of time, and remembers it.
///
/// ```
/// use std::{convert::Infallible, time::Duration};
///
/// use peer::Pace;
///
/// // A peer that takes a microsecond for an emission.
/// let run = |emissions| Ok::<_, Infallible>(Duration::from_micros(emissions));
/// let mut pace = Pace::default();
///
/// assert_eq!(pace.emissions(Duration::from_secs(1), run), Ok(1_000_000));
/// ```
#[derive(Debug, Default)]
pub struct Pace {
    per_second: Option<f64>,
}

impl Pace {
    /// How many emissions take about `wanted`; `run` runs some and tells how long that took.
    ///
    /// # Errors
    ///
    /// `run` failed.
    pub fn emissions<E>(
        &mut self,
        wanted: Duration,
        mut run: impl FnMut(u64) -> Result<Duration, E>,
    ) -> Result<u64, E> {
        let per_second = match self.per_second {
            Some(per_second) => per_second,
            None => {
                let mut emissions = 100_000;
                loop {
                    let seconds = run(emissions)?.as_secs_f64();
                    if seconds > 0.3 {
                        break emissions as f64 / seconds;
                    }
                    emissions *= 2;
                }
            }
        };
        self.per_second = Some(per_second);
        Ok((per_second * wanted.as_secs_f64()).round() as u64)
    }
}
