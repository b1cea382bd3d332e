//! When it is too late.

use std::time::Duration;

use jiff::Timestamp;

use super::whole;

/// Reads until when a message that is due at `due_at` may be sent: an instant, or a duration behind `due_at`.
///
/// # Errors
///
/// It is neither, or lies before `due_at`: the rest of a sentence about it.
///
/// ```
/// use jiff::Timestamp;
/// use squall_scheduled_messages::when::deadline;
///
/// let due_at: Timestamp = "2030-01-01T09:00:00Z".parse()?;
/// assert_eq!(deadline("10m", due_at), Ok("2030-01-01T09:10:00Z".parse()?));
/// assert_eq!(deadline("2030-01-01T12:00:00Z", due_at), Ok("2030-01-01T12:00:00Z".parse()?));
/// assert!(deadline("2030-01-01T08:00:00Z", due_at).is_err());
/// # Ok::<_, jiff::Error>(())
/// ```
pub fn deadline(text: &str, due_at: Timestamp) -> Result<Timestamp, String> {
    let Ok(instant) = text.parse::<Timestamp>() else {
        return match duration(text) {
            Ok(delay) => add(due_at, delay),
            Err(_) => {
                Err("is neither a duration nor an instant; expected how late the message may be sent, such \
                           as \"10m\", or an instant with its offset, such as 2031-01-01T09:00:00Z"
                    .to_owned())
            }
        };
    };
    if instant < due_at {
        return Err(format!("lies before the message is due; expected an instant from {due_at} on"));
    }
    Ok(whole(instant))
}

/// Reads a duration with its unit.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}; expected a duration with its unit, such as \"5s\" or \"1h 30m\""))
}

/// The instant that lies `delay` behind another.
pub(super) fn add(instant: Timestamp, delay: Duration) -> Result<Timestamp, String> {
    let instant = instant
        .checked_add(delay)
        .map_err(|_| "is too long; expected an instant before the year 10000".to_owned())?;
    Ok(whole(instant))
}
