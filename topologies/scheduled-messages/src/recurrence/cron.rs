//! The times that clocks show when a schedule runs.

use std::fmt;
use std::str::FromStr;

use croner::parser::{CronParser, Year};
use jiff::civil::DateTime;

/// The longest schedule, in bytes.
const LONGEST: usize = 256;

/// What a schedule looks like, for who wrote one that does not.
const SUCH: &str = "expected minute, hour, day, month and weekday, such as \"0 9 * * MON-FRI\", with seconds in \
                    front if need be";

/// A cron schedule: which wall times it names, in any zone.
///
/// ```
/// use squall_scheduled_messages::recurrence::Cron;
///
/// let cron = Cron::parse("0 9 * * MON-FRI").unwrap();
/// assert_eq!(cron.next_from("2027-03-27T00:00".parse()?), Some("2027-03-29T09:00".parse()?));
/// assert!(Cron::parse("0 0 30 FEB *").unwrap_err().contains("never comes"));
/// # Ok::<_, jiff::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    cron: croner::Cron,
    is_hourly: bool,
}

impl Cron {
    /// Reads a schedule.
    ///
    /// # Errors
    ///
    /// It is none, or names no day that ever comes: the rest of a sentence about it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("has {} bytes; expected at most {LONGEST}", text.len()));
        }
        let cron = read(text).map_err(|error| why(text, &error))?;
        let is_hourly = (0..24).all(|hour| cron.pattern.hour_match(hour).unwrap_or(false));
        let cron = Self { text: text.to_owned(), cron, is_hourly };
        // The calendar repeats itself after 400 years, long before the search gives up.
        if cron.next_from(DateTime::constant(2000, 1, 1, 0, 0, 0, 0)).is_none() {
            return Err("names a day that never comes; expected one that some month has".to_owned());
        }
        Ok(cron)
    }

    /// Returns it as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns it in words.
    ///
    /// ```
    /// use squall_scheduled_messages::recurrence::Cron;
    ///
    /// let words = Cron::parse("0 9 * * MON-FRI").unwrap().in_words();
    /// assert!(words.contains("09:00") && words.contains("Friday"), "{words}");
    /// ```
    pub fn in_words(&self) -> String {
        self.cron.describe().trim_end_matches('.').to_owned()
    }

    /// Whether it runs in every hour of a day on which it runs.
    pub fn is_hourly(&self) -> bool {
        self.is_hourly
    }

    /// Returns the first wall time that it names, `from` included; `None` if there is none before the year 5000.
    pub fn next_from(&self, from: DateTime) -> Option<DateTime> {
        self.cron.find_next_occurrence(&from, true).ok()
    }
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cron({:?})", self.text)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Cron {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

fn read(text: &str) -> Result<croner::Cron, croner::errors::CronError> {
    CronParser::builder().year(Year::Disallowed).build().parse(text)
}

/// Finds the field that is wrong: the one that is so among fields that are not.
fn why(text: &str, error: &croner::errors::CronError) -> String {
    const FIELDS: [&str; 6] = ["second", "minute", "hour", "day", "month", "weekday"];

    let parts: Vec<_> = text.split_whitespace().collect();
    let Some(first) = 6_usize.checked_sub(parts.len()).filter(|first| *first <= 1) else {
        return format!("has {} fields, not 5 or 6; {SUCH}", parts.len());
    };
    let alone = |wrong: usize| {
        let fields = (0..6).map(|at| if at == wrong { parts.get(at - first).copied() } else { None });
        fields.map(|field| field.unwrap_or("*")).collect::<Vec<_>>().join(" ")
    };
    let named = FIELDS.iter().zip(0..).skip(first).zip(&parts);
    for ((name, at), part) in named {
        if read(&alone(at)).is_err() {
            let part: String = part.chars().filter(|char| !char.is_control()).collect();
            return format!("cannot be read: its {name} is `{part}`; {SUCH}");
        }
    }
    format!("cannot be read: {error}; {SUCH}")
}
