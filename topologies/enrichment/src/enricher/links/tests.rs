mod addresses;

use serde_json::{Value, json};

use super::farm::{Farm, Names};
use super::*;
use crate::Json;

const LOOPBACK: &str = "127.0.0.1/32";

/// Links that may go to the loopback address of the farm, at any port, and nowhere else that is private.
fn links() -> Links {
    Links {
        ports: Ports::Any,
        allow: vec![LOOPBACK.parse().unwrap()],
        names: Some(Names::of([])),
        ..Links::default()
    }
}

async fn ask_all(links: &Links, urls: &[&str]) -> Vec<Value> {
    let asked = Asked::Links(urls.iter().map(|url| Text::from(*url)).collect::<Vec<_>>().into());
    let outcome = links.answer(&asked, &Web::default()).await.unwrap();
    serde_json::from_str(outcome.found().unwrap().as_str()).unwrap()
}

async fn ask(links: &Links, url: &str) -> Value {
    let mut all = ask_all(links, &[url]).await;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0]["url"], url);
    all.remove(0)
}

/// Why a link leads nowhere.
async fn why(links: &Links, url: &str) -> String {
    let answer = ask(links, url).await;
    answer["unreachable"].as_str().unwrap_or_else(|| panic!("{answer} is reachable")).to_owned()
}

#[tokio::test]
async fn a_link_leads_through_its_redirects_to_its_end() {
    let farm = Farm::start().await;

    assert_eq!(
        ask(&links(), &farm.url("/chain/3")).await,
        json!({"url": farm.url("/chain/3"), "final": farm.url("/chain/0"), "status": 200, "hops": 3})
    );

    assert_eq!(farm.asked(), ["HEAD /chain/3", "HEAD /chain/2", "HEAD /chain/1", "HEAD /chain/0"]);
}

#[tokio::test]
async fn redirects_lead_on_in_every_form_that_they_have() {
    let farm = Farm::start().await;
    let links = links();
    let end = |path: &str| farm.url(path);
    let relative_scheme = format!("//{}/ok/7", farm.address);

    for (location, last) in [
        ("/ok/1", end("/ok/1")),
        ("ok/2", end("/to/ok/2")),
        ("../ok/3", end("/ok/3")),
        ("?ok=4", end("/to/302?ok=4")),
        (&end("/ok/6").to_uppercase().replace("/OK", "/ok"), end("/ok/6")),
        (&relative_scheme, end("/ok/7")),
        (&farm.url("/ok/8").replace("http://", "http://user:secret@"), end("/ok/8")),
    ] {
        let answer = ask(&links, &farm.url(&format!("/to/302?{location}"))).await;
        if location.starts_with('?') {
            // It leads to a redirect without an address.
            assert_eq!(answer["hops"], 2, "{answer}");
            continue;
        }
        assert_eq!(
            (&answer["final"], &answer["status"]),
            (&json!(last), &json!(200)),
            "{location}: {answer}"
        );
    }
    assert_eq!(ask(&links, &farm.url("/part")).await["final"], end("/ok#part"));
    for status in ["301", "302", "303", "307", "308"] {
        assert_eq!(ask(&links, &farm.url(&format!("/to/{status}?/ok"))).await["hops"], 1, "{status}");
    }
    for status in ["300", "304", "305", "306"] {
        let answer = ask(&links, &farm.url(&format!("/to/{status}?/ok"))).await;
        assert_eq!((answer["hops"].clone(), answer["status"].to_string()), (json!(0), status.to_owned()));
    }
}

#[tokio::test]
async fn a_status_is_an_answer_whatever_it_is() {
    let farm = Farm::start().await;

    for status in [200, 204, 401, 404, 410, 451, 500, 503] {
        assert_eq!(ask(&links(), &farm.url(&format!("/status/{status}"))).await["status"], status);
    }
}

#[tokio::test]
async fn where_head_is_refused_get_is_asked() {
    let farm = Farm::start().await;
    let links = links();

    for refusal in ["400", "403", "404", "405", "500", "501", "hangs-up"] {
        let answer = ask(&links, &farm.url(&format!("/nohead/{refusal}"))).await;
        assert_eq!((&answer["final"], &answer["hops"]), (&json!(farm.url("/ok")), &json!(1)), "{refusal}");
    }

    assert_eq!(farm.asked()[..3], ["HEAD /nohead/400", "GET /nohead/400", "HEAD /ok"]);

    let before = farm.asked().len();
    assert_eq!(ask(&links, &farm.url("/nohead/429")).await["status"], 429);
    assert_eq!(farm.asked()[before..], ["HEAD /nohead/429"], "who asks for peace gets it");
}

