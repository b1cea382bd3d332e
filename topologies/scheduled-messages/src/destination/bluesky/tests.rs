//! What a server may say, and what follows.

use serde_json::{Value, json};
use squall_topology::config::Config;

use super::*;
use crate::destination::attempt::tests::attempt;
use crate::destination::script::{Line, SILENCE, Script, line};

const CREATE: &str = "server.createSession";
const REFRESH: &str = "server.refreshSession";
const PUT: &str = "repo.putRecord";
const GET: &str = "repo.getRecord";

const URI: &str = "at://did:plc:me/app.bsky.feed.post/3mbg2k5ka2l2q";

fn session(number: u32) -> Line {
    let token = |kind: &str| format!("{kind}-{number}");
    line(200, &json!({"did": "did:plc:me", "accessJwt": token("access"), "refreshJwt": token("refresh")}))
}

fn fault(status: u16, error: &str) -> Line {
    line(status, &json!({"error": error, "message": "so it is"}))
}

fn written() -> Line {
    line(200, &json!({"uri": URI, "cid": "bafy", "commit": {"cid": "bafy", "rev": "1"}}))
}

fn found(text: &str) -> Line {
    line(200, &json!({"uri": URI, "cid": "bafy", "value": {"text": text}}))
}

fn bluesky(url: &str) -> Box<dyn Destination> {
    waiting(url, "60s")
}

/// One that waits so long for an answer.
fn waiting(url: &str, timeout: &str) -> Box<dyn Destination> {
    Box::new(configured(url, timeout, "hunter2"))
}

fn configured(url: &str, timeout: &str, secret: &str) -> Bluesky {
    let password = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(password.path(), secret).unwrap();
    let text = format!(
        "[sky]\nservice = '{url}'\ntimeout = '{timeout}'\n\
         accounts.alice = {{ identifier = 'alice.test', password = {{ file = '{}' }} }}",
        password.path().display()
    );
    let mut config = Config::parse("squall.toml", &text).unwrap();
    config.section::<Bluesky>("sky").unwrap().unwrap()
}

async fn deliver(script: &Script) -> Outcome {
    bluesky(&script.url).deliver(attempt(), &Clients::new().unwrap()).await.outcome
}

/// Does not wait long for what never comes.
async fn deliver_impatiently(script: &Script) -> Outcome {
    waiting(&script.url, "1s").deliver(attempt(), &Clients::new().unwrap()).await.outcome
}

fn accepted() -> Outcome {
    Outcome::Accepted { receipt: Some(URI.to_owned()) }
}

