//! Finding messages.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use squall_scheduled_messages::NewMessage;

use crate::client::{Answer, Caller};
use crate::support::message;

/// Twenty messages of two accounts, some due at the same instant.
async fn filled() -> Caller {
    let caller = Caller::start().await;
    let start = Timestamp::now() + 1.hour();
    for number in 0..20_i64 {
        let due_at = start + (number % 3).minutes();
        let account = if number % 2 == 0 { "me" } else { "you & ü/?" };
        caller
            .store
            .insert(NewMessage { account: account.into(), ..message("inbox", due_at) }, "test")
            .await
            .unwrap();
    }
    caller
}

fn ids(answer: &Answer) -> Vec<String> {
    let messages = answer.body["messages"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    messages.iter().map(|message| message["id"].as_str().unwrap().to_owned()).collect()
}

/// The ids of every page from this one on.
async fn walk(caller: &Caller, first: &str) -> Vec<String> {
    let (mut next, mut found) = (Some(first.to_owned()), Vec::new());
    while let Some(path) = next {
        let page = caller.get(&path).await;
        found.extend(ids(&page));
        next = page.body["next"].as_str().map(str::to_owned);
        let link = next.as_ref().map(|next| format!("<{next}>; rel=\"next\""));
        assert_eq!(page.header("link"), link.as_deref());
    }
    found
}

#[actix_web::test]
async fn pages_show_every_message_once_and_in_order() {
    let caller = filled().await;

    for (path, expected) in [
        ("/api/v1/messages?limit=3", 20),
        ("/api/v1/messages?limit=20", 20),
        ("/api/v1/messages?limit=4&account=me", 10),
        ("/api/v1/messages?account=you%20%26%20%C3%BC%2F%3F&limit=1", 10),
    ] {
        let found = walk(&caller, path).await;

        assert_eq!(found.len(), expected, "{path}");
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), expected, "{path}");
    }
    let mine = caller.get("/api/v1/messages?account=me").await;
    let due: Vec<&Value> = mine.body["messages"].as_array().unwrap().iter().map(|it| &it["due_at"]).collect();
    assert!(due.is_sorted_by_key(|due| due.as_str().unwrap().parse::<Timestamp>().unwrap()), "{due:?}");
    caller.stop().await;
}

#[actix_web::test]
async fn only_what_is_asked_for_is_listed() {
    let caller = filled().await;
    let late = caller.due(Timestamp::now() + 48.hours()).await;
    let cancelled = caller.scheduled().await;
    caller.change(cancelled, "cancel").await;
    let tomorrow = (Timestamp::now() + 24.hours()).to_string();

    for (query, expected) in [
        ("state=cancelled".to_owned(), vec![cancelled.to_string()]),
        ("state=cancelled,dead,cancelled".to_owned(), vec![cancelled.to_string()]),
        (format!("due_from={tomorrow}"), vec![late.to_string()]),
        ("destination=hook".to_owned(), vec![]),
        ("account=nobody".to_owned(), vec![]),
        ("series=01890a5d-ac96-774b-bcce-b302099a8057".to_owned(), vec![]),
    ] {
        let found = caller.get(&format!("/api/v1/messages?{query}")).await;
        assert_eq!(ids(&found), expected, "{query}");
    }
    let before = caller.get(&format!("/api/v1/messages?due_before={tomorrow}&state=scheduled")).await;
    assert_eq!(ids(&before).len(), 20);
    caller.stop().await;
}

#[actix_web::test]
async fn a_query_that_makes_no_sense_is_answered_with_what_was_expected() {
    let caller = filled().await;
    let page = caller.get("/api/v1/messages?limit=1").await;
    let next = page.body["next"].as_str().unwrap();
    let cursor = next.split_once("cursor=").unwrap().1.to_owned();

    for (query, what) in [
        ("limit=0", "`limit`"),
        ("limit=501", "`limit`"),
        ("limit=-1", "`limit`"),
        ("limit=99999999999999999999", "`limit`"),
        ("limit=", "`limit`"),
        ("cursor=", "`cursor`"),
        ("cursor=AAAA", "`cursor`"),
        ("cursor=%00%ff", "`cursor`"),
        ("state=sunt", "`state`"),
        ("state=", "`state`"),
        ("due_from=tomorrow", "`due_from`"),
        ("due_before=9999999-01-01T00:00:00Z", "`due_before`"),
        ("series=7", "`series`"),
        ("account=a%00b", "`account`"),
        ("account=", "`account`"),
        ("destination=%0d%0a", "`destination`"),
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
        (&format!("account=me&cursor={cursor}"), "`cursor`"),
        (&format!("cursor={}", "A".repeat(8000)), "`cursor`"),
    ] {
        let answer = caller.get(&format!("/api/v1/messages?{query}")).await;

        assert_eq!(answer.problem().0, 400, "{query}");
        assert!(answer.body["detail"].as_str().unwrap().contains(what), "{query}: {}", answer.text);
        assert!(answer.text.len() < 1000, "{query}");
    }
    caller.stop().await;
}
