//! [`Draft`]: the composer as it is filled in.

use squall_ops::Problem;

use crate::api::{Draft as MessageDraft, SeriesDraft};

use super::super::one::lines;

/// The composer as it is filled in; nothing of it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    /// By which a form that is sent twice is known.
    pub(super) key: String,
    pub(super) account: String,
    pub(super) destination: String,
    pub(super) text: String,
    /// `at`, `in`, or one of the ways to recur: `daily`, `weekly`, `monthly`, `cron`.
    pub(super) when: String,
    pub(super) wall: String,
    pub(super) zone: String,
    pub(super) fold: String,
    pub(super) delay: String,
    /// The time of day of what recurs.
    pub(super) time: String,
    pub(super) days: Vec<String>,
    pub(super) day: String,
    pub(super) cron: String,
    pub(super) until: String,
    pub(super) count: String,
    pub(super) not_after: String,
}

/// What a draft asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Message(MessageDraft),
    Series(SeriesDraft),
}

impl Draft {
    /// Reads it by `field`; `all` are the fields one by one.
    pub(super) fn read<'a>(
        field: impl Fn(&str) -> Option<&'a str>,
        all: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let get = |name: &str| field(name).unwrap_or_default().trim().to_owned();
        let or = |name: &str, usual: &str| field(name).unwrap_or(usual).trim().to_owned();
        Self {
            key: get("key").chars().filter(char::is_ascii_graphic).take(64).collect(),
            account: field("account").unwrap_or_default().to_owned(),
            destination: or("destination", crate::destination::INBOX),
            text: lines(field("text").unwrap_or_default()),
            when: or("when", "at"),
            wall: get("wall"),
            zone: or("zone", "UTC"),
            fold: get("fold"),
            delay: get("in"),
            time: or("time", "09:00"),
            days: all.filter(|(name, _)| *name == "days").map(|(_, day)| day.to_owned()).collect(),
            day: or("day", "1"),
            cron: get("cron"),
            until: get("until"),
            count: get("count"),
            not_after: get("not_after"),
        }
    }

    pub(super) fn has(&self, day: &str) -> bool {
        self.days.iter().any(|chosen| chosen == day)
    }

    pub(super) fn recurs(&self) -> bool {
        !matches!(self.when.as_str(), "at" | "in")
    }

    /// What it asks for, as the interface wants it. A field that was left empty is not given.
    pub(super) fn wanted(&self) -> Wanted {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        // An empty account or text is wrong by itself, not missing.
        let (account, destination, text) =
            (Some(self.account.clone()), some(&self.destination), Some(self.text.clone()));
        let not_after = some(&self.not_after);
        if self.recurs() {
            return Wanted::Series(SeriesDraft {
                account,
                destination,
                text,
                cron: Some(self.schedule()),
                zone: some(&self.zone),
                until: some(&self.until),
                count: self.count.parse().ok(),
                not_after,
                ..SeriesDraft::default()
            });
        }
        let is_in = self.when == "in";
        Wanted::Message(MessageDraft {
            account,
            destination,
            text,
            delay: is_in.then(|| self.delay.clone()),
            wall: (!is_in).then(|| self.wall.clone()),
            zone: some(&self.zone).filter(|_| !is_in),
            fold: some(&self.fold).filter(|_| !is_in),
            not_after,
            ..MessageDraft::default()
        })
    }

    /// Refuses what the interface would not even be asked.
    pub(super) fn readable(&self) -> Result<(), Problem> {
        if self.count.is_empty() || self.count.parse::<u32>().is_ok() {
            return Ok(());
        }
        let fault = "is no number; expected after how many messages the series ends, or nothing";
        Err(Problem::unprocessable("The series cannot be stored.").fault("/count", fault))
    }

    /// The schedule that the fields mean.
    pub(super) fn schedule(&self) -> String {
        let (hour, minute) = self.time.split_once(':').unwrap_or((self.time.as_str(), "0"));
        let number = |text: &str| text.split(':').next().unwrap_or(text).trim_start_matches('0').to_owned();
        let or_zero = |text: String| if text.is_empty() { "0".to_owned() } else { text };
        let (hour, minute) = (or_zero(number(hour)), or_zero(number(minute)));
        match self.when.as_str() {
            "daily" => format!("{minute} {hour} * * *"),
            "weekly" => {
                let days = if self.days.is_empty() { "MON".to_owned() } else { self.days.join(",") };
                format!("{minute} {hour} * * {days}")
            }
            "monthly" => format!("{minute} {hour} {} * *", self.day),
            _ => self.cron.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(when: &str) -> String {
        let days = vec!["MON".to_owned(), "FRI".to_owned()];
        Draft {
            when: when.into(),
            time: "09:05".into(),
            days,
            day: "L".into(),
            cron: "@daily".into(),
            ..Draft::default()
        }
        .schedule()
    }

    #[test]
    fn the_fields_mean_a_schedule() {
        assert_eq!(
            ["daily", "weekly", "monthly", "cron"].map(schedule),
            ["5 9 * * *", "5 9 * * MON,FRI", "5 9 L * *", "@daily"]
        );
    }

    #[test]
    fn midnight_is_an_hour() {
        let draft = Draft { when: "daily".into(), time: "00:00".into(), ..Draft::default() };

        assert_eq!(draft.schedule(), "0 0 * * *");
    }
}
