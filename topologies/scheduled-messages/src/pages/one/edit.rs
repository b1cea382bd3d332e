//! [`Fields`]: the form in which a message is edited.

use jiff::civil::DateTime;
use squall_ops::{Form, Problem};

use super::super::office::Office;
use crate::api::action::Action;
use crate::api::change::settled;
use crate::api::edit::EditDraft;
use crate::message::Message;

/// The form in which a message is edited, as it is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) version: i64,
    pub(super) text: String,
    /// What the clocks of the zone show when it is due.
    pub(super) wall: String,
    pub(super) zone: String,
    pub(super) not_after: String,
}

impl Fields {
    /// What the message has.
    pub(super) fn of(message: &Message) -> Self {
        let (wall, zone) = match &message.given {
            Some(given) => (given.wall.clone(), given.zone.clone()),
            None => {
                let utc = message.due_at.to_zoned(jiff::tz::TimeZone::UTC);
                (utc.strftime("%Y-%m-%dT%H:%M:%S").to_string(), "UTC".to_owned())
            }
        };
        Self {
            version: message.version,
            text: lines(&message.text),
            wall,
            zone,
            not_after: message.not_after.map(|at| at.to_string()).unwrap_or_default(),
        }
    }

    pub(super) fn read(form: &Form) -> Self {
        let field = |name: &str| form.get(name).unwrap_or_default().to_owned();
        Self {
            version: field("version").parse().unwrap_or_default(),
            text: lines(&field("text")),
            wall: field("wall").trim().to_owned(),
            zone: field("zone").trim().to_owned(),
            not_after: field("not_after").trim().to_owned(),
        }
    }

    /// What is different: what was not touched is not written, so that a time to the microsecond stays what it was.
    fn draft(self, message: &Message) -> EditDraft {
        let now = Self::of(message);
        // Browsers leave seconds out that are none.
        let same = self
            .wall
            .parse::<DateTime>()
            .is_ok_and(|wall| now.wall.parse().is_ok_and(|before: DateTime| before == wall));
        let is_moved = !same || self.zone != now.zone;
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        EditDraft {
            text: (self.text != now.text).then_some(self.text),
            wall: some(self.wall).filter(|_| is_moved),
            zone: some(self.zone).filter(|_| is_moved),
            not_after: (self.not_after != now.not_after).then_some(some(self.not_after)),
            ..EditDraft::default()
        }
    }
}

/// Browsers send lines with a carriage return, and nobody wrote one.
pub(in crate::pages) fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Edits the message at the version that the form was made for.
pub(super) async fn edit(
    office: &Office,
    message: &Message,
    fields: &Fields,
    who: &str,
) -> Result<Message, Problem> {
    let action = Action::Edit(Box::new(fields.clone().draft(message)));
    let (changed, _) = action.apply(&office.place, message.id, Some(fields.version), who).await?;
    settled(changed, message.id, action.done())
}