#[tokio::test]
async fn loops_and_endless_ways_end() {
    let farm = Farm::start().await;
    let links = Links { hops: 10, ..links() };

    assert_eq!(why(&links, &farm.url("/a")).await, "loop");
    assert_eq!(why(&links, &farm.url("/self")).await, "loop");
    assert_eq!(ask(&links, &farm.url("/chain/10")).await["status"], 200);
    assert_eq!(
        ask(&links, &farm.url("/chain/11")).await,
        json!({"url": farm.url("/chain/11"), "final": farm.url("/chain/1"), "hops": 10, "unreachable": "too_many_hops"})
    );
    let before = farm.asked().len();
    assert_eq!(why(&links, &farm.url("/grows/x")).await, "too_many_hops");
    assert_eq!(farm.asked().len() - before, 11, "{:?}", farm.asked());
}

#[tokio::test]
async fn no_body_is_read_and_no_page_is_followed() {
    let farm = Farm::start().await;
    let links = links();

    assert_eq!(ask(&links, &farm.url("/huge")).await["status"], 200);
    assert_eq!(ask(&links, &farm.url("/meta")).await["final"], farm.url("/meta"));
}

#[tokio::test]
async fn servers_that_do_not_come_to_an_end_are_left() {
    let farm = Farm::start().await;
    let short = Links { hop_time: Duration::from_millis(100), ..links() };
    let patient = Links { hop_time: Duration::from_secs(60), time: Duration::from_secs(60), ..links() };

    assert_eq!(why(&short, &farm.url("/silent")).await, "timeout");
    assert_eq!(why(&short, &farm.url("/drips")).await, "timeout");
    assert_eq!(why(&patient, &farm.url("/headers")).await, "broken");
    assert_eq!(why(&patient, &farm.url("/garbage")).await, "broken");
}

#[tokio::test]
async fn all_hops_together_have_their_time_too() {
    let farm = Farm::start().await;
    let time = Duration::from_secs(3);
    let links = Links { time, hop_time: Duration::from_secs(60), ..links() };

    let answer = ask(&links, &farm.url("/to/302?/silent")).await;

    assert_eq!((&answer["hops"], &answer["unreachable"]), (&json!(1), &json!("timeout")));
    assert_eq!(answer["final"], farm.url("/silent"));
}

#[tokio::test]
async fn a_redirect_that_is_none_is_told() {
    let farm = Farm::start().await;
    let links = links();

    assert_eq!(ask(&links, &farm.url("/no-location")).await["status"], 302);
    for location in ["http://", "http://[::1", "http://a b/", "//", "http://999.1.1.1/", "http://x:99999/"] {
        assert_eq!(
            why(&links, &farm.url(&format!("/location/{location}"))).await,
            "bad_redirect",
            "{location}"
        );
    }
    assert_eq!(why(&links, &farm.url("/long")).await, "too_long");
}

