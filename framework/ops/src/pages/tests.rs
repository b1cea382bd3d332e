//! What a browser gets that runs no scripts.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use squall_core::{Bolt, Emit, Next, Output, Spout, SpoutOutput};
use squall_runtime::{Options, Running, TopologyState};
use squall_topology::{Config, Plan, Secret, TopologyBuilder};
use tokio::sync::mpsc;

use super::assets;
use crate::access::Access;
use crate::http::Guard;
use crate::lookout::{Lookout, Sight};
use crate::metrics::Own;
use crate::reload::{ConfigState, Configured, MOST_ORDERS};
use crate::site::{Site, Topology};
use crate::{Card, Html, Page, Problem};

/// Has nothing for now.
struct Silence;

impl Spout for Silence {
    type Id = ();
    type Out = Emit<String>;

    async fn next(&mut self, _: &mut SpoutOutput<Emit<String>, ()>) -> squall_core::Result<Next> {
        Ok(Next::Idle)
    }
}

struct Split;

impl Bolt for Split {
    type In = String;
    type Out = ();

    async fn execute(&mut self, _: String, _: &mut Output<()>) -> squall_core::Result<()> {
        Ok(())
    }
}

fn plan() -> Plan {
    let mut topology = TopologyBuilder::new("words");
    let lines = topology.spout("lines", || Silence).output();
    topology.bolt("split", || Split).tasks(2).fields(lines, |line| line);
    topology.build().unwrap()
}

#[derive(askama::Template)]
#[template(source = "<p>{{ text }}</p>", ext = "html")]
struct Text<'a> {
    text: &'a str,
}

fn topology(running: Running) -> Topology {
    let letters = Page::new("/letters", "Letters", |view| async move {
        Html::of(&Text { text: view.query("q").unwrap_or("none") })
    });
    let broken = Card::new("Broken", || async { Err(Problem::unavailable("The store is away.")) });
    Topology {
        name: "words",
        about: "Splits lines",
        links: Vec::new(),
        pages: vec![letters.key('l')],
        cards: vec![Card::new("Letters", || async { Html::of(&Text { text: "<3> wait" }) }), broken],
        running,
        configured: Configured::new(plan()),
        own: Own(Vec::new()),
    }
}

/// A process that has been looked at.
async fn site() -> web::Data<Site> {
    let running = Running::start(plan(), Options::default()).unwrap();
    let lookout = Lookout::start().unwrap();
    let checks = Vec::new();
    let sight = Sight { name: "words", about: "Splits lines", life: 0, running: running.clone(), checks };
    lookout.look_at(vec![sight]);
    let mut seen = lookout.follow();
    let is_seen = |seen: &Arc<crate::seen::Seen>| {
        seen.topologies.iter().any(|topology| topology.status.state == TopologyState::Running)
    };
    seen.wait_for(is_seen).await.unwrap();
    let config = Arc::new(ConfigState::new(None, &Config::empty(), Vec::new()));
    let (orders, _nobody) = mpsc::channel(MOST_ORDERS);
    let topologies = vec![topology(running)];
    web::Data::new(Site::new("squall".into(), "1.2.3".into(), topologies, config, lookout, orders))
}

/// The answer to a request: its status, its `Location` and its body.
async fn ask(site: &web::Data<Site>, may_act: bool, request: TestRequest) -> (StatusCode, String, String) {
    let access = Access { token: None, may_act, may_tap: true, hosts: Vec::new() };
    let guard = Guard::new(access, Secret::new("made-by-chance"));
    let app = App::new().app_data(web::Data::clone(site)).app_data(web::Data::new(guard));
    let app = init_service(app.configure(|service| super::routes(service, site))).await;
    let response = call_service(&app, request.to_request()).await;
    let location = response.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
    let status = response.status();
    (status, location.unwrap_or_default(), String::from_utf8(read_body(response).await.to_vec()).unwrap())
}

async fn get(site: &web::Data<Site>, path: &str) -> String {
    let (status, _, body) = ask(site, true, TestRequest::get().uri(path)).await;
    assert_eq!(status, 200, "{path}");
    body
}

async fn post(site: &web::Data<Site>, path: &str, form: &str) -> (StatusCode, String, String) {
    let form = form.to_owned();
    let request = TestRequest::post()
        .uri(path)
        .insert_header(("content-type", "application/x-www-form-urlencoded"))
        .set_payload(form);
    ask(site, true, request).await
}

#[actix_web::test]
async fn the_overview_says_that_all_is_well_and_how_much_there_is() {
    let page = get(&site().await, "/").await;

    assert!(page.contains("No findings. 1 topology, 2 components, 3 tasks."), "{page}");
    assert!(page.contains("&#60;3&#62; wait") && page.contains("It cannot be shown: The store is away."));
}

