//! How things stand.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use squall_scheduled_messages::Which;

use crate::client::Caller;

#[actix_web::test]
async fn the_overview_tells_what_is_due_what_comes_and_who_holds_what() {
    let caller = Caller::start().await;
    let oldest = Timestamp::now() - 2.minutes();
    let first = caller.due(oldest).await;
    caller.begin(caller.claim(first, Which::First).await).await;
    let second = caller.due(Timestamp::now()).await;
    caller.claim(second, Which::First).await;
    for _ in 0..3 {
        caller.due("2031-01-01T00:00:00Z".parse().unwrap()).await;
    }
    let soon = Timestamp::now() + 3.hours();
    caller.due(soon).await;
    let cancelled = caller.scheduled().await;
    caller.change(cancelled, "cancel").await;

    let overview = caller.get("/api/v1/overview").await;

    assert_eq!(overview.status, 200, "{}", overview.text);
    let now = &overview.body["now"];
    assert_eq!(now["due"], 2);
    assert_eq!(now["oldest_overdue"]["id"], first.to_string());
    let process = &now["processes"][0];
    assert_eq!(process["name"], caller.store.owner());
    assert_eq!(
        (&process["is_alive"], &process["held"], &process["sending"]),
        (&json!(true), &json!(1), &json!(1))
    );
    let states = &overview.body["all"]["states"];
    assert_eq!(
        *states,
        json!({
            "scheduled": 4, "claimed": 1, "sending": 1, "sent": 0, "retrying": 0, "unconfirmed": 0, "dead": 0,
            "cancelled": 1, "expired": 0, "suspended": 0,
        })
    );
    let minute = soon.as_second() / 60 * 60;
    let minute = Timestamp::from_second(minute).unwrap().to_string();
    assert_eq!(overview.body["next"]["minutes"], json!([{"at": minute, "messages": 1}]));
    caller.stop().await;
}

#[actix_web::test]
async fn an_empty_store_has_an_overview_too() {
    let caller = Caller::start().await;

    let overview = caller.get("/api/v1/overview").await;

    assert_eq!(
        (&overview.body["now"]["due"], &overview.body["now"]["oldest_overdue"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(overview.body["next"]["minutes"], json!([]));
    caller.stop().await;
}
