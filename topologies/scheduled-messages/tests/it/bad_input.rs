//! What nobody should send: a clear answer, and nothing of it is stored.

use std::io::{Read, Write};
use std::net::TcpStream;

use actix_web::web;
use jiff::{Timestamp, ToSpan};
use reqwest::Method;
use serde_json::{Value, json};
use squall_scheduled_messages::Filter;

use crate::client::{Answer, Caller, ask, draft, draft_with, path};

const MESSAGES: &str = "/api/v1/messages";

async fn raw(caller: &Caller, body: impl Into<reqwest::Body>) -> Answer {
    let request = caller.request(Method::POST, MESSAGES).header("content-type", "application/json");
    ask(request.body(body)).await
}

async fn is_empty(caller: &Caller) -> bool {
    caller.store.list(Filter::default(), None, 1).await.unwrap().is_empty()
}

/// A message that is to be sent at a time that is told like this.
fn at(time: Value) -> Value {
    let mut draft = draft();
    draft["in"] = Value::Null;
    for (field, value) in time.as_object().unwrap() {
        draft[field] = value.clone();
    }
    draft
}

#[actix_web::test]
async fn times_that_make_no_sense_are_refused_with_what_was_expected() {
    let caller = Caller::start().await;

    for (time, pointer, what) in [
        (json!({"due_at": "2001-01-01T00:00:00Z"}), "/due_at", "not_after"),
        (json!({"due_at": "2001-01-01T00:00:00Z", "not_after": "1h"}), "/not_after", "has passed"),
        (json!({"due_at": "10000-01-01T00:00:00Z"}), "/due_at", "not an instant"),
        (json!({"due_at": "2031-01-01T00:00:00"}), "/due_at", "no offset"),
        (json!({"in": "-5s"}), "/in", "duration"),
        (json!({"in": "9000 years"}), "/in", "10000"),
        (json!({"in": "1h", "not_after": "-1h"}), "/not_after", "neither"),
        (json!({"in": "1h", "not_after": "2001-01-01T00:00:00Z"}), "/not_after", "before the message is due"),
        (json!({"in": "1h", "not_after": "9000 years"}), "/not_after", "10000"),
        (json!({"wall": "2031-01-01T09:00"}), "/zone", "is missing"),
        (json!({"zone": "Europe/Berlin"}), "/wall", "is missing"),
        (json!({"wall": "2031-01-01T09:00", "zone": "Europe/Berln"}), "/zone", "Europe/Berlin"),
        (json!({"wall": "2031-01-01T09:00", "zone": "+01:00"}), "/zone", "due_at"),
        (json!({"wall": "2031-01-01T09:00", "zone": "../../etc/passwd"}), "/zone", "not a time zone"),
        (json!({"wall": "2031-02-30T09:00", "zone": "Europe/Berlin"}), "/wall", "the days 1 to 28"),
        (json!({"wall": "2031-01-01T25:00", "zone": "Europe/Berlin"}), "/wall", "the hour 25"),
        (json!({"wall": "9999-12-31T23:59", "zone": "America/New_York"}), "/wall", "10000"),
        (json!({"wall": "2031-01-01T09:00Z", "zone": "Europe/Berlin"}), "/wall", "offset"),
        (json!({"wall": "2031-01-01T09:00", "zone": "Europe/Berlin", "fold": "both"}), "/fold", "earlier"),
        (json!({"due_at": "2031-01-01T00:00:00Z", "in": "5s"}), "/in", "beside"),
    ] {
        let answer = caller.post(MESSAGES, at(time)).await;

        assert_eq!((answer.problem().0, answer.pointer()), (422, pointer), "{}", answer.text);
        assert!(answer.text.contains(what), "{} does not say {what}", answer.text);
    }
    assert!(is_empty(&caller).await);
    caller.stop().await;
}

#[actix_web::test]
async fn what_is_late_but_not_too_late_is_taken_to_be_sent_at_once() {
    let caller = Caller::start().await;
    let due_at = Timestamp::now() - 2.hours();

    let answer = caller.post(MESSAGES, at(json!({"due_at": due_at.to_string(), "not_after": "3h"}))).await;

    assert_eq!(answer.status, 201, "{}", answer.text);
    assert!(answer.body["due_at"].as_str().unwrap().parse::<Timestamp>().unwrap() < Timestamp::now());
    caller.stop().await;
}

