//! Series over HTTP.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::running::{drain, run};
use crate::support::{Receiver, Site, store};

struct Answer {
    status: u16,
    etag: Option<String>,
    location: Option<String>,
    body: Value,
}

impl Answer {
    fn pointers(&self) -> Vec<&str> {
        let faults = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        faults.iter().map(|fault| fault["pointer"].as_str().unwrap()).collect()
    }

    fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }
}

fn client() -> reqwest::Client {
    squall_connect::http::Client::new(Default::default()).unwrap().into_inner()
}

struct Asker(String);

impl Asker {
    async fn ask(&self, method: &str, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        let url = format!("{}/api/v1/series{path}", self.0);
        let mut request = client().request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (status, etag, location) = (response.status().as_u16(), header("etag"), header("location"));
        let body = response.bytes().await.unwrap();
        Answer { status, etag, location, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None, &[]).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, Some(body), &[]).await
    }
}

fn daily() -> Value {
    json!({"account": "me", "destination": "inbox", "text": "Hello", "cron": "0 9 * * MON-FRI",
           "zone": "europe/berlin"})
}

#[actix_web::test]
async fn a_series_is_stored_and_can_be_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::start(dir.path(), &store(dir.path()).await, &[]).await;
    let asker = Asker(site.url.clone());

    let created = asker.post("", daily()).await;
    let shown = asker.get(&format!("/{}", created.id())).await;
    let listed = asker.get("?account=me&state=active").await;

    assert_eq!((created.status, shown.status, listed.status), (201, 200, 200), "{}", created.body);
    assert_eq!(created.location, Some(format!("/api/v1/series/{}", created.id())));
    assert_eq!(created.etag.as_deref(), Some("\"v1\""));
    assert_eq!(created.body, shown.body);
    assert_eq!(listed.body, json!({ "series": [created.body.clone()] }));
    let series = &shown.body;
    assert_eq!(series["state"], "active");
    assert_eq!((&series["cron"], &series["zone"]), (&json!("0 9 * * MON-FRI"), &json!("Europe/Berlin")));
    assert_eq!((&series["catch_up"], &series["made"]), (&json!("latest"), &json!(0)));
    let next: Timestamp = series["next_at"].as_str().unwrap().parse().unwrap();
    assert!(next > Timestamp::now());
    site.stop().await;
}

#[actix_web::test]
async fn everything_that_is_wrong_is_answered_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::start(dir.path(), &store(dir.path()).await, &[]).await;
    let asker = Asker(site.url.clone());
    let with = |key: &str, value: Value| {
        let mut series = daily();
        series[key] = value;
        series
    };

    let nothing = asker.post("", json!({})).await;
    assert_eq!(nothing.status, 422);
    assert_eq!(nothing.pointers(), ["/account", "/destination", "/text", "/cron", "/zone"]);
    for (body, pointer, what) in [
        (with("cron", json!("0 9 30 2 *")), "/cron", "never comes"),
        (with("cron", json!("0 25 * * *")), "/cron", "hour is `25`"),
        (with("zone", json!("Europe/Berln")), "/zone", "did you mean `Europe/Berlin`"),
        (with("catch_up", json!("some")), "/catch_up", "\"latest\""),
        (with("until", json!("2020-01-01T00:00:00Z")), "/until", "before the first occurrence"),
        (with("count", json!(0)), "/count", "is 0"),
        (with("not_after", json!("10")), "/not_after", "expected how late"),
        (with("text", json!("")), "/text", "is empty"),
        (with("due_at", json!("2031-01-01T00:00:00Z")), "/due_at", "unknown field"),
    ] {
        let answer = asker.post("", body).await;
        assert_eq!(
            (answer.status, answer.pointers().as_slice()),
            (422, [pointer].as_slice()),
            "{}",
            answer.body
        );
        assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains(what), "{}", answer.body);
    }
    site.stop().await;
}

#[actix_web::test]
async fn a_repeated_request_stores_one_series() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::start(dir.path(), &store(dir.path()).await, &[]).await;
    let asker = Asker(site.url.clone());
    let key = [("Idempotency-Key", "K")];

    let first = asker.ask("POST", "", Some(daily()), &key).await;
    let again = asker.ask("POST", "", Some(daily()), &key).await;
    let mut other = daily();
    other["text"] = json!("Other");
    let other = asker.ask("POST", "", Some(other), &key).await;

    assert_eq!((first.status, again.status, other.status), (201, 200, 409));
    assert_eq!(first.body, again.body);
    site.stop().await;
}

