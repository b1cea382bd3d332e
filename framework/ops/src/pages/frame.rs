//! [`Frame`]: what all pages have around them.

use std::convert::Infallible;
use std::fs;
use std::future::{Ready, ready};
use std::sync::LazyLock;
use std::time::SystemTime;

use actix_web::dev::Payload;
use actix_web::http::header::{self, ContentType};
use actix_web::http::{StatusCode, Uri};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;
use squall_runtime::TopologyState;

use super::assets;
use super::state::State;
use crate::check::Category;
use crate::show::Seconds;
use crate::site::Site;
use crate::{Html, Problem, View};

/// The name of the cookie in which the script keeps the colours that were chosen.
const THEME: &str = "squall-theme";

/// The name of the machine, for those who look at several.
static HOST: LazyLock<String> = LazyLock::new(|| {
    fs::read_to_string("/proc/sys/kernel/hostname").map(|name| name.trim().to_owned()).unwrap_or_default()
});

/// What all pages have around them; an extractor.
///
/// ```ignore
/// async fn events(frame: Frame) -> HttpResponse {
///     let body = Html::of(&Events { site: &frame.site, kind: frame.view.query("kind") });
///     frame.answer("Events", body)
/// }
/// ```
pub(crate) struct Frame {
    pub(crate) site: web::Data<Site>,
    pub(crate) view: View,
    /// The page that a link to this one was on: its path and query.
    pub(super) came_from: Option<String>,
    theme: &'static str,
    /// The number of the newest event when the page was asked for: what comes behind it may not be on it.
    newest: u64,
}

#[derive(Template)]
#[template(path = "shell.html")]
struct Shell<'a> {
    title: &'a str,
    product: &'a str,
    version: &'a str,
    host: &'a str,
    theme: &'a str,
    assets: &'a str,
    now: String,
    newest: u64,
    clock: String,
    state: State,
    uptime: Option<Seconds>,
    nav: Vec<Entry>,
    topologies: Vec<Runs>,
    banners: Vec<Banner>,
    body: Html,
}

/// One page in the navigation.
struct Entry {
    href: String,
    title: String,
    key: String,
    icon: &'static str,
    is_here: bool,
}

/// One topology in the navigation.
struct Runs {
    href: String,
    title: &'static str,
    state: State,
    is_here: bool,
}

/// Something that cannot be overlooked.
struct Banner {
    kind: &'static str,
    text: String,
    detail: String,
}

impl Frame {
    /// Puts the page into the frame; a problem is shown there too, with its status.
    pub(crate) fn answer(&self, title: &str, body: Result<Html, Problem>) -> HttpResponse {
        let status = body.as_ref().map_or_else(Problem::status, |_| StatusCode::OK);
        match body.or_else(|problem| Html::of(&Sorry { problem })) {
            Ok(body) => self.answer_as(status, title, body),
            Err(problem) => HttpResponse::from_error(problem),
        }
    }

    /// Puts the page into the frame, for an answer with this status.
    pub(crate) fn answer_as(&self, status: StatusCode, title: &str, body: Html) -> HttpResponse {
        match self.around(title, body) {
            Ok(page) => HttpResponse::build(status).insert_header(ContentType::html()).body(page.to_string()),
            Err(problem) => HttpResponse::from_error(problem),
        }
    }

    fn around(&self, title: &str, body: Html) -> Result<Html, Problem> {
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let site = &self.site;
        let seen = site.lookout.seen();
        let topologies = || seen.topologies.iter().map(|own| (own.name, &own.status));
        let states: Vec<_> = topologies().map(|(_, status)| status.state).collect();
        let uptime = topologies().map(|(_, status)| status.uptime_seconds.round()).reduce(f64::max);
        Html::of(&Shell {
            title,
            product: &site.name,
            version: &site.version,
            host: &HOST,
            theme: self.theme,
            assets: assets::version(),
            clock: now.get(11..19).unwrap_or_default().to_owned() + " UTC",
            now,
            newest: self.newest,
            state: overall(site, &states),
            uptime: uptime.map(Seconds),
            nav: self.nav(),
            topologies: topologies().map(|(name, status)| self.runs(name, status.state)).collect(),
            banners: self.banners(),
            body,
        })
    }