#[actix_web::test]
async fn wall_times_that_clocks_skip_or_repeat_are_taken_by_the_rule_and_the_answer_says_so() {
    let caller = Caller::start().await;

    let berlin = |wall: &str| at(json!({"wall": wall, "zone": "Europe/Berlin"}));
    let skipped = caller.post(MESSAGES, berlin("2031-03-30T02:30")).await;
    let twice = caller.post(MESSAGES, berlin("2031-10-26T02:30")).await;
    let once = caller.post(MESSAGES, berlin("2031-06-01T02:30")).await;

    assert_eq!(skipped.body["due_at"], "2031-03-30T01:30:00Z");
    assert!(skipped.body["note"].as_str().unwrap().contains("moved to 2031-03-30T03:30"), "{}", skipped.text);
    assert_eq!(twice.body["due_at"], "2031-10-26T00:30:00Z");
    assert!(twice.body["note"].as_str().unwrap().contains("the first was taken"), "{}", twice.text);
    assert_eq!((once.body.get("note"), &once.body["zone"]), (None, &json!("Europe/Berlin")));
    caller.stop().await;
}

#[actix_web::test]
async fn text_that_a_destination_does_not_take_and_accounts_it_does_not_know_are_refused_at_once() {
    let mut password = tempfile::NamedTempFile::new().unwrap();
    password.write_all(b"the password").unwrap();
    let caller = Caller::configured(&format!(
        "[destinations.sky]
         type = 'bluesky'
         service = 'http://127.0.0.1:9'
         [destinations.sky.accounts.me]
         identifier = 'me.test'
         password = {{ file = '{}' }}",
        password.path().display()
    ))
    .await;
    let to_sky = |account: &str, text: String| {
        let mut draft = draft_with("destination", json!("sky"));
        draft["account"] = json!(account);
        draft["text"] = json!(text);
        draft
    };
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";

    let fits = caller.post(MESSAGES, to_sky("me", family.repeat(100))).await;
    let too_long = caller.post(MESSAGES, to_sky("me", "x".repeat(301))).await;
    let too_heavy = caller.post(MESSAGES, to_sky("me", family.repeat(200))).await;
    let unknown = caller.post(MESSAGES, to_sky("you", "Hello".into())).await;
    let id = squall_scheduled_messages::MessageId::parse(fits.body["id"].as_str().unwrap()).unwrap();
    let edited = caller.patch(id, json!({"text": "x".repeat(301)})).await;

    assert_eq!(fits.status, 201, "{}", fits.text);
    for (answer, pointer, what) in [
        (&too_long, "/text", "300"),
        (&too_heavy, "/text", "3000"),
        (&unknown, "/account", "you"),
        (&edited, "/text", "300"),
    ] {
        assert_eq!((answer.problem().0, answer.pointer()), (422, pointer), "{}", answer.text);
        assert!(answer.text.contains(what), "{}", answer.text);
    }
    for answer in [&fits, &too_long, &unknown, &edited, &caller.get("/api/v1/overview").await] {
        assert!(!answer.text.contains("the password"), "{}", answer.text);
    }
    caller.stop().await;
}

