//! [`Next`]: what becomes of a draft, if it is stored.

use jiff::Timestamp;
use squall_ops::Problem;

use super::super::Moment;
use super::super::office::Office;
use super::draft::{Draft, Wanted};
use crate::api::ScheduleDraft;
use crate::api::series::preview;
use crate::recurrence::Cron;
use crate::when::Note;

/// How many occurrences are shown.
const SHOWN: u32 = 5;

/// What becomes of a draft, if it is stored.
#[derive(Clone, Debug)]
pub(super) struct Next {
    /// The schedule, in words; empty for a single message.
    pub(super) words: String,
    pub(super) moments: Vec<(Moment, String)>,
}

impl Next {
    /// Checks all of the draft, as storing it would.
    pub(super) fn of(draft: &Draft, office: &Office) -> Result<Self, Problem> {
        draft.readable()?;
        let now = office.store().now();
        let destinations = &office.place.destinations;
        match draft.wanted() {
            Wanted::Message(message) => {
                let checked = message.check(now, destinations)?;
                let zone = checked.message.given.as_ref().map_or("UTC", |given| given.zone.as_str());
                let moment = Moment::in_zone(checked.message.due_at, zone, now);
                Ok(Self { words: String::new(), moments: vec![(moment, note(checked.note))] })
            }
            Wanted::Series(series) => {
                let schedule = ScheduleDraft {
                    cron: series.cron.clone(),
                    zone: series.zone.clone(),
                    from: series.from.clone(),
                    until: series.until.clone(),
                    count: series.count,
                };
                let checked = series.check(Timestamp::now(), destinations, jiff::tz::db())?;
                Self::of_schedule(schedule, now, &checked.recurrence.cron)
            }
        }
    }

    fn of_schedule(schedule: ScheduleDraft, now: Timestamp, cron: &Cron) -> Result<Self, Problem> {
        let zone = schedule.zone.clone().unwrap_or_default();
        let occurrences = preview::of(schedule, Some(SHOWN))?.occurrences;
        let moments = occurrences
            .into_iter()
            .map(|occurrence| (Moment::in_zone(occurrence.due_at, &zone, now), note(occurrence.note)))
            .collect();
        Ok(Self { words: cron.in_words(), moments })
    }
}

/// What is to be said of a wall time that was not simply taken.
fn note(note: Note) -> String {
    if note == Note::Exact { String::new() } else { note.to_string() }
}
