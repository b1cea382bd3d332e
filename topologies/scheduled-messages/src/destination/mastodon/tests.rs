//! What a server may say, and what follows.

use serde_json::{Value, json};
use squall_topology::config::Config;

use super::*;
use crate::destination::attempt::tests::attempt;
use crate::destination::script::{Line, SILENCE, Script, line};

const POST: &str = "/api/v1/statuses";
const ME: &str = "/verify_credentials";
const LIST: &str = "/accounts/7/statuses";

const URL: &str = "https://toot.example/@me/1";

/// A status, posted so many seconds after the first attempt began.
fn status(id: u32, content: &str, after: i64) -> Value {
    let at = attempt().first_began_at + jiff::SignedDuration::from_secs(after);
    json!({"id": id.to_string(), "created_at": at.to_string(), "content": content, "url": URL, "uri": "tag:1"})
}

fn fault(status: u16, error: &str) -> Line {
    line(status, &json!({"error": error}))
}

fn mastodon(url: &str, more: &str) -> Box<dyn Destination> {
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), "hunter2").unwrap();
    let text = format!(
        "[destinations.toot]\ntype = 'mastodon'\nservice = '{url}'\n{more}\n\
         accounts.alice = {{ token = {{ file = '{}' }} }}",
        token.path().display()
    );
    let mut config = Config::parse("squall.toml", &text).unwrap();
    config.parts::<Box<dyn Destination>>("destinations").unwrap().remove("toot").unwrap()
}

async fn deliver(answer: Line, attempt: Attempt<'_>) -> (Outcome, Script) {
    let is_silent = answer.0 == SILENCE;
    let script = Script::start([(POST, vec![answer])]);
    let more = if is_silent { "timeout = '1s'" } else { "timeout = '60s'" };
    let reply = mastodon(&script.url, more).deliver(attempt, &Clients::new().unwrap()).await;
    (reply.outcome, script)
}

async fn look(pages: &[Value]) -> (Reconciled, Script) {
    let pages = pages.iter().map(|page| line(200, page)).collect();
    let script = Script::start([(ME, vec![line(200, &json!({"id": "7"}))]), (LIST, pages)]);
    let found = mastodon(&script.url, "").reconcile(attempt(), &Clients::new().unwrap()).await;
    (found, script)
}

#[actix_web::test]
async fn every_attempt_has_the_same_key() {
    let script =
        Script::start([(POST, vec![fault(503, "temporary"), line(200, &status(1, "<p>Hello</p>", 1))])]);
    let (toot, clients) = (mastodon(&script.url, "visibility = 'unlisted'"), Clients::new().unwrap());

    let first = toot.deliver(attempt(), &clients).await.outcome;
    let second = toot.deliver(Attempt { is_in_doubt: true, number: 2, ..attempt() }, &clients).await.outcome;

    assert!(matches!(first, Outcome::Unknown { .. }), "{first:?}");
    assert_eq!(second, Outcome::Accepted { receipt: Some(URL.to_owned()) });
    for asked in script.asked(POST) {
        assert_eq!(asked.headers["idempotency-key"], attempt().key);
        assert_eq!(asked.headers["authorization"], "Bearer hunter2");
        assert_eq!(asked.body, json!({"status": "Hello", "visibility": "unlisted"}));
    }
}

#[actix_web::test]
async fn what_is_certain_is_told_apart_from_what_is_not() {
    let unknown = "unknown";
    for (answer, expected) in [
        (fault(422, "Validation failed: Text can't be blank"), "refused"),
        (fault(401, "The access token is invalid"), "refused"),
        (fault(403, "This action is outside the authorized scopes"), "refused"),
        (fault(404, "Record not found"), "refused"),
        (Line(302, &[("location", "http://10.0.0.1/")], String::new()), "refused"),
        (Line(404, &[], "<html>no route</html>".into()), "busy"),
        (fault(409, "still at it"), unknown),
        (fault(500, "This page is not working right"), unknown),
        (fault(503, "There was a temporary problem serving your request"), unknown),
        (Line(502, &[], "<html>".into()), unknown),
        (Line(200, &[], "<html>".into()), unknown),
        (Line(200, &[], "x".repeat(10_000_000)), unknown),
        (Line(200, &[], "{}".into()), unknown),
        (Line(SILENCE, &[], String::new()), unknown),
    ] {
        let (outcome, _) = deliver(answer, attempt()).await;

        let told = match &outcome {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Refused { .. } => "refused",
            Outcome::Busy { .. } => "busy",
            Outcome::Unknown { .. } => unknown,
        };
        assert_eq!(told, expected, "{outcome:?}");
    }
}

