//! What an operator says of alerts; a second part of [`Operator`].

use super::alert::{Reported, Said};
use super::operator::{Operator, Target};
use super::place;
use crate::Problem;
use crate::alert::{Alert, Answer, Report};
use crate::instant::Moment;

/// The most bytes of a sentence.
const SENTENCE: usize = 500;

/// The most bytes of a note.
const NOTE: usize = 2_000;

impl Operator<'_> {
    /// Says what an alert was.
    pub(crate) async fn answer_alert(&self, id: u64, said: Said) -> Result<Alert, Problem> {
        let answered = self.try_answer(id, said).await;
        self.note("answer_alert", Target::PROCESS, answered, |alert| {
            let (real, needed) =
                alert.answer.as_ref().map_or((false, false), |answer| (answer.real, answer.needed_a_person));
            let real = if real { "real" } else { "not real" };
            let needed = if needed { "needed a person" } else { "needed nobody" };
            format!("alert {id} was answered: {real}, {needed}")
        })
    }

    async fn try_answer(&self, id: u64, said: Said) -> Result<Alert, Problem> {
        let Said { real, needed_a_person, note } = said;
        let note = fitting("note", note, NOTE)?;
        let alerts = self.site().lookout.alerts();
        if alerts.one(id).is_none_or(|alert| !alert.was_raised()) {
            return Err(Problem::not_found(format!("No alert {id} is kept that could be answered.")));
        }
        let who = self.actor().name.clone();
        let answer = Answer { real, needed_a_person, note, who, at: Moment::now() };
        let gone = || Problem::not_found(format!("Alert {id} is kept no more."));
        let alert = alerts.answer(id, answer).ok_or_else(gone)?;
        self.keep(alert).await
    }

    /// Tells of a problem that no check saw.
    pub(crate) async fn report_problem(&self, reported: Reported) -> Result<Alert, Problem> {
        let reported = self.try_report(reported).await;
        self.note("report_problem", Target::PROCESS, reported, |alert| {
            format!("a problem was reported that no check saw: {}", alert.sentence)
        })
    }

    async fn try_report(&self, reported: Reported) -> Result<Alert, Problem> {
        let Reported { sentence, topology, component, needed_a_person } = reported;
        let sentence = fitting("sentence", sentence, SENTENCE)?;
        if sentence.is_empty() {
            return Err(Problem::unprocessable("`sentence` is empty: say what was wrong."));
        }
        if let Some(name) = &topology {
            let topology = place::topology(self.site(), name).map_err(named_by("/topology"))?;
            if let Some(component) = &component {
                place::component(&topology.running.status(), component).map_err(named_by("/component"))?;
            }
        } else if component.is_some() {
            return Err(Problem::unprocessable("`component` is of no topology: give `topology`, too."));
        }
        let who = self.actor().name.clone();
        let report = Report { sentence, topology, component, needed_a_person, who };
        self.keep(self.site().lookout.alerts().report(report)).await
    }

    /// What somebody was told is done must be there after a crash.
    async fn keep(&self, alert: Alert) -> Result<Alert, Problem> {
        let Some(store) = self.site().lookout.alerts().store() else { return Ok(alert) };
        match store.keep_alerts(vec![alert.clone()]).await {
            Ok(()) => Ok(alert),
            Err(reason) => Err(Problem::unavailable(format!("It could not be written: {reason}."))),
        }
    }
}

/// What a member of the body names, and is not there: the path that was asked for is.
fn named_by(pointer: &'static str) -> impl Fn(Problem) -> Problem {
    move |unknown| Problem::unprocessable(unknown.detail()).fault(pointer, unknown.detail())
}

fn fitting(what: &str, text: String, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.len() > most {
        let detail = format!("`{what}` has {} bytes; at most {most} are kept.", text.len());
        return Err(Problem::unprocessable(detail));
    }
    Ok(text.to_owned())
}
