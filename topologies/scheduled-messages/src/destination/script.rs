//! A server for tests that answers by a script.

use std::collections::{BTreeMap, VecDeque};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;

/// An answer that never comes.
pub(super) const SILENCE: u16 = 0;

/// One answer: a status, headers, a body.
#[derive(Clone, Debug)]
pub(super) struct Line(pub(super) u16, pub(super) &'static [(&'static str, &'static str)], pub(super) String);

/// Makes an answer of JSON.
pub(super) fn line(status: u16, body: &Value) -> Line {
    Line(status, &[], body.to_string())
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Value,
}

/// A server that answers each path, or each path with its authorization (`/path Bearer token`), with what stands in its
/// script, the last of it again and again.
pub(super) struct Script {
    pub(super) url: String,
    play: web::Data<Play>,
    server: ServerHandle,
}

#[derive(Default)]
struct Play {
    lines: Mutex<BTreeMap<&'static str, VecDeque<Line>>>,
    asked: Mutex<Vec<Asked>>,
}

impl Script {
    /// Starts it with a script for the ends of paths.
    pub(super) fn start<const N: usize>(lines: [(&'static str, Vec<Line>); N]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let lines = Mutex::new(lines.into_iter().map(|(path, lines)| (path, lines.into())).collect());
        let play = web::Data::from(Arc::new(Play { lines, asked: Mutex::default() }));
        let shared = web::Data::clone(&play);
        let server = HttpServer::new(move || {
            App::new().app_data(web::Data::clone(&shared)).default_service(web::to(answer))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { url, play, server: handle }
    }

    /// What was asked of the path that ends so, in order.
    pub(super) fn asked(&self, path: &str) -> Vec<Asked> {
        self.play.asked.lock().unwrap().iter().filter(|asked| asked.path.ends_with(path)).cloned().collect()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // Stopping is best effort: the test is over.
        drop(self.server.stop(false));
    }
}

async fn answer(play: web::Data<Play>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let headers: BTreeMap<_, _> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let token = headers.get("authorization").map_or("", String::as_str);
    let with_token = format!("{} {token}", request.path());
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let path = request.path().to_owned();
    play.asked.lock().unwrap().push(Asked { path: path.clone(), headers, body });
    let Line(status, headers, body) = {
        let mut lines = play.lines.lock().unwrap();
        let is_it = |end: &str| path.ends_with(end) || with_token.ends_with(end);
        let script = lines.iter_mut().find(|(end, _)| is_it(end)).expect("the script has this path").1;
        if script.len() > 1 { script.pop_front().unwrap() } else { script[0].clone() }
    };
    let mut answer = HttpResponse::build(StatusCode::from_u16(status.max(100)).unwrap());
    if status == SILENCE {
        std::future::pending::<()>().await;
    }
    for header in headers {
        answer.insert_header(*header);
    }
    answer.body(body)
}
