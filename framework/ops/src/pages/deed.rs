//! [`Deed`]: what an operator does to a topology or a part of it, as a form that says first what will happen.

mod act;
mod form;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::http::header;
use actix_web::rt::time::timeout;
use actix_web::{HttpResponse, web};
use squall_runtime::{Status, TopologyState};

use super::Frame;
use crate::seen::Seen;
use crate::site::Site;
use crate::{Actor, Form, Problem};

/// Longer than what was done takes to be seen.
const PATIENCE: Duration = Duration::from_secs(2);

/// What an operator does to a topology or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Pause,
    Resume,
    Drain,
    Kill,
    Rebalance,
    PauseSpout,
    ResumeSpout,
    RestartTask,
}

/// A deed that makes sense now: a link to its form.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) href: String,
    pub(super) word: &'static str,
    /// `danger` or nothing.
    pub(super) kind: &'static str,
}

/// To what it is done.
#[derive(Clone, Debug, Default)]
struct Target {
    topology: String,
    component: String,
    task: usize,
}

impl Deed {
    const ALL: [Self; 8] = [
        Self::Pause,
        Self::Resume,
        Self::Drain,
        Self::Kill,
        Self::Rebalance,
        Self::PauseSpout,
        Self::ResumeSpout,
        Self::RestartTask,
    ];

    /// Where its form stands, and where that is sent to.
    fn path(self) -> &'static str {
        match self {
            Self::Pause => "/t/{topology}/pause",
            Self::Resume => "/t/{topology}/resume",
            Self::Drain => "/t/{topology}/drain",
            Self::Kill => "/t/{topology}/kill",
            Self::Rebalance => "/t/{topology}/c/{component}/rebalance",
            Self::PauseSpout => "/t/{topology}/c/{component}/pause",
            Self::ResumeSpout => "/t/{topology}/c/{component}/resume",
            Self::RestartTask => "/t/{topology}/c/{component}/tasks/{task}/restart",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Pause | Self::PauseSpout => "Pause",
            Self::Resume | Self::ResumeSpout => "Resume",
            Self::Drain => "Drain",
            Self::Kill => "Kill",
            Self::Rebalance => "Rebalance",
            Self::RestartTask => "Restart",
        }
    }

    /// What it takes back later is no danger.
    fn kind(self) -> &'static str {
        match self {
            Self::Drain | Self::Kill => "danger",
            _ => "primary",
        }
    }

    /// Whether it can be seen that it was done. The engine is told of some deeds, and does them soon.
    fn shows(self, status: &Status, component: &str) -> bool {
        let is_paused = status.component(component).is_some_and(|component| component.paused);
        let is_alive = matches!(status.state, TopologyState::Running | TopologyState::Paused);
        match self {
            Self::Pause => status.state != TopologyState::Running,
            Self::Resume => status.state != TopologyState::Paused,
            Self::Drain => !is_alive,
            Self::Kill => !is_alive && status.state != TopologyState::Draining,
            Self::PauseSpout => is_paused,
            Self::ResumeSpout => !is_paused,
            Self::Rebalance | Self::RestartTask => true,
        }
    }
}

/// What can be done to a topology in this state.
pub(super) fn offers(topology: &str, state: TopologyState) -> Vec<Offer> {
    let offer = |(path, word, kind)| Offer { href: format!("/t/{topology}/{path}"), word, kind };
    let all: &[_] = match state {
        TopologyState::Running => {
            &[("pause", "Pause…", ""), ("drain", "Drain…", ""), ("kill", "Kill…", "danger")]
        }
        TopologyState::Paused => {
            &[("resume", "Resume…", ""), ("drain", "Drain…", ""), ("kill", "Kill…", "danger")]
        }
        TopologyState::Draining => &[("kill", "Kill…", "danger")],
        _ => &[],
    };
    all.iter().copied().map(offer).collect()
}

pub(super) fn routes(service: &mut web::ServiceConfig) {
    for deed in Deed::ALL {
        let show = move |frame: Frame, actor: Actor| async move { show(&frame, &actor, deed).await };
        let take = move |frame: Frame, actor: Actor, form: web::Form<Vec<(String, String)>>| async move {
            take(&frame, &actor, deed, Form { fields: form.into_inner() }).await
        };
        service.service(web::resource(deed.path()).route(web::get().to(show)).route(web::post().to(take)));
    }
}