fn refusal(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { error } => error,
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn a_post_is_put_under_its_key_and_the_same_again_is_no_other_outcome() {
    let again = line(200, &json!({"uri": URI, "cid": "bafy", "validationStatus": "valid"}));
    let script = Script::start([(CREATE, vec![session(1)]), (PUT, vec![written(), again])]);
    let (sky, clients) = (bluesky(&script.url), Clients::new().unwrap());

    for _ in 0..2 {
        assert_eq!(sky.deliver(attempt(), &clients).await.outcome, accepted());
    }

    let puts = script.asked(PUT);
    assert_eq!(puts[0].body, puts[1].body);
    assert_eq!(puts[0].body["swapRecord"], Value::Null);
    assert_eq!(puts[0].headers["authorization"], "Bearer access-1");
    assert_eq!(script.asked(CREATE).len(), 1, "the second uses the session of the first");
    assert_eq!(script.asked(CREATE)[0].body, json!({"identifier": "alice.test", "password": "hunter2"}));
}

#[actix_web::test]
async fn a_token_that_is_not_good_is_renewed_whatever_status_says_so() {
    for (status, error) in
        [(400, "ExpiredToken"), (400, "InvalidToken"), (401, "AuthMissing"), (401, "AuthenticationRequired")]
    {
        let script = Script::start([
            (CREATE, vec![session(1)]),
            (REFRESH, vec![session(2)]),
            (PUT, vec![fault(status, error), written()]),
        ]);

        assert_eq!(deliver(&script).await, accepted(), "{error}");

        assert_eq!(script.asked(REFRESH)[0].headers["authorization"], "Bearer refresh-1");
        assert_eq!(script.asked(PUT)[1].headers["authorization"], "Bearer access-2");
        assert_eq!(script.asked(CREATE).len(), 1);
    }
}

#[actix_web::test]
async fn a_session_that_cannot_be_renewed_is_followed_by_a_new_one() {
    let script = Script::start([
        (CREATE, vec![session(1), session(2)]),
        (REFRESH, vec![fault(400, "ExpiredToken")]),
        (PUT, vec![fault(400, "ExpiredToken"), written()]),
    ]);

    assert_eq!(deliver(&script).await, accepted());
    assert_eq!(script.asked(CREATE).len(), 2);
}

#[actix_web::test]
async fn a_new_session_that_is_not_accepted_either_waits() {
    let script = Script::start([
        (CREATE, vec![session(1)]),
        (REFRESH, vec![session(2)]),
        (PUT, vec![fault(400, "InvalidToken")]),
    ]);

    assert!(matches!(deliver(&script).await, Outcome::Busy { scope: Scope::Account, .. }));
    assert_eq!(script.asked(PUT).len(), 2);
}

#[actix_web::test]
async fn many_at_once_sign_in_once_and_renew_once() {
    let script = Script::start([
        (CREATE, vec![session(1)]),
        (REFRESH, vec![session(2), session(3)]),
        ("repo.putRecord Bearer access-1", vec![fault(400, "ExpiredToken")]),
        ("repo.putRecord Bearer access-2", vec![written()]),
    ]);
    let (sky, clients) = (bluesky(&script.url), Clients::new().unwrap());

    let many = futures_util::future::join_all((0..10).map(|_| sky.deliver(attempt(), &clients))).await;

    assert!(many.iter().all(|reply| reply.outcome == accepted()), "{many:?}");
    assert_eq!((script.asked(CREATE).len(), script.asked(REFRESH).len()), (1, 1));
}

#[actix_web::test]
async fn a_refused_sign_in_is_final_and_not_tried_again_at_once() {
    let script = Script::start([(CREATE, vec![fault(401, "AuthenticationRequired")])]);
    let (sky, clients) = (bluesky(&script.url), Clients::new().unwrap());

    for _ in 0..3 {
        let error = refusal(sky.deliver(attempt(), &clients).await.outcome);
        assert!(error.contains("cannot sign in") && !error.contains("hunter2"), "{error}");
    }

    assert_eq!(script.asked(CREATE).len(), 1);
}

#[actix_web::test]
async fn too_many_sign_ins_hold_up_the_account_alone() {
    let limited = Line(
        429,
        &[("retry-after", "300"), ("ratelimit-policy", "30;w=300")],
        json!({"error": "RateLimitExceeded"}).to_string(),
    );
    let script = Script::start([(CREATE, vec![limited])]);
    let (sky, clients) = (bluesky(&script.url), Clients::new().unwrap());

    for _ in 0..2 {
        let outcome = sky.deliver(attempt(), &clients).await.outcome;
        let Outcome::Busy { after: Some(after), scope: Scope::Account, .. } = outcome else {
            panic!("{outcome:?}")
        };
        assert!((200..=300).contains(&after.as_secs()), "{after:?}");
    }

    assert_eq!(script.asked(CREATE).len(), 1);
}

#[actix_web::test]
async fn a_sign_in_without_an_answer_leaves_no_doubt_about_the_message() {
    let silence = Line(SILENCE, &[], String::new());
    let garbage = Line(200, &[], "<html>".into());
    for answer in [silence, garbage, fault(500, "InternalServerError"), Line(502, &[], "<html>".into())] {
        let script = Script::start([(CREATE, vec![answer])]);

        assert!(matches!(
            deliver_impatiently(&script).await,
            Outcome::Busy { scope: Scope::Destination, .. }
        ));
        assert!(script.asked(PUT).is_empty());
    }
}

#[actix_web::test]
async fn too_many_posts_hold_up_whom_the_server_counts() {
    for (policy, scope) in [
        (&[("ratelimit-policy", "3000;w=300"), ("retry-after", "7")], Scope::Destination),
        (&[("ratelimit-policy", "5000;w=3600"), ("retry-after", "7")], Scope::Account),
    ] {
        let limited = Line(429, policy, json!({"error": "RateLimitExceeded"}).to_string());
        let script = Script::start([(CREATE, vec![session(1)]), (PUT, vec![limited])]);

        let outcome = deliver(&script).await;

        let Outcome::Busy { after, scope: told, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!((after, told), (Some(Duration::from_secs(7)), scope));
    }
}

#[actix_web::test]
async fn what_is_left_is_told_in_posts() {
    for (policy, left) in [("3000;w=300", 100), ("5000;w=3600", 50)] {
        let headers = Box::leak(Box::new([("ratelimit-policy", policy), ("ratelimit-remaining", "100")]));
        let Line(status, _, body) = written();
        let script = Script::start([(CREATE, vec![session(1)]), (PUT, vec![Line(status, headers, body)])]);

        let reply = bluesky(&script.url).deliver(attempt(), &Clients::new().unwrap()).await;

        assert_eq!(reply.hints.remaining, Some(left), "{policy}");
    }
}

#[actix_web::test]
async fn what_lies_under_the_key_decides_when_something_does() {
    let put = |get: Line| {
        Script::start([(CREATE, vec![session(1)]), (PUT, vec![fault(400, "InvalidSwap")]), (GET, vec![get])])
    };

    assert_eq!(deliver(&put(found("Hello"))).await, accepted());
    let error = refusal(deliver(&put(found("Another"))).await);
    assert!(error.contains("something else") && error.contains(URI), "{error}");
    let error = refusal(deliver(&put(fault(400, "RecordNotFound"))).await);
    assert!(error.contains("deleted"), "{error}");
    assert!(matches!(deliver(&put(fault(500, "InternalServerError"))).await, Outcome::Unknown { .. }));
}

#[actix_web::test]
async fn a_no_is_told_apart_from_an_answer_that_says_nothing() {
    for (answer, is_final) in [
        (fault(400, "InvalidRequest"), true),
        (fault(403, "Forbidden"), true),
        (fault(400, "AccountTakedown"), true),
        (Line(302, &[("location", "http://10.0.0.1/")], String::new()), true),
        (fault(500, "InternalServerError"), false),
        (fault(502, "UpstreamFailure"), false),
        (Line(404, &[], "<html>not the server's own words".into()), false),
        (Line(200, &[], "<html>".into()), false),
        (Line(200, &[], "x".repeat(10_000_000)), false),
        (Line(200, &[], "{}".into()), false),
        (Line(SILENCE, &[], String::new()), false),
    ] {
        let script = Script::start([(CREATE, vec![session(1)]), (PUT, vec![answer.clone()])]);

        let outcome = match answer.0 {
            SILENCE => deliver_impatiently(&script).await,
            _ => deliver(&script).await,
        };

        assert_eq!(matches!(outcome, Outcome::Refused { .. }), is_final, "{outcome:?}");
        assert_eq!(matches!(outcome, Outcome::Unknown { .. }), !is_final, "{outcome:?}");
    }
}

#[actix_web::test]
async fn a_look_tells_whether_a_post_is_there() {
    let look = async |get: Line| {
        let script = Script::start([(CREATE, vec![session(1)]), (GET, vec![get])]);
        bluesky(&script.url).reconcile(attempt(), &Clients::new().unwrap()).await
    };

    assert_eq!(look(found("Hello")).await, Reconciled::Found { receipt: Some(URI.to_owned()) });
    assert_eq!(look(fault(400, "RecordNotFound")).await, Reconciled::Absent);
    assert!(matches!(look(found("Another")).await, Reconciled::Unable { .. }));
    assert!(matches!(look(fault(502, "UpstreamFailure")).await, Reconciled::Unable { .. }));
}

#[actix_web::test]
async fn an_account_that_is_gone_from_the_configuration_waits_for_it() {
    let stranger = Attempt { account: "bob", ..attempt() };

    let outcome = bluesky("http://127.0.0.1:1").deliver(stranger, &Clients::new().unwrap()).await.outcome;

    assert!(matches!(outcome, Outcome::Busy { scope: Scope::Account, .. }), "{outcome:?}");
}

#[test]
fn texts_and_accounts_are_checked_before_a_message_is_taken() {
    let check = |account: &str, text: &str| {
        let checked = bluesky("https://sky.example").check(account, text);
        checked.err().unwrap_or_default().into_iter().map(|it| (it.pointer, it.detail)).collect::<Vec<_>>()
    };

    assert!(check("alice", &"👨‍👩‍👧".repeat(160)).is_empty(), "160 graphemes of 18 bytes");
    assert_eq!(
        check("alice", &"ü".repeat(301)),
        [("/text", "has 301 graphemes; Bluesky takes at most 300".to_owned())]
    );
    assert_eq!(
        check("alice", &"👨‍👩‍👧".repeat(167)),
        [("/text", "has 3006 bytes; Bluesky takes at most 3000".to_owned())]
    );
    let both = check("bob", &"x".repeat(301));
    assert_eq!(both.iter().map(|(pointer, _)| *pointer).collect::<Vec<_>>(), ["/account", "/text"]);
}

#[test]
fn no_password_is_printed() {
    let printed = format!("{:?}", bluesky("https://sky.example"));
    assert!(!printed.contains("hunter2"), "{printed}");
}

#[actix_web::test]
async fn a_real_server_that_forgot_a_session_gets_the_post_once() {
    let Some(pds) = squall_services::Pds::start() else { return };
    let alice = pds.account("alice");
    let (sky, clients) = (configured(&pds.url(), "60s", alice.password()), Clients::new().unwrap());
    let rkeys = [0, 1, 2].map(|clashes| crate::tid(attempt().due_at, attempt().id, clashes));

    for (rkey, for_good) in rkeys.iter().zip([None, Some(false), Some(true)]) {
        if let Some(for_good) = for_good {
            sky.accounts["alice"].spoil(for_good).await;
        }
        let reply = sky.deliver(Attempt { rkey, ..attempt() }, &clients).await;
        assert!(matches!(reply.outcome, Outcome::Accepted { .. }), "{for_good:?}: {reply:?}");
    }

    let mut there: Vec<_> = pds.records(&alice).into_iter().map(|post| post.rkey).collect();
    there.sort();
    assert_eq!(there, rkeys);
}