#[actix_web::test]
async fn too_many_posts_hold_up_the_account_until_the_reset() {
    for reset in [("x-ratelimit-reset", "2026-01-02T11:01:00.123456Z"), ("x-ratelimit-reset", "1767351660")] {
        let headers = Box::leak(Box::new([("date", "Fri, 02 Jan 2026 11:00:00 GMT"), reset]));
        let limited = Line(429, headers, json!({"error": "Throttled"}).to_string());

        let (outcome, _) = deliver(limited, attempt()).await;

        let Outcome::Busy { after: Some(after), scope: Scope::Account, .. } = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(after.as_secs(), 60, "{reset:?}");
    }
}

#[actix_web::test]
async fn a_server_that_knows_the_key_with_another_text_is_not_taken_at_its_word() {
    let earlier = || line(200, &status(1, "<p>An earlier text</p>", -5));

    let (outcome, _) = deliver(earlier(), Attempt { is_in_doubt: true, ..attempt() }).await;
    let Outcome::Refused { error } = outcome else { panic!("{outcome:?}") };
    assert!(error.contains("earlier text") && error.contains(URL), "{error}");

    let (outcome, _) = deliver(earlier(), attempt()).await;
    assert!(
        matches!(outcome, Outcome::Accepted { .. }),
        "a server may write a text in its own way: {outcome:?}"
    );
}

#[actix_web::test]
async fn a_look_finds_what_was_posted_since_the_first_attempt() {
    let found = Reconciled::Found { receipt: Some(URL.to_owned()) };
    let hello = |after| status(2, "<p>Hello</p>", after);
    let other = |after| status(3, "<p>Other</p>", after);

    assert_eq!(look(&[json!([other(9), hello(5), other(-999)])]).await.0, found);
    assert_eq!(look(&[json!([other(9), hello(-30)])]).await.0, found, "its clock may be behind");
    let (paged, script) = look(&[json!([other(9)]), json!([other(8), hello(7)])]).await;
    assert_eq!((paged, script.asked(LIST).len(), script.asked(ME).len()), (found, 2, 1));
    for absent in [json!([]), json!([other(9), hello(-300)])] {
        assert_eq!(look(std::slice::from_ref(&absent)).await.0, Reconciled::Absent, "{absent}");
    }
    assert_eq!(look(&[json!([other(9)]), json!([])]).await.0, Reconciled::Absent);
}

#[actix_web::test]
async fn a_look_that_cannot_be_sure_says_so() {
    let close = json!([status(2, "<p>Hello!</p>", 5), status(3, "<p>Other</p>", -999)]);
    let endless = json!([status(2, "<p>Other</p>", 5)]);
    let nonsense = json!([{"id": "1"}]);

    for (page, why) in [(close, "punctuation"), (endless, "too many"), (nonsense, "cannot read")] {
        let Reconciled::Unable { error } = look(&[page]).await.0 else { panic!("{why}") };
        assert!(error.contains(why), "{error}");
    }
    let script = Script::start([(ME, vec![fault(401, "The access token was revoked")])]);
    let revoked = mastodon(&script.url, "").reconcile(attempt(), &Clients::new().unwrap()).await;
    let Reconciled::Unable { error } = revoked else { panic!("{revoked:?}") };
    assert!(error.contains("was revoked") && !error.contains("hunter2"), "{error}");
}

#[test]
fn texts_are_counted_as_the_server_does() {
    let check = |account: &str, text: &str| {
        let checked = mastodon("https://toot.example", "limit = 50").check(account, text);
        checked.err().unwrap_or_default().into_iter().map(|it| (it.pointer, it.detail)).collect::<Vec<_>>()
    };

    let link = format!("https://example.org/{}", "x".repeat(200));
    assert!(check("alice", &format!("{} {link}", "ü".repeat(26))).is_empty(), "26 + 1 + 23");
    assert!(check("alice", &format!("@me@{}.example {}", "x".repeat(60), "y".repeat(46))).is_empty());
    let too_long = check("alice", &format!("{} {link}", "x".repeat(27)));
    assert!(
        too_long[0].1.contains("has 51 characters") && too_long[0].1.contains("at most 50"),
        "{too_long:?}"
    );
    assert_eq!(check("alice", " \n")[0].0, "/text");
    assert_eq!(check("bob", "Hello")[0].0, "/account");
}

#[test]
fn a_server_that_ignores_keys_is_looked_at_before_every_resend() {
    let capability = |more| mastodon("https://toot.example", more).capability();

    assert_eq!(capability(""), Capability::KeyedWindow(Duration::from_secs(3600)));
    assert_eq!(capability("keyed = false"), Capability::KeyedWindow(Duration::ZERO));
}

#[test]
fn no_token_is_printed() {
    let printed = format!("{:?}", mastodon("https://toot.example", ""));
    assert!(!printed.contains("hunter2"), "{printed}");
}
