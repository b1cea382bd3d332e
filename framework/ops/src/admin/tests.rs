mod document;
mod doing;
mod following;
mod seeing;
mod tapping;

use std::sync::Arc;

use actix_web::App;
use actix_web::body::{BodySize, BoxBody, MessageBody as _};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web;
use serde_json::Value;
use squall_core::{Bolt, Emit, Next, Output, Result, Spout, SpoutOutput};
use squall_runtime::{Options, Running};
use squall_topology::{Config, Secret, TopologyBuilder};
use tokio::sync::mpsc;

use crate::access::Access;
use crate::admin::{self, Ticks};
use crate::http::{Guard, Streams};
use crate::lookout::{Lookout, Sight};
use crate::metrics::Own;
use crate::problem;
use crate::reload::{ConfigState, Configured, MOST_ORDERS};
use crate::site::{Site, Topology};

/// A letter as it goes from task to task.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Letter {
    number: u64,
    password: String,
}

/// Writes letters until nobody takes them any more.
struct Writer(u64);

impl Spout for Writer {
    type Id = u64;
    type Out = Emit<Letter>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<Letter>, u64>) -> Result<Next> {
        self.0 += 1;
        out.track(self.0).emit(Letter { number: self.0, password: "hunter2".into() });
        Ok(Next::Emitted)
    }
}

struct Reader;

impl Bolt for Reader {
    type In = Letter;
    type Out = ();

    async fn execute(&mut self, _: Letter, _: &mut Output<()>) -> Result {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        Ok(())
    }
}

/// A process with the topology `post`, in which `read` reads by number what `write` writes.
struct Process {
    site: web::Data<Site>,
    streams: Streams,
    may_tap: bool,
}

impl Process {
    fn start() -> Self {
        let mut topology = TopologyBuilder::new("post");
        let letters = topology.spout("write", || Writer(0)).max_pending(16).output();
        topology.bolt("read", || Reader).tasks(2).fields_by(letters, |letter: &Letter| letter.number);
        let plan = topology.build().unwrap();
        let configured = Configured::new(plan.clone());
        let running = Running::start(plan, Options::default().threads(1)).unwrap();
        let (name, about) = ("post", "Passes letters on");
        let lookout = Lookout::start().unwrap();
        lookout.look_at(vec![Sight { name, about, life: 0, running: running.clone(), checks: Vec::new() }]);
        let (links, pages, cards) = (Vec::new(), Vec::new(), Vec::new());
        let topology =
            Topology { name, about, links, pages, cards, running, configured, own: Own::default() };
        let config = Arc::new(ConfigState::new(None, &Config::empty(), Vec::new()));
        let (orders, _nobody) = mpsc::channel(MOST_ORDERS);
        let site = Site::new("squall".into(), "1.2.3".into(), vec![topology], config, lookout, orders);
        Self { site: web::Data::new(site), streams: Streams::default(), may_tap: true }
    }

    fn running(&self) -> &Running {
        &self.site.topologies[0].running
    }

    async fn serve(
        &self,
    ) -> impl Service<actix_http::Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error> + use<>
    {
        let access = Access { token: None, may_act: true, may_tap: self.may_tap, hosts: Vec::new() };
        let guard = Guard::new(access, Secret::new("own"));
        let api = admin::api(&self.site);
        let app = App::new()
            .app_data(web::Data::clone(&self.site))
            .app_data(web::Data::new(guard))
            .app_data(web::Data::new(self.streams.clone()))
            .app_data(web::Data::<Ticks>::default())
            .configure(problem::extractors)
            .configure(|service| api.routes(service));
        init_service(app).await
    }

    /// Asks, and returns the answer.
    async fn ask(&self, request: TestRequest) -> Answer {
        let app = self.serve().await;
        let response = call_service(&app, request.to_request()).await;
        let status = response.status().as_u16();
        let etag = response.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
        let body = read_body(response).await;
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answer { status, etag, json }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(TestRequest::get().uri(path)).await
    }

    async fn post(&self, path: &str) -> Answer {
        self.ask(post(path)).await
    }

    /// Begins to read a stream.
    async fn read(&self, request: TestRequest) -> Reading {
        let app = self.serve().await;
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers().get("content-type").unwrap(), "text/event-stream");
        assert_eq!(response.headers().get("x-accel-buffering").unwrap(), "no");
        let body = response.into_body();
        assert_eq!(body.size(), BodySize::Stream);
        Reading { body, rest: String::new() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.running().kill();
    }
}

fn post(path: &str) -> TestRequest {
    TestRequest::default().method(Method::POST).uri(path)
}

/// What was answered.
#[derive(Debug)]
struct Answer {
    status: u16,
    etag: Option<String>,
    json: Value,
}

/// A stream that is read.
struct Reading {
    body: BoxBody,
    rest: String,
}

/// One event of a stream.
#[derive(Debug)]
struct Told {
    name: String,
    id: Option<u64>,
    data: Value,
}

impl Reading {
    /// The next event that is not a comment; none at the end of the stream.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((event, rest)) = self.rest.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.rest = rest;
                let field =
                    |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                let Some(name) = field("event").map(str::to_owned) else { continue };
                let id = field("id").map(|id| id.rsplit('-').next().unwrap().parse().unwrap());
                let data = serde_json::from_str(field("data").unwrap()).unwrap();
                return Some(Told { name, id, data });
            }
            let bytes = std::future::poll_fn(|cx| std::pin::Pin::new(&mut self.body).poll_next(cx)).await?;
            self.rest.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
        }
    }

    /// The next event with this name.
    async fn named(&mut self, name: &str) -> Told {
        loop {
            let told = self.next().await.unwrap_or_else(|| panic!("the stream ended before a {name}"));
            if told.name == name {
                return told;
            }
        }
    }
}
