mod strangers;

use std::convert::Infallible;
use std::future::Future;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::System;
use actix_web::rt::task::spawn_blocking;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use squall_topology::Secret;
use tokio::sync::{mpsc, oneshot};

use super::{Brought, Doors, Guard, Listener, StreamPermit, Streams};
use crate::access::Access;
use crate::lookout::Lookout;
use crate::openapi::Operations;
use crate::problem::{BODY_LIMIT, JsonBody, MEDIA_TYPE};
use crate::reload::{ConfigState, MOST_ORDERS};
use crate::site::Site;
use crate::{Problem, Routes};

/// What the process shows itself.
const OWN_TOKEN: &str = "made-by-chance";

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    pieces: u32,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn problem(&self) -> Value {
        assert!(self.head.contains(&format!("content-type: {MEDIA_TYPE}")), "{}", self.head);
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], self.status);
        problem
    }
}

impl From<String> for Answer {
    fn from(answer: String) -> Self {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }
}

/// Starts a server with one app's routes, sends it a request, and ends it.
fn ask(request: impl Into<String>) -> Answer {
    let request = request.into();
    serve(guard(unguarded()), |_| {}, move |addr| exchange(addr, &request)).into()
}

/// Starts a server with one app's routes, lets a client at it, and ends it.
fn serve<T: Send + 'static>(
    guard: Guard,
    change: impl FnOnce(&mut Listener),
    client: impl FnOnce(SocketAddr) -> T + Send + 'static,
) -> T {
    let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    change(&mut listener);
    let addr = listener.addr();
    System::new().block_on(async {
        let server = listener.serve(Doors::new(guard, site(), vec![routes()])).unwrap();
        let done = spawn_blocking(move || client(addr)).await;
        server.stop(|| false).await;
        done.unwrap()
    })
}

/// What is answered. A server that has had enough may have hung up before all is written, and still has answered.
fn exchange(addr: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    let written = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    if answer.is_empty() {
        written.and(read).unwrap();
    }
    String::from_utf8(answer).unwrap()
}

/// As on loopback without a word in the configuration.
fn unguarded() -> Access {
    Access { token: None, may_act: true, may_tap: true, hosts: Vec::new() }
}

fn guard(access: Access) -> Guard {
    Guard::new(access, Secret::new(OWN_TOKEN))
}

/// A process without topologies.
fn site() -> Arc<Site> {
    let config = Arc::new(ConfigState::new(None, &squall_topology::Config::empty(), Vec::new()));
    let (orders, _nobody) = mpsc::channel(MOST_ORDERS);
    Arc::new(Site::new("squall".into(), "0.0.0".into(), vec![], config, Lookout::start().unwrap(), orders))
}

fn routes() -> Brought {
    let routes: Routes = Arc::new(|site| {
        let order =
            async |order: JsonBody<Order>| HttpResponse::Ok().body(format!("{} pieces", order.0.pieces));
        site.service(web::resource("/orders").route(web::post().to(order)));
        let piece = async |number: web::Path<u32>| HttpResponse::Ok().body(number.to_string());
        site.service(web::resource("/pieces/{number}").route(web::get().to(piece)));
        let page = async |order: web::Query<Order>| HttpResponse::Ok().body(order.pieces.to_string());
        site.service(web::resource("/search").route(web::get().to(page)));
        site.service(web::resource("/silence").route(web::get().to(silence)));
    });
    Brought { name: "shop", about: "Sells", routes: Some(routes), operations: Operations::default() }
}

/// A greeting, and then nothing until all streams have to end.
struct Silence {
    greeting: Option<Bytes>,
    closed: Pin<Box<dyn Future<Output = ()>>>,
    _permit: StreamPermit,
}

impl MessageBody for Silence {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        match self.greeting.take() {
            Some(greeting) => Poll::Ready(Some(Ok(greeting))),
            None => self.closed.as_mut().poll(context).map(|()| None),
        }
    }
}

async fn silence(streams: web::Data<Streams>) -> Result<HttpResponse, Problem> {
    let greeting = Some(Bytes::from_static(b": hello\n\n"));
    let body = Silence { greeting, _permit: streams.open()?, closed: Box::pin(streams.closed()) };
    Ok(HttpResponse::Ok().content_type("text/event-stream").body(body))
}