#[actix_web::test]
async fn json_that_is_not_what_is_expected_is_refused_with_its_place() {
    let caller = Caller::start().await;

    for (body, status, what) in [
        (br#"{"account": "me", "account": "you"}"#.to_vec(), 422, "duplicate field"),
        (b"\xff\xfe".to_vec(), 400, "not valid JSON"),
        (b"{\"account\": \"\xc3\"}".to_vec(), 400, "not valid JSON"),
        (br#"{"account": "\ud800"}"#.to_vec(), 400, "not valid JSON"),
        (b"{\"account\":".repeat(10_000), 422, "/account"),
        ([b"{\"account\": \"me\", \"x\":".to_vec(), b"[".repeat(10_000)].concat(), 422, "unknown field"),
        (b"[".repeat(100_000), 400, "not valid JSON"),
        (draft_with("text", json!(7)).to_string().into_bytes(), 422, "/text"),
        (draft_with("account", json!(["me"])).to_string().into_bytes(), 422, "/account"),
        (draft_with("in", json!(5)).to_string().into_bytes(), 422, "/in"),
        (draft_with("due_at", json!(1_900_000_000)).to_string().into_bytes(), 422, "/due_at"),
        (format!("{} {}", draft(), draft()).into_bytes(), 400, "not valid JSON"),
        (Vec::new(), 400, "not valid JSON"),
    ] {
        let shown = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        let answer = raw(&caller, body).await;

        assert_eq!(answer.problem().0, status, "{shown}: {}", answer.text);
        assert!(answer.text.contains(what), "{shown}: {}", answer.text);
    }
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"]
    {
        let request =
            caller.request(Method::POST, MESSAGES).header("content-type", kind).body(draft().to_string());
        assert_eq!(ask(request).await.problem().0, 415, "{kind}");
    }
    assert!(is_empty(&caller).await);
    caller.stop().await;
}

#[actix_web::test]
async fn fifty_megabytes_are_refused_before_they_have_come() {
    const ANNOUNCED: usize = 50 * 1024 * 1024;

    let caller = Caller::start().await;
    let url = caller.site.url.clone();

    // Only the limit of them is ever sent: an answer means that the rest was not waited for.
    let answer = web::block(move || {
        let address = url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!(
            "POST {MESSAGES} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {ANNOUNCED}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&vec![b' '; 300 * 1024]).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        answer
    })
    .await
    .unwrap();

    assert_eq!(&answer, b"HTTP/1.1 413");
    assert!(is_empty(&caller).await);
    caller.stop().await;
}

#[actix_web::test]
async fn strange_names_and_words_are_kept_as_they_are_and_do_nothing() {
    let caller = Caller::start().await;
    let strange = [
        "'; DROP TABLE messages; --",
        "\" OR \"\"=\"",
        "me') ON CONFLICT DO NOTHING --",
        "\u{202e}olleH\u{202c}",
        "💥🏳️‍🌈 \u{10ffff}",
        "%s %n {{7*7}} ${7*7}",
        "<script>alert(1)</script>",
        "\\u0000 \\x00 ? $1 :name",
        "NULL",
    ];

    for words in strange {
        let mut draft = draft_with("account", json!(words));
        draft["text"] = json!(words);
        draft["idempotency_key"] = if words.is_ascii() { json!(words) } else { Value::Null };
        let created = caller.post(MESSAGES, draft).await;
        assert_eq!(created.status, 201, "{words}: {}", created.text);

        let id = created.body["id"].as_str().unwrap();
        let shown = caller.get(&format!("{MESSAGES}/{id}")).await;
        let account: String = words.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let listed = caller.get(&format!("{MESSAGES}?account={account}")).await;

        assert_eq!((&shown.body["account"], &shown.body["text"]), (&json!(words), &json!(words)));
        assert_eq!(listed.body["messages"], json!([shown.body]), "{words}");
    }
    let text = "line\r\nX-Injected: 1\r\n\r\n<html>\u{7}\u{1b}[31m";
    let created = caller.post(MESSAGES, draft_with("text", json!(text))).await;
    assert_eq!(
        (created.status, &created.body["text"], created.header("x-injected")),
        (201, &json!(text), None)
    );
    for (field, value) in
        [("text", "a\u{0}b"), ("account", "a\u{0}b"), ("account", "a\r\nb"), ("destination", "a\r\nb")]
    {
        let answer = caller.post(MESSAGES, draft_with(field, json!(value))).await;
        assert_eq!(
            (answer.problem().0, answer.pointer()),
            (422, format!("/{field}").as_str()),
            "{}",
            answer.text
        );
    }
    caller.stop().await;
}

#[actix_web::test]
async fn ids_that_are_none_are_a_404_that_repeats_little_of_them() {
    let caller = Caller::start().await;

    for id in [
        "seven",
        "..%2f..%2fetc",
        "%00",
        "%0d%0aX-Injected:%201",
        "1'%20OR%20'1'='1",
        "%ff",
        &"x".repeat(5000),
    ] {
        for (method, what) in
            [(Method::GET, ""), (Method::GET, "/trail"), (Method::POST, "/cancel"), (Method::POST, "/retry")]
        {
            let answer = ask(caller.request(method, &format!("{MESSAGES}/{id}{what}"))).await;

            assert_eq!(answer.problem().0, 404, "{id}{what}");
            assert!(answer.text.len() < 500, "{}", answer.text);
            assert_eq!(answer.header("x-injected"), None);
        }
    }
    caller.stop().await;
}

#[actix_web::test]
async fn headers_that_are_none_are_a_400() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;

    for (name, value) in [
        ("idempotency-key", b"\xc3\xbc".as_slice()),
        ("idempotency-key", b""),
        ("idempotency-key", b"a\tb"),
        ("idempotency-key", &[b'x'; 256]),
        ("squall-actor", b"\xff"),
        ("squall-actor", b""),
        ("squall-actor", &[b'x'; 129]),
    ] {
        let value = reqwest::header::HeaderValue::from_bytes(value).unwrap();
        let request = caller.sending(Method::POST, MESSAGES, &draft()).header(name, value);
        let answer = ask(request).await;

        assert_eq!(answer.problem().0, 400, "{name}: {}", answer.text);
        assert!(answer.text.to_lowercase().contains(name), "{}", answer.text);
    }
    let twice = caller
        .sending(Method::POST, MESSAGES, &draft())
        .header("idempotency-key", "a")
        .header("idempotency-key", "b");
    assert_eq!(ask(twice).await.problem().0, 400);
    let two = caller
        .sending(Method::POST, MESSAGES, &draft_with("idempotency_key", json!("a")))
        .header("idempotency-key", "b");
    assert_eq!(ask(two).await.pointer(), "/idempotency_key");
    assert_eq!(caller.store.list(Filter::default(), None, 10).await.unwrap().len(), 1);
    assert_eq!(caller.get(&path(id, "")).await.status, 200);
    caller.stop().await;
}