    fn nav(&self) -> Vec<Entry> {
        let path = self.view.path.as_str();
        let entry = |href: String, title: &str, key: &str, icon: &'static str, is_here: bool| Entry {
            href,
            title: title.to_owned(),
            key: key.to_owned(),
            icon,
            is_here,
        };
        let is_component = path.starts_with("/components") || path.contains("/c/");
        let graph = self.topology().map(|name| format!("/t/{name}"));
        let mut nav = vec![entry("/".to_owned(), "Overview", "o", "overview", path == "/")];
        nav.extend(
            graph.map(|href| entry(href, "Graph", "g", "graph", path.starts_with("/t/") && !is_component)),
        );
        nav.push(entry("/components".to_owned(), "Components", "c", "components", is_component));
        for page in self.site.topologies.iter().flat_map(|topology| &topology.pages) {
            let key = page.key.map(String::from).unwrap_or_default();
            let is_here = path == page.path || path.starts_with(&format!("{}/", page.path));
            nav.extend(page.is_listed.then(|| entry(page.path.clone(), &page.title, &key, "page", is_here)));
        }
        let is_checks = path == "/checks" || path == "/runbook";
        nav.push(entry("/checks".to_owned(), "Checks", "h", "ok", is_checks));
        nav.push(entry("/alerts".to_owned(), "Alerts", "a", "warn", path.starts_with("/alerts")));
        nav.push(entry("/config".to_owned(), "Config", "f", "config", path.starts_with("/config")));
        nav.push(entry("/events".to_owned(), "Events", "e", "events", path.starts_with("/events")));
        nav
    }

    /// The topology that is looked at, or the first one.
    fn topology(&self) -> Option<&str> {
        let named = self.view.path.strip_prefix("/t/").and_then(|rest| rest.split('/').next());
        let named = named.filter(|name| self.site.topology(name).is_some());
        named.or_else(|| self.site.topologies.first().map(|topology| topology.name))
    }

    fn runs(&self, name: &'static str, state: TopologyState) -> Runs {
        let is_here = self.view.path.starts_with("/t/") && self.topology() == Some(name);
        Runs { href: format!("/t/{name}"), title: name, state: State::of(state), is_here }
    }

    fn banners(&self) -> Vec<Banner> {
        let mut banners = Vec::new();
        if let Some(reload) = self.site.config.shown().last_reload.filter(|reload| !reload.ok) {
            banners.push(Banner {
                kind: "bad",
                text: "The configuration was not reloaded: the one before holds.".to_owned(),
                detail: reload.message,
            });
        }
        if self.site.is_draining() {
            let text = "The process drains: what is in flight comes to its end, and nothing new begins.";
            banners.push(Banner { kind: "info", text: text.to_owned(), detail: String::new() });
        }
        if !self.view.may_act {
            let text = "Read-only: actions are off (`[admin] actions = false`).";
            banners.push(Banner { kind: "info", text: text.to_owned(), detail: String::new() });
        }
        banners
    }
}

fn overall(site: &Site, states: &[TopologyState]) -> State {
    let all =
        |wanted: &[TopologyState]| !states.is_empty() && states.iter().all(|state| wanted.contains(state));
    if states.contains(&TopologyState::Failed) {
        State::FAILED
    } else if site.is_draining() {
        State::DRAINING
    } else if all(&[TopologyState::Ended]) {
        State::ENDED
    } else if all(&[TopologyState::Paused, TopologyState::Ended]) {
        State::PAUSED
    } else if site.lookout.findings().iter().any(|finding| finding.category == Category::Page) {
        State::DEGRADED
    } else {
        State::RUNNING
    }
}

/// The colours that were chosen; empty for those of the system.
fn theme(request: &HttpRequest) -> &'static str {
    let cookies = request.headers().get_all(header::COOKIE).filter_map(|cookies| cookies.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    match pairs.find(|(name, _)| *name == THEME) {
        Some((_, "dark")) => "dark",
        Some((_, "light")) => "light",
        _ => "",
    }
}

/// The page that a link was on, if it is one of this server.
fn came_from(request: &HttpRequest) -> Option<String> {
    let referer: Uri = request.headers().get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    (referer.authority()?.as_str() == host).then(|| referer.path_and_query().map(ToString::to_string))?
}

/// A problem, for people.
#[derive(Template)]
#[template(
    source = "<header class=\"head\"><h1>{{ problem.title() }}</h1></header><p>{{ problem.detail() }}</p>\
              <ul>{% for fault in problem.faults() %}<li><code>{{ fault.pointer }}</code> {{ fault.detail }}</li>{% endfor %}</ul>\
              <p><a href=\"/\">Overview</a></p>",
    ext = "html"
)]
struct Sorry {
    problem: Problem,
}

impl FromRequest for Frame {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let site = web::Data::<Site>::from_request(request, payload).into_inner();
        let view = View::from_request(request, payload)
            .into_inner()
            .unwrap_or_else(|never: Infallible| match never {});
        let (came_from, theme) = (came_from(request), theme(request));
        ready(site.map(|site| {
            let newest = *site.lookout.journal().follow().borrow();
            Self { site, view, came_from, theme, newest }
        }))
    }
}