async fn show(frame: &Frame, actor: &Actor, deed: Deed) -> HttpResponse {
    let wanted = Form { fields: frame.view.query.clone() };
    let body = match Target::of(frame, deed) {
        Ok(target) => form::of(frame, actor, deed, &target, &wanted, None).await,
        Err(problem) => Err(problem),
    };
    frame.answer(deed.word(), body)
}

/// Does it and goes back; if it is refused, the form is there again, and says why.
async fn take(frame: &Frame, actor: &Actor, deed: Deed, form: Form) -> HttpResponse {
    let target = match Target::of(frame, deed) {
        Ok(target) => target,
        Err(problem) => return frame.answer(deed.word(), Err(problem)),
    };
    let Err(problem) = act::act(frame, actor, deed, &target, &form).await else {
        see(&frame.site, deed, &target).await;
        let back = back(frame, &form, &target);
        return HttpResponse::SeeOther().insert_header((header::LOCATION, back)).finish();
    };
    match form::of(frame, actor, deed, &target, &form, Some(&problem)).await {
        Ok(body) => frame.answer_as(problem.status(), deed.word(), body),
        Err(problem) => frame.answer(deed.word(), Err(problem)),
    }
}

/// Waits until it can be seen, so that the page that follows shows what was done.
async fn see(site: &Site, deed: Deed, target: &Target) {
    let done = SystemTime::now();
    let mut seen = site.lookout.follow();
    let shows = |seen: &Arc<Seen>| {
        let topology = seen.topology(&target.topology);
        seen.at >= done && topology.is_none_or(|own| deed.shows(&own.status, &target.component))
    };
    site.lookout.look();
    drop(timeout(PATIENCE, seen.wait_for(shows)).await);
}

impl Target {
    /// What the path names, if there is such a thing.
    fn of(frame: &Frame, deed: Deed) -> Result<Self, Problem> {
        let param = |name| frame.view.param(name).unwrap_or_default().to_owned();
        let target = Self {
            topology: param("topology"),
            component: param("component"),
            task: if deed == Deed::RestartTask { number(&param("task"))? } else { 0 },
        };
        let Some(topology) = frame.site.topology(&target.topology) else {
            return Err(Problem::not_found(format!("No topology `{}` runs here.", target.topology)));
        };
        if !target.component.is_empty() && topology.running.status().component(&target.component).is_none() {
            let (component, name) = (&target.component, topology.name);
            return Err(Problem::not_found(format!("`{name}` has no component `{component}`.")));
        }
        Ok(target)
    }

    /// The page about it.
    fn page(&self) -> String {
        if self.component.is_empty() {
            format!("/t/{}", self.topology)
        } else {
            format!("/t/{}/c/{}", self.topology, self.component)
        }
    }
}

fn number(text: &str) -> Result<usize, Problem> {
    text.parse()
        .map_err(|_| Problem::not_found(format!("There is no task `{text}`; tasks have numbers from 0.")))
}

/// Where the form was opened; only a path of this server.
fn back(frame: &Frame, form: &Form, target: &Target) -> String {
    way_back(form.get("back").or(frame.came_from.as_deref()), target)
}

fn way_back(path: Option<&str>, target: &Target) -> String {
    // Browsers read a backslash as a slash, and leave tabs and line ends out before they look where a path leads.
    let is_odd = |letter: char| letter == '\\' || letter.is_control();
    let is_own = |path: &&str| path.starts_with('/') && !path.starts_with("//") && !path.contains(is_odd);
    path.filter(is_own).map_or_else(|| target.page(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_to_this_server_only() {
        let target = Target { topology: "slow".to_owned(), ..Target::default() };
        let back = |path| way_back(path, &target);

        assert_eq!(back(Some("/components?sort=queue")), "/components?sort=queue");
        assert_eq!(back(None), "/t/slow");
        for path in
            ["", "//evil.example/", "https://evil.example/", "/\\evil.example", "/a\r\nb", "/\t/evil.example"]
        {
            assert_eq!(back(Some(path)), "/t/slow", "{path}");
        }
    }
}
