//! Holding accounts, and what becomes of what is late.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use squall_scheduled_messages::{Begin, Begun, Which};

use crate::client::{Caller, ask};

async fn delete(caller: &Caller, path: &str) -> crate::client::Answer {
    ask(caller.request(Method::DELETE, path)).await
}

#[actix_web::test]
async fn nothing_begins_behind_the_cut_off_until_it_is_lifted() {
    let caller = Caller::start().await;
    let (sending, _) = caller.sent_off().await;
    let id = caller.due(Timestamp::now()).await;
    let held = caller.claim(id, Which::First).await;

    let suspend =
        caller.sending(Method::POST, "/api/v1/suspensions", &json!({"account": "me", "reason": "On hold."}));
    let suspended = ask(suspend.header("squall-actor", "ada")).await;
    let begin = Begin { id, fence: held.fence, version: held.version, attempt: 1 };
    let begun = caller.store.begin(begin).await.unwrap();
    let listed = caller.get("/api/v1/suspensions").await;
    let resumed = delete(&caller, "/api/v1/suspensions/me").await;
    let again = delete(&caller, "/api/v1/suspensions/me").await;

    assert_eq!(suspended.status, 200, "{}", suspended.text);
    assert_eq!(suspended.body["still_sending"], 1);
    assert_eq!(suspended.body["held_back"], 1);
    let instant = |field: &str| suspended.body[field].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(instant("suspended_at") <= instant("cut_off"));
    assert_eq!(begun, Begun::Void);
    let told = &listed.body["suspensions"][0];
    assert_eq!(
        (&told["account"], &told["suspended_by"], &told["reason"]),
        (&json!("me"), &json!("ada"), &json!("On hold."))
    );
    assert_eq!((resumed.status, &resumed.body["resumed"]), (200, &json!(1)));
    assert_eq!((again.status, &again.body["resumed"]), (200, &json!(0)));
    assert_eq!(caller.get("/api/v1/suspensions").await.body["suspensions"], json!([]));
    caller.claim(id, Which::First).await;
    assert_ne!(sending, id);
    caller.stop().await;
}

#[actix_web::test]
async fn all_accounts_are_held_and_any_name_can_be_in_a_path() {
    let caller = Caller::start().await;
    let suspend =
        |account: &str| caller.post("/api/v1/suspensions", json!({"account": account, "reason": "r"}));

    for account in ["*", "a/b c?", "ü\u{202e}💥", "' OR 1=1 --", "%2e%2e"] {
        assert_eq!(suspend(account).await.body["account"], account);
        let listed = caller.get("/api/v1/suspensions").await;
        assert_eq!(listed.body["suspensions"][0]["account"], account);

        let encoded: String = account.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let resumed = delete(&caller, &format!("/api/v1/suspensions/{encoded}")).await;

        assert_eq!((resumed.status, &resumed.body["account"]), (200, &json!(account)), "{}", resumed.text);
        assert_eq!(caller.get("/api/v1/suspensions").await.body["suspensions"], json!([]));
    }
    let message = crate::client::draft_with("account", json!("*"));
    assert_eq!(caller.post("/api/v1/messages", message).await.pointer(), "/account");
    caller.stop().await;
}

#[actix_web::test]
async fn a_suspension_needs_an_account_and_a_reason() {
    let caller = Caller::start().await;

    for (body, pointer) in [
        (json!({"account": "me"}), ""),
        (json!({"account": "me", "reason": ""}), "/reason"),
        (json!({"account": "me", "reason": "x".repeat(1001)}), "/reason"),
        (json!({"account": "me", "reason": "a\u{0}b"}), "/reason"),
        (json!({"account": "", "reason": "r"}), "/account"),
        (json!({"account": "a\r\nb", "reason": "r"}), "/account"),
        (json!({"account": 7, "reason": "r"}), "/account"),
    ] {
        let answer = caller.post("/api/v1/suspensions", body).await;
        assert_eq!((answer.problem().0, answer.pointer()), (422, pointer), "{}", answer.text);
    }
    for name in ["a%00b", "a%0d%0ab", "%ff", &"x".repeat(257)] {
        assert_eq!(delete(&caller, &format!("/api/v1/suspensions/{name}")).await.problem().0, 404, "{name}");
    }
    caller.stop().await;
}

#[actix_web::test]
async fn an_account_wants_what_it_said_or_what_all_want() {
    let caller = Caller::start().await;
    let put = |account: &str, policy: Value| {
        ask(caller.sending(Method::PUT, &format!("/api/v1/accounts/{account}/catch-up"), &policy))
    };
    let get = async |account: &str| {
        let shown = caller.get(&format!("/api/v1/accounts/{account}/catch-up")).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        shown.body
    };

    let nobody = get("me").await;
    put("*", json!({"policy": "skip", "after": "1h"})).await;
    let all = get("me").await;
    let set = put("me", json!({"policy": "spread", "after": "5m", "every": "10s"})).await;
    let own = get("me").await;
    let forgotten = delete(&caller, "/api/v1/accounts/me/catch-up").await;

    assert_eq!(nobody, json!({"account": "me", "policy": "all", "set_for": null}));
    assert_eq!(all, json!({"account": "me", "policy": "skip", "after": "1h", "set_for": "*"}));
    assert_eq!(
        own,
        json!({"account": "me", "policy": "spread", "after": "5m", "every": "10s", "set_for": "me"})
    );
    assert_eq!((set.status, set.body), (200, own));
    assert_eq!(forgotten.status, 204);
    assert_eq!(get("me").await, all);
    caller.stop().await;
}

#[actix_web::test]
async fn a_policy_that_makes_no_sense_changes_nothing() {
    let caller = Caller::start().await;
    let path = "/api/v1/accounts/me/catch-up";

    for (policy, pointer) in [
        (json!({"policy": "spread", "after": "5m"}), "/every"),
        (json!({"policy": "spread", "after": "5m", "every": "0s"}), "/every"),
        (json!({"policy": "spread", "after": "-5m", "every": "1s"}), "/after"),
        (json!({"policy": "skip"}), "/after"),
        (json!({"policy": "skip", "after": "9000 years"}), "/after"),
        (json!({"policy": "skip", "after": 5}), "/after"),
        (json!({"policy": "all", "after": "5m"}), "/after"),
        (json!({"policy": "none"}), "/policy"),
        (json!({"policy": "all", "colour": "red"}), "/colour"),
    ] {
        let answer = ask(caller.sending(Method::PUT, path, &policy)).await;
        assert_eq!((answer.problem().0, answer.pointer()), (422, pointer), "{}", answer.text);
    }
    assert_eq!(caller.get(path).await.body["set_for"], Value::Null);
    caller.stop().await;
}
