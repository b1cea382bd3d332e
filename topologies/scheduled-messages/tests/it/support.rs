//! A server with the routes, a receiver that answers as it is told, and messages.

use std::collections::{BTreeMap, VecDeque};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jiff::Timestamp;
use squall::RetryPolicy;
use squall_connect::sql::Options;
use squall_ops::{Form, Html, Page, Problem, Submitted, View};
use squall_scheduled_messages::{
    Deliveries, Destination, Destinations, Filter, Flow, MessageId, NewMessage, State, Store, Webhook, pages,
    routes,
};
use tokio::sync::mpsc;

pub(crate) async fn store(folder: &Path) -> Store {
    Store::open(Options::file(folder.join("messages.sqlite3"))).await.unwrap()
}

/// What arrived in the inbox of this folder.
pub(crate) async fn deliveries(folder: &Path) -> Deliveries {
    Deliveries::open(folder.join("inbox.sqlite3")).await.unwrap()
}

pub(crate) fn message(destination: &str, due_at: Timestamp) -> NewMessage {
    NewMessage::new("me", destination, "Hello", due_at)
}

/// The ids of all messages that wait for an instant, or are on their way.
pub(crate) async fn unfinished(store: &Store) -> Vec<MessageId> {
    let states = State::ALL.into_iter().filter(|state| state.is_queued()).collect();
    let filter = Filter { states, ..Filter::default() };
    store.list(filter, None, 500).await.unwrap().into_iter().map(|message| message.id).collect()
}

/// Retries soon enough for a test.
pub(crate) fn soon() -> RetryPolicy {
    RetryPolicy { attempts: 3, backoff: Duration::from_millis(2), ..RetryPolicy::default() }
}

/// The routes of the topology on a free port.
pub(crate) struct Site {
    pub(crate) url: String,
    pub(crate) destinations: Destinations,
    pub(crate) pages: Vec<Page>,
    server: ServerHandle,
}

impl Site {
    pub(crate) async fn start(folder: &Path, store: &Store, webhooks: &[(&str, &str)]) -> Self {
        let configured = webhooks
            .iter()
            .map(|(name, url)| {
                let webhook: Box<dyn Destination> = Box::new(Webhook::new(url).unwrap());
                ((*name).to_owned(), webhook)
            })
            .collect();
        Self::to(folder, store, configured).await
    }

    /// With these destinations beside the inbox.
    pub(crate) async fn to(
        folder: &Path,
        store: &Store,
        configured: BTreeMap<String, Box<dyn Destination>>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let destinations = Destinations::new(configured, &url).unwrap();
        let (deliveries, flow) = (deliveries(folder).await, Flow::default());
        let routes = routes(store, &destinations, &deliveries, &flow);
        let pages = pages(store, &destinations, &deliveries, &flow);
        let shown = pages.clone();
        let server = HttpServer::new(move || {
            App::new()
                .configure(squall_ops::problem::extractors)
                .configure(routes.clone())
                .configure(|site| show(site, &shown))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { url, destinations, pages, server: handle }
    }

    pub(crate) async fn stop(self) {
        self.server.stop(true).await;
    }
}

/// Serves pages without the frame that the binary puts around them.
fn show(site: &mut web::ServiceConfig, pages: &[Page]) {
    for page in pages {
        let (path, page, posted) = (page.path().to_owned(), page.clone(), page.clone());
        let get = move |view: View| {
            let page = page.clone();
            async move { page.render(view).await.map(|html| answer(StatusCode::OK, &html)) }
        };
        let post = move |view: View, form: web::Form<Vec<(String, String)>>| {
            let page = posted.clone();
            async move {
                let form = Form::of(&url_of(&form));
                match page.submit(view, form).unwrap().await? {
                    Submitted::SeeOther(path) => {
                        Ok::<_, Problem>(HttpResponse::SeeOther().insert_header(("location", path)).finish())
                    }
                    Submitted::Page(status, html) => Ok(answer(status, &html)),
                }
            }
        };
        site.service(web::resource(path).route(web::get().to(get)).route(web::post().to(post)));
    }
}

fn answer(status: StatusCode, html: &Html) -> HttpResponse {
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html.to_string())
}

fn url_of(fields: &[(String, String)]) -> String {
    let mut url = reqwest::Url::parse("http://here/").unwrap();
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

/// What a receiver got.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) key: String,
    pub(crate) body: serde_json::Value,
    pub(crate) at: Timestamp,
}

/// An answer that never comes.
pub(crate) const NO_ANSWER: u16 = 0;

/// A receiver that gives the answers it is told to, then 204.
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) arrivals: mpsc::UnboundedReceiver<Received>,
    server: ServerHandle,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // Stopping is best effort: the test is over.
        drop(self.server.stop(false));
    }
}

struct Script {
    answers: Mutex<VecDeque<u16>>,
    arrived: mpsc::UnboundedSender<Received>,
}

impl Receiver {
    pub(crate) fn start(answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let script = web::Data::from(Arc::new(Script {
            answers: Mutex::new(answers.iter().copied().collect()),
            arrived,
        }));
        let server = HttpServer::new(move || {
            App::new().app_data(web::Data::clone(&script)).route("/hook", web::post().to(receive))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { url, arrivals, server: handle }
    }
}

async fn receive(script: web::Data<Script>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let key = request.headers().get("Idempotency-Key").unwrap().to_str().unwrap().to_owned();
    let body = serde_json::from_slice(&body).unwrap();
    script.arrived.send(Received { key, body, at: Timestamp::now() }).unwrap();
    let status = script.answers.lock().unwrap().pop_front().unwrap_or(204);
    if status == NO_ANSWER {
        std::future::pending::<()>().await;
    }
    let mut answer = HttpResponse::build(StatusCode::from_u16(status).unwrap());
    if (300..400).contains(&status) {
        answer.insert_header(("location", "/hook"));
    }
    answer.finish()
}