#[tokio::test]
async fn what_is_no_address_of_the_web_is_not_asked() {
    let links = Links { ports: Ports::Web, ..links() };

    for (url, reason) in [
        ("http://", "not_a_url"),
        ("https://exa mple.org/", "not_a_url"),
        ("ftp://example.org/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("data:text/html,x", "scheme"),
        ("http://127.0.0.1:22/", "port"),
        ("https://127.0.0.1:6379/", "port"),
        ("http://127.0.0.1:0/", "port"),
        (&format!("http://example.org/{}", "x".repeat(5000)), "too_long"),
    ] {
        assert_eq!(why(&links, url).await, reason, "{url}");
    }
}

#[tokio::test]
async fn credentials_in_an_address_are_neither_sent_nor_told() {
    let farm = Farm::start().await;
    let url = farm.url("/ok").replace("http://", "http://user:secret@");

    // The farm does not bear an `Authorization`.
    let answer = ask(&links(), &url).await;

    assert_eq!((&answer["final"], &answer["status"]), (&json!(farm.url("/ok")), &json!(200)));
}

#[tokio::test]
async fn nobody_at_the_address_is_an_answer() {
    let closed = Farm::start().await.url("/");

    assert_eq!(why(&links(), &closed).await, "no_connection");
}

#[tokio::test]
async fn links_of_one_host_are_asked_so_many_at_once() {
    let farm = Farm::start().await;
    let links = Links { per_host: 3, ..links() };
    let urls: Vec<_> = (0..16).map(|number| farm.url(&format!("/gate/{number}"))).collect();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();

    let let_go = async {
        for left in (1..=16).rev() {
            farm.until_open(3.min(left)).await;
            farm.let_one_go();
        }
    };
    let (answers, ()) = futures_util::future::join(ask_all(&links, &urls), let_go).await;

    assert!(answers.iter().all(|answer| answer["status"] == 200), "{answers:?}");
    assert_eq!(farm.most_at_once(), 3);
    assert_eq!(links.opened().hosts.len(), 0);
}

#[tokio::test]
async fn a_link_that_gets_no_turn_is_answered_too() {
    let farm = Farm::start().await;
    let links = Links { per_host: 1, time: Duration::from_millis(200), ..links() };
    let (first, second) = (farm.url("/silent/1"), farm.url("/silent/2"));
    let third = farm.url("/silent/3");

    let answers = ask_all(&links, &[&first, &second, &third]).await;

    let mut reasons: Vec<_> = answers.iter().map(|answer| answer["unreachable"].as_str().unwrap()).collect();
    reasons.sort_unstable();
    assert!(reasons.contains(&"timeout"), "{reasons:?}");
    assert!(reasons.iter().all(|why| ["timeout", "busy"].contains(why)), "{reasons:?}");
}

#[tokio::test]
async fn a_silent_host_is_soon_left_alone() {
    let farm = Farm::start().await;
    let links = Links { hop_time: Duration::from_secs(1), ..links() };

    for number in 0..3 {
        assert_eq!(why(&links, &farm.url(&format!("/silent/{number}"))).await, "timeout");
    }
    assert_eq!(why(&links, &farm.url("/silent/4")).await, "host_down");

    assert_eq!(farm.asked().len(), 3);
}

#[tokio::test]
async fn a_link_that_ran_out_of_its_own_time_says_nothing_about_the_host() {
    let farm = Farm::start().await;
    let links = Links { time: Duration::from_millis(50), hop_time: Duration::from_secs(60), ..links() };

    for number in 0..5 {
        assert_eq!(why(&links, &farm.url(&format!("/silent/{number}"))).await, "timeout");
    }

    assert_eq!(links.opened().hosts.len(), 0);
}

#[tokio::test]
async fn a_link_is_asked_once_whoever_else_wants_to_know() {
    let farm = Farm::start().await;
    let links = links();
    let url = farm.url("/gate/one");

    let asks = futures_util::future::join_all((0..50).map(|_| ask(&links, &url)));
    let let_go = async {
        farm.until_open(1).await;
        farm.let_one_go();
    };
    let (answers, ()) = futures_util::future::join(asks, let_go).await;

    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(ask(&links, &url).await, answers[0]);
    assert_eq!(farm.asked(), ["HEAD /gate/one"]);
    assert_eq!(Enricher::cache(&links).unwrap().entries, 1);
}

#[tokio::test]
async fn an_answer_that_is_remembered_is_there_at_once_and_the_same_one() {
    let farm = Farm::start().await;
    let links = links();
    let (one, other) = (farm.url("/chain/1"), farm.url("/status/404"));
    let first = ask_all(&links, &[&one, &other]).await;

    let asked = Asked::Links(vec![Text::from(one), Text::from(other)].into());
    let web = Web::default();
    let again = futures_util::FutureExt::now_or_never(links.answer(&asked, &web)).unwrap().unwrap();

    assert_eq!(serde_json::from_str::<Vec<Value>>(again.found().unwrap().as_str()).unwrap(), first);
    assert_eq!(farm.asked().len(), 4, "{:?}", farm.asked());
}

#[test]
fn what_says_nothing_of_the_link_is_not_remembered_for_long() {
    let terms = links().terms();
    let ttl = |end| {
        let url = "http://a.example/".to_owned();
        unwound::Unwound { url, last: None, hops: 0, end }.fresh(&terms).ttl
    };

    assert_eq!((ttl(Ok(200)), ttl(Ok(404)), ttl(Ok(410))), (terms.ttl, terms.ttl, terms.ttl));
    assert_eq!((ttl(Ok(503)), ttl(Ok(429))), (terms.missing_ttl, terms.missing_ttl));
    assert_eq!(ttl(Err(unreachable::Unreachable::Timeout)), terms.missing_ttl);
    assert_eq!(ttl(Err(unreachable::Unreachable::Busy)), Duration::from_secs(1));
}

#[test]
fn answers_are_json_whatever_the_link_is() {
    for url in ["http://a/\"\\\u{0}\n", "http://\u{202e}/", "http://a/😀"] {
        let unwound = unwound::Unwound {
            url: url.to_owned(),
            last: None,
            hops: 0,
            end: Err(unreachable::Unreachable::NotAUrl),
        };
        let fresh = unwound.fresh(&links().terms());
        let json: Json = fresh.outcome.found().unwrap().clone();
        let parsed: Value = serde_json::from_str(json.as_str()).unwrap();
        assert_eq!(parsed, json!([{"url": url, "hops": 0, "unreachable": "not_a_url"}]));
    }
}
