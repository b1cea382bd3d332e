//! Mastodon: a mock of its interface that remembers what it was sent.

use futures_util::future::join_all;
use serde_json::json;
use squall_scheduled_messages::{Clients, Destination, Outcome, Reconciled, Scope};
use squall_services::{Loss, LossyProxy, Mastodon};

use crate::support::{Sent, deliver, destination, is_accepted, is_unknown, refusal};

fn mastodon(url: &str, token: &str) -> Box<dyn Destination> {
    destination(
        &format!("type = 'mastodon'\nservice = '{url}'\ntimeout = '60s'\naccounts.me = {{ token = SECRET }}"),
        token,
    )
}

#[actix_web::test]
async fn a_message_that_is_sent_again_is_one_status() {
    let Some(server) = Mastodon::start() else { return };
    let toot = mastodon(&server.url(), server.token());
    let message = Sent::new("Tom & Ann <3 #tags\nhttps://example.org/a?b=c");

    let first = deliver(&*toot, message.attempt(1)).await;
    assert_eq!(deliver(&*toot, message.attempt(2)).await, first);
    let others = join_all((3..=10).map(|number| deliver(&*toot, message.attempt(number)))).await;

    assert!(others.iter().all(|other| *other == first), "{others:?}");
    assert!(matches!(&first, Outcome::Accepted { receipt: Some(_) }), "{first:?}");
    assert_eq!(server.statuses().len(), 1);
}

#[actix_web::test]
async fn an_answer_that_gets_lost_leads_to_one_status() {
    let Some(server) = Mastodon::start() else { return };
    let proxy = LossyProxy::http(server.address());
    let toot = mastodon(&proxy.url(""), server.token());
    proxy.only("POST");

    for (loss, is_there) in [(Loss::Answer, true), (Loss::Request, false)] {
        let message = Sent::new(&format!("Tom & Ann lost: {loss:?}"));
        proxy.lose_next(1, loss);
        let first = deliver(&*toot, message.attempt(1)).await;
        let look = toot.reconcile(message.attempt(1), &Clients::new().unwrap()).await;
        let second = deliver(&*toot, message.attempt(2)).await;

        assert!(is_unknown(&first), "{loss:?}: {first:?}");
        assert_eq!(matches!(look, Reconciled::Found { receipt: Some(_) }), is_there, "{loss:?}: {look:?}");
        assert_eq!(look == Reconciled::Absent, !is_there, "{loss:?}: {look:?}");
        assert!(is_accepted(&second), "{loss:?}: {second:?}");
    }

    assert_eq!(server.statuses().len(), 2);
}

#[actix_web::test]
async fn a_status_is_found_among_many_others() {
    let Some(server) = Mastodon::start() else { return };
    let toot = mastodon(&server.url(), server.token());
    let message = Sent::new("@ann@example.org: 1 < 2 & \"so on\"\n\n#tag https://example.org/a/long/path");
    let stranger = Sent::new("never sent");
    deliver(&*toot, message.attempt(1)).await;
    for number in 0..60 {
        server.post(&format!("number {number}"));
    }

    let clients = Clients::new().unwrap();
    let found = toot.reconcile(message.attempt(1), &clients).await;

    assert!(matches!(found, Reconciled::Found { receipt: Some(_) }), "{found:?}");
    assert_eq!(toot.reconcile(stranger.attempt(1), &clients).await, Reconciled::Absent);
}

#[actix_web::test]
async fn a_server_that_is_busy_or_broken_is_told_apart() {
    let Some(server) = Mastodon::start() else { return };
    let toot = mastodon(&server.url(), server.token());

    server.fail_next(1, json!({"type": "ratelimit"}));
    let limited = deliver(&*toot, Sent::new("Hello").attempt(1)).await;
    server.fail_next(1, json!({"type": "status", "status": 503}));
    let broken = deliver(&*toot, Sent::new("Hello").attempt(1)).await;
    server.fail_next(1, json!({"type": "malformed"}));
    let malformed = deliver(&*toot, Sent::new("Hello").attempt(1)).await;

    assert!(matches!(limited, Outcome::Busy { after: Some(_), scope: Scope::Account, .. }), "{limited:?}");
    assert!(is_unknown(&broken), "{broken:?}");
    assert!(is_unknown(&malformed), "{malformed:?}");
}

#[actix_web::test]
async fn a_revoked_token_and_a_blank_text_are_final() {
    let Some(server) = Mastodon::start() else { return };

    let revoked = mastodon(&server.url(), "no such token");
    let error = refusal(deliver(&*revoked, Sent::new("Hello").attempt(1)).await);
    assert!(error.contains("401") && !error.contains("no such token"), "{error}");

    let toot = mastodon(&server.url(), server.token());
    let error = refusal(deliver(&*toot, Sent::new("").attempt(1)).await);
    assert!(error.contains("422"), "{error}");
    assert_eq!(server.statuses(), []);
}
