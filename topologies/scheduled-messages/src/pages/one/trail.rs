//! [`Entry`]: something that happened, in words.

use jiff::Timestamp;
use squall_ops::show::Seconds;

use super::super::Moment;
use crate::store::Happening;

/// Something that happened, in words.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Moment,
    pub(crate) who: String,
    pub(crate) kind: &'static str,
    pub(crate) what: String,
    pub(crate) detail: Option<String>,
    /// How long an attempt took.
    pub(crate) took: Option<String>,
}

impl Entry {
    pub(crate) fn of(happening: &Happening, now: Timestamp) -> Self {
        let (kind, what) = words(&happening.what);
        let what = match happening.attempt {
            Some(attempt) => format!("Attempt {attempt}: {what}"),
            None => capital(&what),
        };
        let took = happening.began_at.map(|began| happening.at.duration_since(began).as_secs_f64());
        Self {
            at: Moment::new(happening.at, now),
            who: happening.who.clone(),
            kind,
            what,
            detail: happening.detail.clone(),
            took: took.filter(|took| *took > 0.0).map(|took| Seconds(took).to_string()),
        }
    }
}

fn words(what: &str) -> (&'static str, String) {
    let (kind, words) = match what {
        "created" => ("info", "scheduled"),
        "edited" => ("info", "edited"),
        "cancelled" => ("idle", "cancelled"),
        "stopped" => ("warn", "cancelled after an attempt that may have arrived"),
        "sent_now" => ("info", "to be sent at once"),
        "resolved_sent" => ("ok", "seen to have arrived"),
        "resolved_resend" => ("info", "seen not to have arrived: to be sent"),
        "resolved_dead" => ("bad", "given up"),
        "accepted" => ("ok", "accepted"),
        "failed" => ("warn", "failed, and is made again"),
        "refused" => ("bad", "failed for good"),
        "unknown" => ("warn", "nobody knows whether it arrived"),
        "cut_off" => ("warn", "cut off with its process"),
        "sending" => ("busy", "under way"),
        "moved" => ("info", "moved, since the rules of its time zone changed"),
        other => return ("info", other.replace('_', " ")),
    };
    (kind, words.to_owned())
}

/// The same with a capital letter.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
