//! What a destination says about its limits.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::Scope;

/// The longest pause that a destination may ask for: a mistaken header must not bury a message.
const PAUSE_LIMIT: Duration = Duration::from_secs(3600);

/// The longest window that is believed.
const WINDOW_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// Numbers from here on are instants, in seconds since 1970; smaller ones are durations.
const EPOCH: f64 = 1e9;

/// Numbers from here on are instants in milliseconds.
const EPOCH_MILLIS: f64 = 1e12;

/// How much a destination would still take, as far as it said so.
///
/// Read from `RateLimit-*` or `X-RateLimit-*`, and from `Retry-After`. An instant is compared with the answer's own `Date`,
/// so that it does not matter whether our clock agrees with the destination's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateHints {
    /// How many requests it takes in its window.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: Option<u64>,
    /// When the window begins anew, counted from the answer; at most a day.
    pub resets_in: Option<Duration>,
    /// How long it asked to be left alone (`Retry-After`), at most an hour.
    pub retry_after: Option<Duration>,
    /// Whom the limit counts for.
    pub scope: Scope,
}

impl RateHints {
    /// Reads the headers of an answer that came at `now`.
    pub(super) fn read(headers: &HeaderMap, now: Timestamp, scope: Scope) -> Self {
        let now = text(headers, DATE.as_str()).and_then(date).unwrap_or(now);
        Self {
            limit: either(headers, "limit").and_then(number),
            remaining: either(headers, "remaining").and_then(number),
            resets_in: either(headers, "reset")
                .and_then(|text| until(text, now))
                .map(|wait| wait.min(WINDOW_LIMIT)),
            retry_after: text(headers, RETRY_AFTER.as_str())
                .and_then(|text| until(text, now))
                .map(|wait| wait.min(PAUSE_LIMIT)),
            scope,
        }
    }

    /// How long to leave it alone after it said that there were too many requests.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.retry_after.or(self.resets_in).map(|wait| wait.min(PAUSE_LIMIT))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The header with its name of today, or with the one before it had one.
fn either<'a>(headers: &'a HeaderMap, what: &str) -> Option<&'a str> {
    text(headers, &format!("ratelimit-{what}")).or_else(|| text(headers, &format!("x-ratelimit-{what}")))
}

/// Reads a count; some write what it stands for behind it: `100, 100;w=60`.
fn number(text: &str) -> Option<u64> {
    text.split([',', ';']).next()?.trim().parse().ok()
}

/// Reads a moment to come, in any of the forms that are about: a duration or an instant in seconds, or a date.
fn until(text: &str, now: Timestamp) -> Option<Duration> {
    let instant = match text.parse::<f64>() {
        Ok(number) if number >= EPOCH_MILLIS => from_epoch(number / 1000.0)?,
        Ok(number) if number >= EPOCH => from_epoch(number)?,
        Ok(number) => return Duration::try_from_secs_f64(number).ok(),
        Err(_) => text.parse().ok().or_else(|| date(text))?,
    };
    // What lies in the past has come.
    Some(Duration::try_from(instant.duration_since(now)).unwrap_or_default())
}

fn from_epoch(seconds: f64) -> Option<Timestamp> {
    Timestamp::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?).ok()
}

fn date(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &str)]) -> RateHints {
        let headers = headers
            .iter()
            .map(|(name, value)| (reqwest::header::HeaderName::from_static(name), value.parse().unwrap()));
        RateHints::read(&headers.collect(), "2015-10-21T07:27:00Z".parse().unwrap(), Scope::Account)
    }

    #[test]
    fn a_pause_is_read_in_every_form_and_heeded_up_to_an_hour() {
        for (value, seconds) in [
            ("7", Some(7)),
            ("999999999", Some(3600)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(60)),
            ("Wed, 21 Oct 2015 07:20:00 GMT", Some(0)),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                read(&[("retry-after", value)]).retry_after,
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
    }

    #[test]
    fn a_reset_is_read_in_every_form() {
        for (value, seconds) in [
            ("30", Some(30)),
            ("1445412480", Some(60)),
            ("1445412480000", Some(60)),
            ("2015-10-21T07:28:00.000Z", Some(60)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(60)),
            ("1445412360", Some(0)),
            ("1e300", None),
            ("9000-01-01T00:00:00Z", Some(24 * 3600)),
        ] {
            for name in ["ratelimit-reset", "x-ratelimit-reset"] {
                assert_eq!(read(&[(name, value)]).resets_in, seconds.map(Duration::from_secs), "{value}");
            }
        }
    }

    #[test]
    fn instants_are_compared_with_the_clock_of_who_said_them() {
        let hints = read(&[("date", "Wed, 21 Oct 2020 07:28:00 GMT"), ("ratelimit-reset", "1603265290")]);

        assert_eq!(hints.resets_in, Some(Duration::from_secs(10)));
    }

    #[test]
    fn counts_are_read_with_or_without_their_windows() {
        let hints = read(&[("ratelimit-limit", "100, 100;w=60"), ("ratelimit-remaining", "7")]);

        assert_eq!((hints.limit, hints.remaining, hints.scope), (Some(100), Some(7), Scope::Account));
        assert_eq!(read(&[("x-ratelimit-remaining", "-3")]).remaining, None);
    }

    #[test]
    fn a_pause_may_follow_from_the_window() {
        let both = read(&[("retry-after", "5"), ("ratelimit-reset", "30")]);

        assert_eq!(both.pause(), Some(Duration::from_secs(5)));
        assert_eq!(read(&[("ratelimit-reset", "86400")]).pause(), Some(Duration::from_secs(3600)));
        assert_eq!(read(&[]).pause(), None);
    }
}
