//! What is past when it is asked for.

use jiff::{SignedDuration, Timestamp};

/// How late an instant may be and still be sent, at once: clocks differ, and requests travel.
const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// Refuses a message for which it is too late; the pointer is that of the instant, if there is none.
pub(super) fn check(
    due_at: Timestamp,
    not_after: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), (Option<&'static str>, String)> {
    match not_after {
        Some(not_after) if not_after < now => Err((
            Some("/not_after"),
            format!("has passed: the message could be sent until {not_after}, and it is {now:.0} now"),
        )),
        None if due_at.duration_since(now) < -GRACE => Err((
            None,
            format!(
                "lies in the past; expected an instant to come: it is {now:.0} now. To send it at once, \
                 say with `not_after` how late it may be"
            ),
        )),
        _ => Ok(()),
    }
}
