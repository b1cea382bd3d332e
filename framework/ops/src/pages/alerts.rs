//! What was raised, and what people say of it: three circles that should be one.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::Frame;
use crate::admin::{Operator, Reported, Said};
use crate::alert::{Alert, Counts};
use crate::check::Category;
use crate::instant::Moment;
use crate::show::Seconds;
use crate::{Actor, Form, Html, Problem};

/// How many alerts the page shows.
const SHOWN: usize = 100;

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/alerts").route(web::get().to(show)).route(web::post().to(report)));
    service.service(web::resource("/alerts/{alert}").route(web::post().to(answer)));
}

#[derive(Template)]
#[template(path = "alerts.html")]
struct Page {
    circles: Vec<Circle>,
    alerts: Vec<Row>,
    is_all: bool,
    unanswered: u64,
    may_act: bool,
    is_kept: bool,
    topologies: Vec<&'static str>,
    fault: Option<Problem>,
    command: String,
}

/// One part of the three circles.
struct Circle {
    name: &'static str,
    about: &'static str,
    kind: &'static str,
    count: u64,
    share: f64,
}

/// One alert in the table.
struct Row {
    alert: Alert,
    raised_at: String,
    lasted: String,
    kind: &'static str,
    word: &'static str,
    href: String,
    answered: Option<String>,
}

async fn show(frame: Frame) -> HttpResponse {
    frame.answer("Alerts", render(&frame, None))
}

async fn answer(frame: Frame, actor: Actor, id: web::Path<u64>, form: web::Form<Fields>) -> HttpResponse {
    let form = Form { fields: form.into_inner() };
    let said = match form.get("was") {
        Some(was) => Ok(Said {
            real: was.starts_with("real"),
            needed_a_person: was.ends_with("needed"),
            note: form.get("note").unwrap_or_default().to_owned(),
        }),
        None => Err(Problem::unprocessable("Nothing was chosen: say what the alert was.")),
    };
    let done = match said {
        Ok(said) => Operator::new(&frame.site, &actor).answer_alert(*id, said).await,
        Err(problem) => Err(problem),
    };
    back(&frame, done)
}

async fn report(frame: Frame, actor: Actor, form: web::Form<Fields>) -> HttpResponse {
    let form = Form { fields: form.into_inner() };
    let reported = Reported {
        sentence: form.get("sentence").unwrap_or_default().to_owned(),
        topology: form.get("topology").map(str::to_owned),
        component: None,
        needed_a_person: form.get("needed").is_some(),
    };
    back(&frame, Operator::new(&frame.site, &actor).report_problem(reported).await)
}

/// The fields of a form, in their order.
type Fields = Vec<(String, String)>;

fn back(frame: &Frame, done: Result<Alert, Problem>) -> HttpResponse {
    match done {
        Ok(_) => HttpResponse::SeeOther().insert_header((header::LOCATION, "/alerts")).finish(),
        Err(problem) => {
            let status = problem.status();
            match render(frame, Some(problem)) {
                Ok(body) => frame.answer_as(status, "Alerts", body),
                Err(problem) => frame.answer("Alerts", Err(problem)),
            }
        }
    }
}

fn render(frame: &Frame, fault: Option<Problem>) -> Result<Html, Problem> {
    let (site, view) = (&frame.site, &frame.view);
    let alerts = site.lookout.alerts();
    let is_all = view.query("all").is_some();
    let counts = alerts.counts();
    let wanted = |alert: &Alert| is_all || alert.answer.is_none() || !alert.was_raised();
    Html::of(&Page {
        circles: circles(&counts),
        alerts: alerts.newest(SHOWN, wanted).into_iter().map(Row::new).collect(),
        is_all,
        unanswered: counts.unanswered,
        may_act: view.may_act,
        is_kept: alerts.store().is_some(),
        topologies: site.topologies.iter().map(|topology| topology.name).collect(),
        fault,
        command: format!("{} alerts export --dir ./monitoring", site.name),
    })
}

fn circles(counts: &Counts) -> Vec<Circle> {
    let Counts { needed, healed, noise, false_work, unseen, .. } = *counts;
    let all = (needed + healed + noise + false_work + unseen).max(1) as f64;
    let circle =
        |name, about, kind, count: u64| Circle { name, about, kind, count, share: count as f64 / all };
    vec![
        circle("Real, needed a person", "What alerts are for.", "ok", needed),
        circle(
            "Real, healed by itself",
            "A mail would have done, or a repair that is automated.",
            "info",
            healed,
        ),
        circle("Not real: noise", "The threshold is wrong: mine a better one.", "warn", noise),
        circle("Not real, cost work", "The check itself needs repair.", "warn", false_work),
        circle("Real, seen by no check", "A person reported it: a check is missing.", "bad", unseen),
    ]
}

impl Row {
    fn day(&self) -> &str {
        self.raised_at.get(..10).unwrap_or_default()
    }

    fn clock(&self) -> &str {
        self.raised_at.get(11..19).unwrap_or_default()
    }

    fn new(alert: Alert) -> Self {
        let (kind, word) = match alert.category {
            Some(Category::Page) => ("bad", "Page"),
            Some(Category::Mail) => ("warn", "Mail"),
            None => ("info", "Reported"),
        };
        let instant = |at: Moment| humantime::format_rfc3339_seconds(at.0).to_string();
        let lasted =
            |to: Moment| Seconds(to.0.duration_since(alert.raised_at.0).map_or(0.0, |d| d.as_secs_f64()));
        Self {
            raised_at: instant(alert.raised_at),
            lasted: alert.cleared_at.map_or_else(|| "still".to_owned(), |to| lasted(to).to_string()),
            href: href(&alert),
            answered: alert.answer.as_ref().map(|answer| {
                let real = if answer.real { "real" } else { "not real" };
                let needed = if answer.needed_a_person { "needed a person" } else { "needed nobody" };
                format!("{real}, {needed}")
            }),
            kind,
            word,
            alert,
        }
    }
}

fn href(alert: &Alert) -> String {
    match (&alert.topology, &alert.component) {
        (Some(topology), Some(component)) => format!("/t/{topology}/c/{component}"),
        (Some(topology), None) => format!("/t/{topology}"),
        _ => "/".to_owned(),
    }
}
