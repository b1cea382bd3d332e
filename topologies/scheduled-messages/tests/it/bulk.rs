//! Many messages with one request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use actix_web::web;
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use squall_scheduled_messages::{Draft, Filter, Request};

use crate::client::{Caller, ask, draft, draft_with};

const PATH: &str = "/api/v1/messages/bulk";

fn post(caller: &Caller, lines: impl Into<reqwest::Body>) -> RequestBuilder {
    caller.request(Method::POST, PATH).header("content-type", "application/x-ndjson").body(lines)
}

/// Every line of the answer.
async fn answers(request: RequestBuilder) -> Vec<Value> {
    let answer = ask(request).await;
    assert_eq!((answer.status, answer.kind()), (200, "application/x-ndjson"), "{}", answer.text);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn stored(caller: &Caller) -> usize {
    caller.store.list(Filter::default(), None, 10_000).await.unwrap().len()
}

#[actix_web::test]
async fn every_line_is_answered_in_order_and_a_bad_one_stops_no_other() {
    let caller = Caller::start().await;
    let lines = [
        draft().to_string().into_bytes(),
        b"{\"account\":".to_vec(),
        draft_with("destination", json!("hok")).to_string().into_bytes(),
        b"".to_vec(),
        b"{\"account\": \"me\xff\"}".to_vec(),
        b"[1, 2]".to_vec(),
        draft_with("colour", json!("red")).to_string().into_bytes(),
        draft_with("text", json!("x".repeat(65_537))).to_string().into_bytes(),
        vec![b'x'; 300_000],
        b"{\"account\":\"me\",\"account\":\"you\"}".to_vec(),
        [b"[".repeat(10_000), b"]".repeat(10_000)].concat(),
        draft_with("in", json!("-5s")).to_string().into_bytes(),
        draft_with("idempotency_key", json!("\u{fc}")).to_string().into_bytes(),
        draft().to_string().into_bytes(),
    ];

    let answers = answers(post(&caller, lines.join(&b'\n'))).await;

    let told: Vec<_> = answers
        .iter()
        .map(|answer| {
            let pointer = answer["errors"][0]["pointer"].as_str().unwrap_or("-");
            (answer["line"].as_u64().unwrap(), answer["status"].as_u64().unwrap(), pointer)
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, 201, "-"),
            (2, 400, "-"),
            (3, 422, "/destination"),
            (5, 400, "-"),
            (6, 422, ""),
            (7, 422, "/colour"),
            (8, 422, "/text"),
            (9, 413, "-"),
            (10, 422, ""),
            (11, 422, ""),
            (12, 422, "/in"),
            (13, 422, "/idempotency_key"),
            (14, 201, "-"),
        ]
    );
    assert_eq!(
        caller.get(&format!("/api/v1/messages/{}", answers[12]["id"].as_str().unwrap())).await.status,
        200
    );
    assert_eq!(stored(&caller).await, 2);
    caller.stop().await;
}