#[actix_web::test]
async fn every_page_has_the_frame_and_its_place_in_the_navigation() {
    let site = site().await;
    for (path, here) in [
        ("/", "Overview"),
        ("/components?q=spl&sort=name", "Components"),
        ("/t/words/c/split?w=1h", "Components"),
        ("/letters?q=a%3Cb", "Letters"),
    ] {
        let page = get(&site, path).await;

        assert!(page.starts_with("<!doctype html>"), "{path}");
        let (_, current) = page.split_once("aria-current=\"page\"").expect(path);
        let (entry, _) = current.split_once("</a>").unwrap();
        assert!(entry.contains(here), "{path}: {entry}");
    }
    assert!(get(&site, "/letters?q=a%3Cb").await.contains("<p>a&#60;b</p>"));
}

#[actix_web::test]
async fn components_are_filtered_and_sorted_by_the_address() {
    let site = site().await;

    let filtered = get(&site, "/components?q=SPLIT+bolt").await;
    assert!(filtered.contains("/t/words/c/split") && !filtered.contains("/t/words/c/lines"));

    let sorted = get(&site, "/components?sort=tasks&order=descending").await;
    let place = |name: &str| sorted.find(&format!("data-href=\"/t/words/c/{name}\"")).unwrap();
    assert!(place("split") < place("lines"));
}

#[actix_web::test]
async fn what_is_not_there_is_a_page_that_says_so() {
    let site = site().await;
    for path in
        ["/t/words/c/nobody", "/t/nobody/c/split", "/t/nobody/pause", "/t/words/c/split/tasks/x/restart"]
    {
        let (status, _, page) = ask(&site, true, TestRequest::get().uri(path)).await;

        assert_eq!(status, 404, "{path}");
        assert!(page.contains("<h1>Not Found</h1>"), "{path}");
    }
}

#[actix_web::test]
async fn a_form_says_what_will_happen_and_what_to_type() {
    let site = site().await;

    let page = get(&site, "/t/words/c/split/rebalance?parallelism=4").await;

    assert!(page.contains("4 tasks go on instead of 2"), "{page}");
    assert!(page.contains("Mind: <code>split</code> is reached by"), "{page}");
    assert!(page.contains("squall ctl rebalance words split=4"));
    assert_eq!(site.topologies[0].running.status().component("split").unwrap().tasks, 2);
}

#[actix_web::test]
async fn a_form_does_what_it_says_and_leads_back_and_is_written_down() {
    let site = site().await;

    let form = "parallelism=3&back=%2Fcomponents%3Fq%3Ds";
    let (status, location, _) = post(&site, "/t/words/c/split/rebalance", form).await;

    assert_eq!((status.as_u16(), location.as_str()), (303, "/components?q=s"));
    assert_eq!(site.topologies[0].running.status().component("split").unwrap().tasks, 3);
    let events = site.lookout.journal().newest(1, |event| event.kind == "rebalance");
    assert_eq!((events[0].who.as_deref(), events[0].ok), (Some("anonymous"), true));
}

#[actix_web::test]
async fn a_topology_is_killed_only_by_its_name() {
    let site = site().await;

    let (status, _, page) = post(&site, "/t/words/kill", "confirm=word").await;

    assert_eq!(status, 422);
    assert!(
        page.contains("role=\"alert\"") && page.contains("type <code>words</code> to confirm it"),
        "{page}"
    );
    assert_ne!(site.topologies[0].running.status().state, TopologyState::Stopping);

    let (status, location, _) = post(&site, "/t/words/kill", "confirm=words").await;
    assert_eq!((status.as_u16(), location.as_str()), (303, "/t/words"));
}

#[actix_web::test]
async fn where_nothing_may_be_changed_no_page_offers_to() {
    let site = site().await;
    for path in ["/", "/t/words/c/lines"] {
        let (_, _, page) = ask(&site, false, TestRequest::get().uri(path)).await;

        assert!(!page.contains("data-action") && page.contains("Read-only"), "{path}");
        assert!(get(&site, path).await.contains("data-action"), "{path}");
    }
}

#[actix_web::test]
async fn an_asset_is_kept_by_browsers_as_long_as_its_address_stands_for_it() {
    let site = site().await;
    let app = init_service(App::new().app_data(web::Data::clone(&site)).configure(assets::routes)).await;
    for (query, is_kept) in [(format!("?v={}", assets::version()), true), ("?v=0".to_owned(), false)] {
        let request = TestRequest::get().uri(&format!("/assets/squall.css{query}")).to_request();
        let response = call_service(&app, request).await;

        assert_eq!(response.status(), 200);
        assert_eq!(response.headers().contains_key(CACHE_CONTROL), is_kept);
    }
    let page = get(&site, "/").await;
    assert!(page.contains(&format!("/assets/squall.js?v={}", assets::version())));
}

#[test]
fn style_and_script_stay_small() {
    let (style, script) = (include_str!("../../assets/squall.css"), include_str!("../../assets/squall.js"));

    assert!(style.len() + script.len() < 45_000, "{} + {}", style.len(), script.len());
    assert!(style.lines().count() <= 400 && script.lines().count() <= 420);
}
