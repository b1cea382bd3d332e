//! [`Verdict`]: what a plugin of Nagios says, and how it ends.

use serde_json::{Value, json};

use super::reply::{Health, Reply, Said};

/// What is asked for; without a word all of it.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) checks: Vec<String>,
    pub(super) topology: Option<String>,
    pub(super) category: Option<String>,
}

/// How it is, from the best to the worst; the numbers are the exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Ok = 0,
    Warning = 1,
    Critical = 2,
    Unknown = 3,
}

/// What is said.
#[derive(Debug)]
pub(super) struct Verdict {
    state: State,
    /// In one line.
    headline: String,
    /// What is wrong: check, place, sentence, what to do, where more is.
    wrong: Vec<Wrong>,
    measured: Vec<Measured>,
}

#[derive(Debug)]
struct Wrong {
    check: String,
    place: String,
    sentence: String,
    what_to_do: String,
    runbook: String,
}

/// A number with its bound.
#[derive(Debug)]
struct Measured {
    label: String,
    value: f64,
    unit: String,
    bound: f64,
    is_above: bool,
    is_page: bool,
}

impl Asked {
    fn is_all(&self) -> bool {
        self.checks.is_empty() && self.topology.is_none() && self.category.is_none()
    }

    fn has(&self, check: &str, said: &Said) -> bool {
        let topology = said.component_id.as_deref().and_then(|place| place.split('/').next());
        (self.checks.is_empty() || self.checks.iter().any(|name| name == check))
            && self.topology.as_deref().is_none_or(|only| topology == Some(only))
            && self.category.as_deref().is_none_or(|only| only == said.category)
    }
}

impl Verdict {
    /// Nobody knows how it is.
    pub(super) fn unknown(why: impl Into<String>) -> Self {
        Self { state: State::Unknown, headline: why.into(), wrong: Vec::new(), measured: Vec::new() }
    }

    /// What follows from an answer.
    pub(super) fn of(reply: &Reply, asked: &Asked) -> Self {
        if let Some(missing) = asked.checks.iter().find(|name| !reply.checks.contains_key(*name)) {
            return Self::unknown(format!("there is no check called {missing}"));
        }
        let all = reply.checks.iter().flat_map(|(check, said)| said.iter().map(move |said| (check, said)));
        let all: Vec<(&String, &Said)> = all.filter(|(check, said)| asked.has(check, said)).collect();
        if all.is_empty() && !asked.is_all() {
            return Self::unknown("no check is about that");
        }
        if !reply.answering && !asked.is_all() {
            return Self::unknown("the checks do not answer: one of them hangs");
        }
        let mut state = all.iter().map(|(_, said)| state(said.status)).max().unwrap_or(State::Ok);
        let wrong: Vec<Wrong> =
            all.iter().filter(|(_, said)| said.status != Health::Pass).map(Wrong::new).collect();
        let mut headline = headline(&wrong, all.len());
        if asked.is_all() && state < self::state(reply.status) {
            // What is wrong is with no check: it drains, or has failed.
            state = self::state(reply.status);
            headline = reply.notes.join("; ");
        }
        let measured = all.iter().filter_map(|(check, said)| Measured::new(check, said)).collect();
        Self { state, headline, wrong, measured }
    }

    /// The exit code.
    pub(super) fn code(&self) -> u8 {
        self.state as u8
    }

    fn word(&self) -> &'static str {
        match self.state {
            State::Ok => "OK",
            State::Warning => "WARNING",
            State::Critical => "CRITICAL",
            State::Unknown => "UNKNOWN",
        }
    }

    /// One line with what was measured behind a bar, then a line for each thing that is wrong.
    pub(super) fn text(&self) -> String {
        let mut text = format!("SQUALL {} - {}", self.word(), plain(&self.headline));
        if !self.measured.is_empty() {
            let numbers: Vec<String> = self.measured.iter().map(Measured::text).collect();
            text += &format!(" | {}", numbers.join(" "));
        }
        text.push('\n');
        for Wrong { check, place, sentence, what_to_do, runbook } in &self.wrong {
            let at = if place.is_empty() { String::new() } else { format!(" of {place}") };
            text += &format!("{check}{at}: {}\n  {} ({runbook})\n", plain(sentence), plain(what_to_do));
        }
        text
    }

    /// The same for programs, in a form that stays.
    pub(super) fn object(&self) -> Value {
        let wrong: Vec<Value> = self.wrong.iter().map(Wrong::json).collect();
        let measured: Vec<Value> = self.measured.iter().map(Measured::json).collect();
        json!({
            "status": self.word().to_lowercase(),
            "code": self.code(),
            "message": self.headline,
            "wrong": wrong,
            "measured": measured,
        })
    }
}

impl Wrong {
    fn new((check, said): &(&String, &Said)) -> Self {
        Self {
            check: (*check).clone(),
            place: said.component_id.clone().unwrap_or_default(),
            sentence: said.output.clone().unwrap_or_else(|| "its bound is broken".to_owned()),
            what_to_do: said.what_to_do.clone().unwrap_or_default(),
            runbook: said.links.runbook.clone(),
        }
    }

    fn json(&self) -> Value {
        json!({
            "check": self.check,
            "place": self.place,
            "sentence": self.sentence,
            "what_to_do": self.what_to_do,
            "runbook": self.runbook,
        })
    }
}

impl Measured {
    fn new(check: &str, said: &Said) -> Option<Self> {
        let (bound, is_above) =
            said.bound.above.map(|above| (above, true)).or(said.bound.below.map(|below| (below, false)))?;
        let label =
            said.component_id.iter().fold(check.to_owned(), |label, place| format!("{label}/{place}"));
        Some(Self {
            label: label.replace(['\'', '=', '|', '\n'], "_"),
            value: said.observed_value?,
            unit: said.observed_unit.clone(),
            bound,
            is_above,
            is_page: said.category == "page",
        })
    }

    /// `'label'=value[unit];warn;crit`. Of all units that there are here the form knows seconds.
    fn text(&self) -> String {
        let unit = if self.unit == "s" { "s" } else { "" };
        // What is well is from minus infinity to the bound, or from the bound up.
        let range = if self.is_above { format!("~:{}", self.bound) } else { format!("{}:", self.bound) };
        let (warn, crit) = if self.is_page { ("", range.as_str()) } else { (range.as_str(), "") };
        format!("'{}'={}{unit};{warn};{crit}", self.label, self.value)
    }

    fn json(&self) -> Value {
        let side = if self.is_above { "above" } else { "below" };
        json!({ "name": self.label, "value": self.value, "unit": self.unit, "bound": { side: self.bound } })
    }
}

fn state(health: Health) -> State {
    match health {
        Health::Pass => State::Ok,
        Health::Warn => State::Warning,
        Health::Fail => State::Critical,
    }
}

fn headline(wrong: &[Wrong], all: usize) -> String {
    match wrong {
        [] if all == 1 => "1 bound holds".to_owned(),
        [] => format!("{all} bounds hold"),
        [one] => one.sentence.clone(),
        [first, others @ ..] => format!("{}; and {} more", first.sentence, others.len()),
    }
}

/// Without what means something to Nagios: the bar, lines, and quotes that its macros lose.
fn plain(text: &str) -> String {
    text.replace('`', "").replace(['|', '\n', '\r'], " ")
}

#[cfg(test)]
mod tests;
