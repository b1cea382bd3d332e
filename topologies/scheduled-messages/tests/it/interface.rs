//! What the interface answers.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::support::{Site, store};

struct Answer {
    status: u16,
    kind: String,
    location: Option<String>,
    body: Value,
}

async fn ask(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, kind, location) =
        (response.status().as_u16(), header("content-type").unwrap_or_default(), header("location"));
    let body = response.bytes().await.unwrap();
    Answer { status, kind, location, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
}

fn post(url: &str, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
    client().post(format!("{url}/api/v1/messages")).header("content-type", "application/json").body(body)
}

fn client() -> reqwest::Client {
    squall_connect::http::Client::new(Default::default()).unwrap().into_inner()
}

#[actix_web::test]
async fn a_message_is_stored_and_can_be_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let site = Site::start(dir.path(), &store, &[]).await;
    let due_at = (Timestamp::now() + 1.hour()).to_string();
    let message = json!({"account": "me", "destination": "inbox", "text": "Hello", "due_at": due_at});

    let created = ask(post(&site.url, message.to_string())).await;
    let shown = ask(client().get(format!("{}{}", site.url, created.location.unwrap()))).await;

    assert_eq!(created.status, 201);
    assert_eq!(shown.status, 200);
    assert_eq!(created.body, shown.body);
    assert_eq!(shown.body["state"], "scheduled");
    assert_eq!(shown.body["attempts"], 0);
    assert_eq!(shown.body["sent_at"], Value::Null);
    let kept: Timestamp = shown.body["due_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(kept.as_microsecond(), due_at.parse::<Timestamp>().unwrap().as_microsecond());
    site.stop().await;
}

#[actix_web::test]
async fn what_is_wrong_is_answered_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let site = Site::start(dir.path(), &store, &[("hook", "http://127.0.0.1:9/")]).await;
    let message = json!({"account": "me", "destination": "inbox", "text": "Hello", "in": "1h"});
    let with = |key: &str, value: Value| {
        let mut message = message.clone();
        message[key] = value;
        message.to_string()
    };

    for (body, status, place, what) in [
        ("{".to_owned(), 400, "", "line 1"),
        (String::new(), 400, "", "not valid JSON"),
        ("[]".to_owned(), 422, "", "expected a JSON object"),
        (json!(["me", "inbox", "array!", null, "1s"]).to_string(), 422, "", "expected a JSON object"),
        (with("text", json!(7)), 422, "/text", "expected a string"),
        (with("url", json!("http://192.0.2.1/")), 422, "/url", "unknown field `url`"),
        (with("due_at", json!("2031-01-01T00:00:00Z")), 422, "/in", "given beside `due_at`"),
        (with("in", json!(null)), 422, "/due_at", "is missing"),
        (with("in", json!("soon")), 422, "/in", "expected a duration"),
        (with("destination", json!("hok")), 422, "/destination", "`hook`, `inbox`"),
        (with("text", json!("")), 422, "/text", "is empty"),
        (with("text", json!("x".repeat(65_537))), 422, "/text", "at most 65536"),
        (with("account", json!("a\u{7}b")), 422, "/account", "control"),
        (with("text", json!("x".repeat(300_000))), 413, "", "262144"),
    ] {
        let answer = ask(post(&site.url, body)).await;

        let text = answer.body.to_string();
        assert_eq!(answer.status, status, "{text}");
        assert_eq!(answer.kind, "application/problem+json");
        assert!(text.contains(what), "{text} does not say {what}");
        if !place.is_empty() {
            assert_eq!(answer.body["errors"][0]["pointer"], place, "{text}");
        }
    }
    assert_eq!(crate::support::unfinished(&store).await, [], "nothing of it was stored");
    site.stop().await;
}

#[actix_web::test]
async fn another_media_type_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::start(dir.path(), &store(dir.path()).await, &[]).await;

    let answer = ask(client().post(format!("{}/api/v1/messages", site.url)).body("{}")).await;

    assert_eq!(answer.status, 415);
    assert_eq!(answer.kind, "application/problem+json");
    site.stop().await;
}

#[actix_web::test]
async fn a_message_that_is_not_there_is_a_404() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::start(dir.path(), &store(dir.path()).await, &[]).await;

    for id in ["01890a5d-ac96-774b-bcce-b302099a8057", "seven", "..%2f..%2fetc"] {
        let answer = ask(client().get(format!("{}/api/v1/messages/{id}", site.url))).await;
        assert_eq!((answer.status, answer.kind.as_str()), (404, "application/problem+json"), "{id}");
    }
    site.stop().await;
}

#[actix_web::test]
async fn a_request_repeated_with_its_key_stores_one_message() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let site = Site::start(dir.path(), &store, &[]).await;
    let body =
        |text: &str| json!({"account": "me", "destination": "inbox", "text": text, "in": "1h"}).to_string();
    let with_key = |text: &str, key: &str| post(&site.url, body(text)).header("Idempotency-Key", key);

    let first = ask(with_key("Hello", "K")).await;
    let again = ask(with_key("Hello", "K")).await;
    let other = ask(with_key("Bye", "K")).await;
    let next = ask(with_key("Hello", "L")).await;
    let too_long = ask(with_key("Hello", &"x".repeat(256))).await;

    assert_eq!((first.status, again.status, next.status), (201, 200, 201));
    assert_eq!((again.body, again.location), (first.body, first.location));
    assert_eq!((other.status, other.kind.as_str()), (409, "application/problem+json"));
    assert_eq!((too_long.status, too_long.kind.as_str()), (400, "application/problem+json"));
    assert_eq!(crate::support::unfinished(&store).await.len(), 2);
    site.stop().await;
}

#[actix_web::test]
async fn of_requests_with_one_key_at_the_same_time_one_stores_its_message() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let site = Site::start(dir.path(), &store, &[]).await;
    let body = json!({"account": "me", "destination": "inbox", "text": "Hello", "in": "1h"}).to_string();

    let requests = (0..8).map(|_| ask(post(&site.url, body.clone()).header("Idempotency-Key", "K")));
    let answers = futures_util::future::join_all(requests).await;

    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201]);
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    site.stop().await;
}
