//! Webhooks, and a receiver that answers what it likes.

use squall_scheduled_messages::{Destination, Outcome, Scope};
use squall_services::{Answer, Loss, LossyProxy, Receiver};

use crate::support::{Sent, deliver, destination, is_accepted, is_unknown, refusal};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn webhook(url: &str) -> Box<dyn Destination> {
    waiting(url, "60s")
}

/// One that does not wait long, for what never comes.
fn impatient(url: &str) -> Box<dyn Destination> {
    waiting(url, "1s")
}

fn waiting(url: &str, timeout: &str) -> Box<dyn Destination> {
    let lines = format!("type = 'webhook'\nurl = '{url}'\ntimeout = '{timeout}'\nsecrets = [SECRET, SECRET]");
    destination(&lines, KEY)
}

#[actix_web::test]
async fn an_answer_that_gets_lost_leads_to_one_message_where_keys_are_honoured() {
    for loss in [Loss::Answer, Loss::AnswerInSilence, Loss::Request] {
        let receiver = Receiver::start();
        receiver.honour_keys(true);
        let proxy = LossyProxy::http(receiver.address());
        let message = Sent::new("Hello");

        proxy.lose_next(1, loss);
        let first = deliver(&*impatient(&proxy.url("/hook")), message.attempt(1)).await;
        let second = deliver(&*webhook(&proxy.url("/hook")), message.attempt(2)).await;

        assert!(is_unknown(&first), "{loss:?}: {first:?}");
        assert!(is_accepted(&second), "{loss:?}: {second:?}");
        assert_eq!((receiver.taken(), receiver.deduplicated()), (1, 1), "{loss:?}");
    }
}

#[actix_web::test]
async fn every_attempt_posts_the_same_bytes_signed_with_every_key() {
    let receiver = Receiver::start();
    let (hook, message) = (webhook(&receiver.url("/hook")), Sent::new("Grüße\r\nX-Injected: yes"));

    for number in 1..=2 {
        assert!(is_accepted(&deliver(&*hook, message.attempt(number)).await));
    }

    let posts = receiver.posts();
    assert_eq!(posts[0].body, posts[1].body);
    for post in &posts {
        let id = message.id.to_string();
        assert_eq!((post.key(), post.header("webhook-id")), (Some(id.as_str()), Some(id.as_str())));
        let signatures = post.header("webhook-signature").unwrap();
        assert!(signatures.split(' ').count() == 2 && signatures.starts_with("v1,"), "{signatures}");
        assert!(post.header("webhook-timestamp").unwrap().parse::<i64>().is_ok());
        assert_eq!(post.header("x-injected"), None);
    }
}

#[actix_web::test]
async fn a_connection_that_is_never_made_is_certain() {
    let receiver = Receiver::start();
    let proxy = LossyProxy::http(receiver.address());
    proxy.refuse();

    let outcome = deliver(&*webhook(&proxy.url("/hook")), Sent::new("Hello").attempt(1)).await;

    assert!(matches!(outcome, Outcome::Busy { scope: Scope::Destination, .. }), "{outcome:?}");
    let nowhere = "http://no-such-host.invalid/hook";
    let outcome = deliver(&*webhook(nowhere), Sent::new("Hello").attempt(1)).await;
    assert!(matches!(outcome, Outcome::Busy { scope: Scope::Destination, .. }), "{outcome:?}");
}

#[actix_web::test]
async fn a_receiver_that_says_nothing_certain_leaves_it_open() {
    for answer in [
        Answer::never(),
        Answer::close(),
        Answer::garbage(),
        Answer::status(500),
        Answer::status(503).body(vec![b'x'; 10_000_000]),
    ] {
        let receiver = Receiver::start();
        receiver.answer(answer.clone());

        let outcome = deliver(&*impatient(&receiver.url("/")), Sent::new("Hello").attempt(1)).await;

        assert!(is_unknown(&outcome), "{answer:?}: {outcome:?}");
        let Outcome::Unknown { error } = outcome else { unreachable!() };
        assert!(error.len() < 500, "ten megabytes are not kept");
    }
}

#[actix_web::test]
async fn a_redirect_to_a_private_address_is_refused_and_not_followed() {
    let (private, receiver) = (Receiver::start(), Receiver::start());
    receiver.answer(Answer::redirect(&private.url("/secret?token=hunter2")));

    let error = refusal(deliver(&*webhook(&receiver.url("/")), Sent::new("Hello").attempt(1)).await);

    assert!(error.contains("redirects are refused, this one leads to `127.0.0.1`"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
    assert_eq!(private.raw_count(), 0);
}
