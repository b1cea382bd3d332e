//! Bluesky: the server that Bluesky itself runs.

use std::sync::LazyLock;

use futures_util::future::join_all;
use jiff::Timestamp;
use squall_scheduled_messages::{Clients, Destination, Outcome, Reconciled, Scope, tid};
use squall_services::{Account, Loss, LossyProxy, Pds};

use crate::support::{Sent, deliver, destination, is_accepted, is_unknown, refusal};

/// An account of the server that the tests share: it takes longer to start than most of them take.
fn account(name: &str) -> Option<(&'static Pds, Account)> {
    static SHARED: LazyLock<Option<Pds>> = LazyLock::new(Pds::start);
    let pds = SHARED.as_ref()?;
    Some((pds, pds.account(name)))
}

fn bluesky(url: &str, account: &Account) -> Box<dyn Destination> {
    with_password(url, account, account.password())
}

fn with_password(url: &str, account: &Account, password: &str) -> Box<dyn Destination> {
    let me = format!("{{ identifier = '{}', password = SECRET }}", account.handle);
    destination(
        &format!("type = 'bluesky'\nservice = '{url}'\ntimeout = '60s'\naccounts.me = {me}"),
        password,
    )
}

/// Where a message is to be found.
fn at(did: &str, message: &Sent) -> Option<String> {
    Some(format!("at://{did}/app.bsky.feed.post/{}", message.rkey))
}

#[actix_web::test]
async fn a_message_that_is_sent_again_is_one_post() {
    let Some((pds, alice)) = account("again") else { return };
    let sky = bluesky(&pds.url(), &alice);
    let message = Sent::new("Grüße an https://example.org/a und #alle");

    for number in 1..=3 {
        let outcome = deliver(&*sky, message.attempt(number)).await;
        assert_eq!(outcome, Outcome::Accepted { receipt: at(&alice.did, &message) });
    }

    let posts = pds.records(&alice);
    assert_eq!(posts.len(), 1);
    assert_eq!(
        (posts[0].rkey.as_str(), posts[0].text.as_str()),
        (message.rkey.as_str(), message.text.as_str())
    );
}

#[actix_web::test]
async fn an_answer_that_gets_lost_leads_to_one_post() {
    let Some((pds, alice)) = account("lost") else { return };
    let proxy = LossyProxy::http(pds.address());
    let sky = bluesky(&proxy.url(""), &alice);
    proxy.only("putRecord");

    for loss in [Loss::Answer, Loss::Request] {
        let message = Sent::new(&format!("{loss:?}"));
        proxy.lose_next(1, loss);
        let first = deliver(&*sky, message.attempt(1)).await;
        let there = sky.reconcile(message.attempt(1), &Clients::new().unwrap()).await;
        let second = deliver(&*sky, message.attempt(2)).await;

        assert!(is_unknown(&first), "{loss:?}: {first:?}");
        let expected = match loss {
            Loss::Request => Reconciled::Absent,
            _ => Reconciled::Found { receipt: at(&alice.did, &message) },
        };
        assert_eq!(there, expected, "{loss:?}");
        assert!(is_accepted(&second), "{loss:?}: {second:?}");
    }

    assert_eq!(pds.records(&alice).len(), 2);
}

#[actix_web::test]
async fn ten_at_once_are_one_post_and_one_session() {
    let Some((pds, alice)) = account("many") else { return };
    let proxy = LossyProxy::http(pds.address());
    let sky = bluesky(&proxy.url(""), &alice);
    let message = Sent::new("Hello");

    let outcomes = join_all((1..=10).map(|number| deliver(&*sky, message.attempt(number)))).await;

    assert!(outcomes.iter().all(is_accepted), "{outcomes:?}");
    assert_eq!(pds.records(&alice).len(), 1);
    // One sign-in and ten posts; a server that saw several at once may have had one of them look what lies there.
    assert!((11..=20).contains(&proxy.exchanges().requests), "{:?}", proxy.exchanges());
}

#[actix_web::test]
async fn what_lies_under_the_key_already_is_compared() {
    let Some((pds, alice)) = account("taken") else { return };
    let sky = bluesky(&pds.url(), &alice);
    let (same, other) = (Sent::new("Hello"), Sent::new("The new text"));
    pds.create(&alice, &[(&same.rkey, "Hello"), (&other.rkey, "The old text")]);

    let same = deliver(&*sky, same.attempt(2)).await;
    let error = refusal(deliver(&*sky, other.attempt(2)).await);

    assert!(is_accepted(&same), "its date differs, its text does not: {same:?}");
    assert!(error.contains("something else lies under the key"), "{error}");
    let mut texts: Vec<_> = pds.records(&alice).into_iter().map(|post| post.text).collect();
    texts.sort();
    assert_eq!(texts, ["Hello", "The old text"]);
}