#[actix_web::test]
async fn a_request_that_is_repeated_with_its_keys_stores_nothing_twice() {
    let caller = Caller::start().await;
    let line = |key: &str, text: &str| {
        let mut draft = draft_with("idempotency_key", json!(key));
        draft["text"] = json!(text);
        format!("{draft}\n")
    };
    let lines = line("a", "one") + &line("b", "two") + &line("a", "one") + &line("b", "other");

    let first = answers(post(&caller, lines.clone())).await;
    let again = answers(post(&caller, lines)).await;
    let alone = caller.sending(Method::POST, "/api/v1/messages", &draft_with("text", json!("one")));
    let alone = ask(alone.header("idempotency-key", "a")).await;

    let statuses =
        |answers: &[Value]| answers.iter().map(|it| it["status"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(statuses(&first), [201, 201, 200, 409]);
    assert_eq!(statuses(&again), [200, 200, 200, 409]);
    assert_eq!(first[0]["id"], first[2]["id"]);
    assert_eq!(first[3]["type"], "/problems/key-taken");
    assert_eq!([&again[0]["id"], &again[1]["id"]], [&first[0]["id"], &first[1]["id"]]);
    assert_eq!((alone.status, &alone.body["id"]), (200, &first[0]["id"]));
    assert_eq!(stored(&caller).await, 2);
    caller.stop().await;
}

#[actix_web::test]
async fn a_repetition_that_comes_when_the_instant_has_passed_is_known_all_the_same() {
    let caller = Caller::start().await;
    let past = Timestamp::from_second(Timestamp::now().as_second() - 3600).unwrap();
    let draft = Draft {
        account: Some("me".into()),
        destination: Some("inbox".into()),
        text: Some("Hello".into()),
        due_at: Some(past.to_string()),
        ..Draft::default()
    };
    let request = Request { key: "a".into(), content: serde_json::to_string(&draft).unwrap() };
    let message = crate::support::message("inbox", past);
    caller.store.insert_once(message, Some(request), "test").await.unwrap();
    let mut line = serde_json::to_value(&draft).unwrap();
    line["idempotency_key"] = json!("a");

    let known = answers(post(&caller, line.to_string())).await;
    let alone = caller.post("/api/v1/messages", line).await;

    assert_eq!(known[0]["status"], 200, "{known:?}");
    assert_eq!((alone.status, &alone.body["id"]), (200, &known[0]["id"]));
    caller.stop().await;
}

#[actix_web::test]
async fn lines_beyond_the_limit_are_not_read() {
    let caller = Caller::start().await;
    let lines = format!("{}\n{}{}\n", draft(), "\n".repeat(99_999), draft());

    let answers = answers(post(&caller, lines)).await;

    let told: Vec<_> = answers.iter().map(|it| (it["line"].as_u64(), it["status"].as_u64())).collect();
    assert_eq!(told, [(Some(1), Some(201)), (Some(100_001), Some(413))]);
    assert_eq!(stored(&caller).await, 1);
    caller.stop().await;
}

#[actix_web::test]
async fn another_media_type_is_refused() {
    let caller = Caller::start().await;

    for kind in ["application/json", "text/plain", ""] {
        let answer = ask(caller.request(Method::POST, PATH).header("content-type", kind).body("{}")).await;
        assert_eq!(answer.problem().0, 415, "{kind}");
    }
    caller.stop().await;
}

/// A connection on which a body is written by hand.
struct Slow(BufReader<TcpStream>);

impl Slow {
    fn open(url: &str, length: usize) -> Self {
        let address = url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST {PATH} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-ndjson\r\ncontent-length: {length}\r\n\r\n"
        )
        .unwrap();
        Self(BufReader::new(stream))
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// Reads until this many lines of JSON have come, with what is around them.
    fn lines(&mut self, count: usize) -> Vec<Value> {
        let mut lines = Vec::new();
        let mut line = String::new();
        while lines.len() < count {
            line.clear();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the answer broke off after {lines:?}");
            if line.starts_with('{') {
                lines.push(serde_json::from_str(&line).unwrap());
            }
        }
        lines
    }
}

#[actix_web::test]
async fn lines_are_answered_while_others_are_still_to_come_and_half_a_line_is_not_stored() {
    let caller = Caller::start().await;
    let url = caller.site.url.clone();
    let line = format!("{}\n", draft());

    let told = web::block(move || {
        let mut slow = Slow::open(&url, 1_000_000);
        slow.send(line.repeat(3).as_bytes());
        let first = slow.lines(3);
        slow.send(line.as_bytes());
        let second = slow.lines(1);
        slow.send(&line.as_bytes()[..20]);
        // The client goes away in the middle.
        drop(slow);
        [first, second].concat()
    })
    .await
    .unwrap();

    assert_eq!(told.iter().map(|answer| answer["line"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(told.iter().all(|answer| answer["status"] == 201), "{told:?}");
    caller.site.stop().await;
    assert_eq!(caller.store.list(Filter::default(), None, 10).await.unwrap().len(), 4);
}

#[actix_web::test]
async fn a_client_that_reads_nothing_before_it_has_sent_everything_is_answered() {
    let caller = Caller::start().await;
    let url = caller.site.url.clone();
    // Answers that fill every buffer between the two: a kibibyte each.
    let line = format!("{}\n", draft_with("text", json!("")));
    let lines = line.repeat(30_000);

    let (last, rest) = web::block(move || {
        let mut slow = Slow::open(&url, lines.len());
        slow.send(lines.as_bytes());
        let last = slow.lines(30_000).pop();
        let mut rest = [0; 7];
        slow.0.read_exact(&mut rest).unwrap();
        (last, rest)
    })
    .await
    .unwrap();

    assert_eq!(last.unwrap()["line"], 30_000);
    assert_eq!(&rest, b"\r\n0\r\n\r\n", "it ends as it should");
    caller.stop().await;
}