#[actix_web::test]
async fn an_edit_changes_what_it_names_and_takes_away_what_is_null() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::start(dir.path(), &store(dir.path()).await, &[]).await;
    let asker = Asker(site.url.clone());
    let mut series = daily();
    series["until"] = json!((Timestamp::now() + 8760.hours()).to_string());
    series["not_after"] = json!("10m");
    let created = asker.post("", series).await;
    let path = format!("/{}", created.id());

    let edit = json!({"text": "Goodbye", "zone": "America/New_York", "until": null});
    let edited = asker.ask("PATCH", &path, Some(edit), &[("If-Match", "\"v1\"")]).await;
    let stale = asker.ask("PATCH", &path, Some(json!({"text": "Late"})), &[("If-Match", "\"v1\"")]).await;
    let wrong = asker.ask("PATCH", &path, Some(json!({"cron": "x", "account": "you"})), &[]).await;
    let shown = asker.get(&path).await;

    assert_eq!((edited.status, edited.etag.as_deref()), (200, Some("\"v2\"")), "{}", edited.body);
    assert_eq!((&edited.body["text"], &edited.body["zone"]), (&json!("Goodbye"), &json!("America/New_York")));
    assert_eq!((&edited.body["until"], &edited.body["not_after"]), (&Value::Null, &json!("10m")));
    assert_eq!((stale.status, wrong.status), (412, 422));
    assert_eq!(shown.body, edited.body);
    site.stop().await;
}

#[actix_web::test]
async fn a_series_is_paused_resumed_and_ended() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::start(dir.path(), &store(dir.path()).await, &[]).await;
    let asker = Asker(site.url.clone());
    let id = asker.post("", daily()).await.id().to_owned();
    let act = async |action: &str| asker.ask("POST", &format!("/{id}/{action}"), None, &[]).await;

    let paused = act("pause").await;
    let resumed = act("resume").await;
    let ended = act("end").await;
    let refused = act("resume").await;
    let edit = asker.ask("PATCH", &format!("/{id}"), Some(json!({"text": "Late"})), &[]).await;

    assert_eq!((&paused.body["state"], &paused.body["next_at"]), (&json!("paused"), &Value::Null));
    assert_eq!(resumed.body["state"], "active");
    assert!(resumed.body["next_at"].is_string());
    assert_eq!(ended.body["state"], "ended");
    assert_eq!((refused.status, edit.status), (409, 409));
    assert_eq!(asker.get(&format!("/{id}/preview")).await.body, json!({"occurrences": []}));
    let trail = asker.get(&format!("/{id}/trail")).await.body;
    let happened: Vec<_> = trail["trail"].as_array().unwrap().iter().map(|one| &one["what"]).collect();
    assert_eq!(happened, ["paused", "resumed", "ended"]);
    assert_eq!(act("destroy").await.status, 404);
    assert_eq!(asker.get("/x").await.status, 404);
    assert_eq!(asker.ask("DELETE", &format!("/{id}"), None, &[]).await.status, 405);
    site.stop().await;
}

#[actix_web::test]
async fn a_preview_shows_what_becomes_of_wall_times_that_clocks_skip() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::start(dir.path(), &store(dir.path()).await, &[]).await;
    let asker = Asker(site.url.clone());

    let schedule = json!({"cron": "30 2 * * *", "zone": "Europe/Berlin", "from": "2099-03-28T00:00"});
    let preview = asker.post("/preview?count=2", schedule).await;
    let wrong = asker.post("/preview", json!({"cron": "30 2 * * *"})).await;
    let id = asker.post("", daily()).await.id().to_owned();
    let of_series = asker.get(&format!("/{id}/preview")).await;

    assert_eq!(
        preview.body,
        json!({"occurrences": [
            {"due_at": "2099-03-28T01:30:00Z", "local": "2099-03-28T02:30:00", "wall": "2099-03-28T02:30:00",
             "note": {"kind": "exact"}},
            {"due_at": "2099-03-29T01:30:00Z", "local": "2099-03-29T03:30:00", "wall": "2099-03-29T02:30:00",
             "note": {"kind": "gap", "moved_to": "2099-03-29T03:30:00"}},
        ]})
    );
    assert_eq!((wrong.status, wrong.pointers().as_slice()), (422, ["/zone"].as_slice()));
    assert_eq!(of_series.body["occurrences"].as_array().unwrap().len(), 10);
    site.stop().await;
}

#[actix_web::test]
async fn each_occurrence_is_sent_at_its_instant() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let mut receiver = Receiver::start(&[]);
    let site = Site::start(dir.path(), &store, &[("hook", &receiver.url)]).await;
    let running = run(&store, &site);
    let asker = Asker(site.url.clone());
    let mut series = daily();
    (series["cron"], series["count"], series["destination"]) =
        (json!("* * * * * *"), json!(3), json!("hook"));

    let created = asker.post("", series).await;
    let mut instants = BTreeSet::new();
    for _ in 0..3 {
        let received = receiver.arrivals.recv().await.unwrap();
        let due_at: Timestamp = received.body["due_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(due_at.subsec_nanosecond(), 0);
        assert!(received.at >= due_at, "it came at {} for {due_at}", received.at);
        instants.insert(due_at.as_second());
    }

    assert_eq!(
        instants.last().unwrap() - instants.first().unwrap(),
        2,
        "three seconds in a row: {instants:?}"
    );
    assert_eq!(asker.get(&format!("/{}", created.id())).await.body["state"], "ended");
    drain(running).await;
    site.stop().await;
}
