//! The built-in inbox, over real HTTP.

use jiff::Timestamp;
use serde_json::Value;
use squall_connect::http::{Answer, Client};
use squall_scheduled_messages::{KEPT_DELIVERIES, NewDelivery};

use crate::support::{Site, deliveries, store};

async fn get(url: String) -> Answer {
    let client = Client::new(Default::default()).unwrap();
    client.send(client.request(reqwest::Method::GET, &url)).await.unwrap()
}

fn delivery(key: &str, text: &str) -> NewDelivery {
    NewDelivery {
        idempotency_key: key.into(),
        account: "me".into(),
        text: text.into(),
        due_at: Timestamp::now(),
    }
}

#[actix_web::test]
async fn what_arrived_is_there_after_a_restart_and_copies_are_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let first = deliveries(dir.path()).await;
    assert!(first.receive(delivery("a", "one")).await.unwrap());
    assert!(first.receive(delivery("b", "two")).await.unwrap());
    assert!(!first.receive(delivery("a", "one")).await.unwrap());
    drop(first);

    let site = Site::start(dir.path(), &store(dir.path()).await, &[]).await;
    let list = get(format!("{}/api/v1/inbox", site.url)).await;

    let list: Value = serde_json::from_slice(&list.body).unwrap();
    let seen: Vec<_> = list["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["copies"].as_u64().unwrap()))
        .collect();
    assert_eq!(seen, [("b", 1), ("a", 2)]);
    site.stop().await;
}

#[actix_web::test]
async fn only_the_newest_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = deliveries(dir.path()).await;

    let extra = 7;
    let all = (0..KEPT_DELIVERIES + extra).map(|n| {
        let store = store.clone();
        async move { store.receive(delivery(&n.to_string(), "x")).await.unwrap() }
    });
    futures_util::future::join_all(all).await;

    let kept = store.newest(u32::MAX).await.unwrap();
    assert_eq!(kept.len(), KEPT_DELIVERIES as usize);
    assert_eq!(kept.last().unwrap().id, extra.to_string());
}

#[actix_web::test]
async fn the_page_shows_what_arrived_and_runs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    deliveries(dir.path())
        .await
        .receive(delivery("\"><script>", "<img src=x onerror=alert(1)>"))
        .await
        .unwrap();
    let site = Site::start(dir.path(), &store, &[]).await;

    let page = get(format!("{}/inbox", site.url)).await;

    let text = String::from_utf8(page.body).unwrap();
    assert!(!text.contains("<script") && !text.contains("<img"), "{text}");
    assert!(text.contains("&#60;img src=x onerror=alert(1)&#62;"), "{text}");
    site.stop().await;
}

#[actix_web::test]
async fn what_is_no_delivery_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let site = Site::start(dir.path(), &store, &[]).await;
    let client = Client::new(Default::default()).unwrap();
    let url = format!("{}/inbox/deliveries", site.url);

    for (kind, key, body, status) in [
        ("application/json", "", "{}", 400),
        ("text/plain", "k", "{}", 400),
        ("application/json", "k", "{}", 422),
        ("application/json", "k", "hello", 422),
    ] {
        let request = client
            .request(reqwest::Method::POST, &url)
            .header("content-type", kind)
            .header("idempotency-key", key)
            .body(body);
        assert_eq!(client.send(request).await.unwrap().status, status, "{kind} {key} {body}");
    }
    assert_eq!(deliveries(dir.path()).await.newest(10).await.unwrap(), []);
    site.stop().await;
}