fn get(path: &str) -> Answer {
    ask(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
}

fn post(media_type: &str, body: &str) -> Answer {
    ask(format!(
        "POST /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    ))
}

#[test]
fn an_order_is_taken() {
    let answer = post("application/json", r#"{"pieces": 3}"#);

    assert_eq!((answer.status, answer.body.as_str()), (200, "3 pieces"));
}

#[test]
fn a_path_that_nobody_serves_is_a_404_that_names_it() {
    let answer = get("/nothing");

    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.problem(),
        json!({"type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is nothing at /nothing."})
    );
}

#[test]
fn a_part_of_the_path_that_cannot_be_read_is_a_404_that_says_why() {
    let answer = get("/pieces/three");

    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.problem()["detail"],
        "There is nothing at /pieces/three: can not parse \"three\" to a u32."
    );
}

#[test]
fn a_method_that_is_not_served_is_a_405() {
    let answer = get("/orders");

    assert_eq!(answer.status, 405);
    assert_eq!(answer.problem()["detail"], "/orders does not answer to GET.");
}

#[test]
fn a_query_that_cannot_be_read_is_a_400() {
    let answer = get("/search?pieces=many");

    assert_eq!(answer.status, 400);
    assert_eq!(answer.problem()["detail"], "The query cannot be read: invalid digit found in string.");
}

#[test]
fn broken_json_is_a_400() {
    let answer = post("application/json", r#"{"pieces": "#);

    assert_eq!(answer.status, 400);
    assert!(answer.problem()["detail"].as_str().unwrap().contains("line 1 column"), "{}", answer.body);
}

#[test]
fn a_body_over_the_limit_is_a_413() {
    let answer = post("application/json", &" ".repeat(BODY_LIMIT + 1));

    assert_eq!(answer.status, 413);
    assert!(answer.problem()["detail"].as_str().unwrap().contains("at most"));
}

#[test]
fn another_media_type_is_a_415() {
    let answer = post("text/csv", "3");

    assert_eq!(answer.status, 415);
    assert_eq!(answer.problem()["detail"], "The body must be application/json, not text/csv.");
}

#[test]
fn a_wrong_value_is_a_422_with_its_place() {
    let answer = post("application/json", r#"{"pieces": "three"}"#);

    assert_eq!(answer.status, 422);
    assert_eq!(
        answer.problem()["errors"],
        json!([{"pointer": "/pieces", "detail": "invalid type: string \"three\", expected u32"}])
    );
}

#[test]
fn every_answer_has_the_security_headers() {
    for path in ["/", "/livez", "/nothing", "/api/v1/topologies", "/assets/squall.css"] {
        let head = get(path).head;

        assert!(head.contains("x-content-type-options: nosniff"), "{path}: {head}");
        assert!(head.contains("content-security-policy: default-src 'none';"), "{path}: {head}");
        assert!(head.contains("cache-control: no-store"), "{path}: {head}");
    }
}

#[test]
fn a_write_led_here_by_another_site_is_a_403() {
    let answer = ask(
        "POST /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n",
    );

    assert_eq!(answer.status, 403);
    answer.problem();
}

#[test]
fn a_write_from_another_origin_is_a_403() {
    let answer = ask(
        "POST /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: http://y\r\nContent-Length: 0\r\n\r\n",
    );

    assert_eq!(answer.status, 403);
    answer.problem();
}

#[test]
fn what_is_served_changes_while_the_server_runs() {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = listener.addr();
    System::new().block_on(async {
        let doors = Doors::new(guard(unguarded()), site(), vec![routes()]);
        let server = listener.serve(doors.clone()).unwrap();
        let ask = || {
            let request = "GET /pieces/3 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned();
            spawn_blocking(move || exchange(addr, &request))
        };

        let before = ask().await.unwrap();
        doors.change(site(), vec![]);
        let after = ask().await.unwrap();

        assert!(before.starts_with("HTTP/1.1 200"), "{before}");
        assert!(after.starts_with("HTTP/1.1 404"), "{after}");
        server.stop(|| false).await;
    });
}

#[test]
fn open_streams_end_in_good_order_with_the_server() {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = listener.addr();
    let (open, is_open) = oneshot::channel();
    let rest = System::new().block_on(async {
        let server = listener.serve(Doors::new(guard(unguarded()), site(), vec![routes()])).unwrap();
        let rest = spawn_blocking(move || {
            let mut stream = TcpStream::connect(addr).unwrap();
            stream.write_all(b"GET /silence HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            let mut seen = Vec::new();
            while !seen.ends_with(b": hello\n\n\r\n") {
                let mut bytes = [0];
                stream.read_exact(&mut bytes).unwrap();
                seen.extend(bytes);
            }
            open.send(()).unwrap();
            let mut rest = String::new();
            stream.read_to_string(&mut rest).unwrap();
            rest
        });
        is_open.await.unwrap();
        server.stop(|| false).await;
        rest.await.unwrap()
    });

    assert_eq!(rest, "0\r\n\r\n", "the last chunk, and then the end");
}