/// The known limit: the network keeps no trace of what was deleted.
#[actix_web::test]
async fn what_was_deleted_there_before_we_heard_of_it_is_posted_again() {
    let Some((pds, alice)) = account("deleted") else { return };
    let sky = bluesky(&pds.url(), &alice);
    let message = Sent::new("Hello");
    deliver(&*sky, message.attempt(1)).await;
    pds.delete(&alice, &message.rkey);

    assert!(is_accepted(&deliver(&*sky, message.attempt(2)).await));

    assert_eq!(pds.records(&alice).len(), 1);
}

#[actix_web::test]
async fn a_wrong_password_is_final_and_named() {
    let Some((pds, alice)) = account("wrong") else { return };
    let proxy = LossyProxy::http(pds.address());
    let sky = with_password(&proxy.url(""), &alice, "not hers");

    for number in 1..=3 {
        let error = refusal(deliver(&*sky, Sent::new("Hello").attempt(number)).await);
        assert!(error.contains("cannot sign in") && error.contains("AuthenticationRequired"), "{error}");
    }

    assert_eq!(proxy.exchanges().requests, 1, "it is not tried again and again");
}

#[actix_web::test]
async fn a_text_that_is_too_long_is_refused_before_and_by_the_server() {
    let Some((pds, alice)) = account("long") else { return };
    let sky = bluesky(&pds.url(), &alice);
    let (fits, long) = (Sent::new(&"👨‍👩‍👧".repeat(160)), Sent::new(&"ü".repeat(301)));

    assert_eq!(sky.check("me", &fits.text), Ok(()));
    assert!(is_accepted(&deliver(&*sky, fits.attempt(1)).await));
    let objections = sky.check("me", &long.text).unwrap_err();
    assert_eq!(objections[0].detail, "has 301 graphemes; Bluesky takes at most 300");
    let error = refusal(deliver(&*sky, long.attempt(1)).await);
    assert!(error.contains("300"), "the server says so too: {error}");
}

#[actix_web::test]
async fn every_key_that_we_make_is_one_that_the_server_takes() {
    let Some((pds, alice)) = account("keys") else { return };
    let sky = bluesky(&pds.url(), &alice);
    let instants = [
        "1970-01-01T00:00:00Z",
        "2026-01-01T00:00:00.000001Z",
        "2255-06-05T23:47:34Z",
        "9999-01-01T00:00:00Z",
    ];

    for (clashes, instant) in (0..).zip(instants) {
        let due_at: Timestamp = instant.parse().unwrap();
        let mut message = Sent::new(instant);
        message.rkey = tid(due_at, message.id, clashes);
        let attempt = squall_scheduled_messages::Attempt { created_at: due_at, ..message.attempt(1) };
        let outcome = deliver(&*sky, attempt).await;
        assert!(is_accepted(&outcome), "{instant}: {outcome:?}");
    }

    assert_eq!(pds.records(&alice).len(), instants.len());
}

#[actix_web::test]
async fn too_many_sign_ins_hold_up_the_account_alone() {
    let Some(pds) = Pds::start_with_rate_limits() else { return };
    let (alice, bob) = (pds.account("alice"), pds.account("bob"));
    let mut last = None;

    // Each with a session of its own, as if the process began anew each time; 30 in five minutes are allowed.
    for number in 1..=31 {
        let sky = bluesky(&pds.url(), &alice);
        let reply = sky.deliver(Sent::new("Hello").attempt(number), &Clients::new().unwrap()).await;
        if number <= 30 {
            assert!(is_accepted(&reply.outcome), "{number}: {reply:?}");
            assert!(
                reply.hints.remaining < reply.hints.limit && reply.hints.resets_in.is_some(),
                "{reply:?}"
            );
        }
        last = Some(reply.outcome);
    }

    let Some(Outcome::Busy { after: Some(after), scope: Scope::Account, error }) = last else {
        panic!("{last:?}")
    };
    assert!(error.contains("RateLimitExceeded") && after.as_secs() <= 300, "{error}, {after:?}");
    let other = bluesky(&pds.url(), &bob);
    assert!(is_accepted(&deliver(&*other, Sent::new("Hello").attempt(1)).await), "bob is not held up");
}
