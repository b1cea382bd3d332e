use std::sync::{Arc, Mutex};

use squall_topology::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::{Enrichers, Question};

/// An enricher of the configuration.
fn enricher(text: &str) -> Enrichers {
    let mut config = Config::parse("squall.toml", &format!("[enrichers.influence]\n{text}")).unwrap();
    Enrichers::new(config.parts("enrichers").unwrap())
}

async fn ask(enrichers: &Enrichers, author: &str) -> Result<Outcome, String> {
    let question = Question { number: 1, asked: Asked::Author(author.into()) };
    let named = enrichers.get("influence").unwrap();
    named
        .answer(&question, &Web::default())
        .await
        .map(|answer| answer.outcome)
        .map_err(|error| error.to_string())
}

fn score(value: f64) -> Outcome {
    Outcome::Found(Score::from_value(value).unwrap().json())
}

const NOBODY: Outcome = Outcome::Missing(Missing::UNKNOWN_AUTHOR);

#[tokio::test]
async fn authors_have_the_scores_of_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.ndjson");
    std::fs::write(
        &path,
        "{\"key\":\"did:plc:a\",\"followers\":1200,\"following\":300,\"posts\":80,\"engagements\":4100}\n\
         {\"key\":\"did:plc:b\",\"score\":7}\n",
    )
    .unwrap();
    let enrichers = enricher(&format!("type = 'influence'\ntable = '{}'", path.display()));
    assert!(ask(&enrichers, "did:plc:a").await.unwrap_err().contains("was not opened"));

    enrichers.open().unwrap();

    let computed = Score::of(1200, 300, 80, 4100);
    assert_eq!(ask(&enrichers, "did:plc:a").await, Ok(Outcome::Found(computed.json())));
    assert_eq!(ask(&enrichers, "did:plc:b").await, Ok(score(7.0)));
    assert_eq!(ask(&enrichers, "did:plc:c").await, Ok(NOBODY));
}

#[test]
fn a_table_that_is_not_there_is_told_before_anything_runs() {
    let enrichers = enricher("type = 'influence'\ntable = '/nowhere/people.ndjson'");

    let error = enrichers.open().unwrap_err();

    assert!(
        error.contains("[enrichment.enricher.influence]: cannot read the table /nowhere/people.ndjson"),
        "{error}"
    );
}

/// A service that answers with the next of its answers, the last one again and again, and what it was asked.
async fn service(answers: Vec<(u16, &'static str)>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&asked);
    tokio::spawn(async move {
        for nth in 0.. {
            let (mut caller, _) = listener.accept().await.unwrap();
            let mut head = [0; 8192];
            let read = caller.read(&mut head).await.unwrap();
            heads.lock().unwrap().push(String::from_utf8_lossy(&head[..read]).into_owned());
            let (status, body) = answers[nth.min(answers.len() - 1)];
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} So\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            caller.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, asked)
}

#[tokio::test]
async fn a_service_is_asked_once_for_an_author() {
    let (url, asked) = service(vec![(200, r#"{"score":63.42,"more":[1]}"#), (404, "")]).await;
    let enrichers = enricher(&format!("type = 'influence-service'\nurl = '{url}/v1/{{key}}?x=1'"));

    for _ in 0..3 {
        assert_eq!(ask(&enrichers, "did:plc:a").await, Ok(score(63.4)));
    }
    for _ in 0..3 {
        assert_eq!(ask(&enrichers, "did:plc:b").await, Ok(NOBODY));
    }

    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].starts_with("GET /v1/did%3Aplc%3Aa?x=1 HTTP/1.1\r\n"), "{asked:?}");
    let counts = enrichers.get("influence").unwrap().cache().unwrap();
    assert_eq!((counts.hits, counts.misses, counts.entries), (4, 2, 2));
}

#[tokio::test]
async fn a_service_that_fails_is_an_error_and_not_an_answer() {
    let answers = vec![
        (500, ""),
        (429, ""),
        (401, ""),
        (302, ""),
        (200, "<html>"),
        (200, r#"{"score":101}"#),
        (200, r#"{"score":"7"}"#),
        (200, r#"{"score":7}"#),
    ];
    let failures = answers.len() - 1;
    let (url, _) = service(answers).await;
    let enrichers = enricher(&format!("type = 'influence-service'\nurl = '{url}/{{key}}'"));

    for _ in 0..failures {
        let error = ask(&enrichers, "a").await.unwrap_err();
        assert!(error.contains("the service answered"), "{error}");
    }

    assert_eq!(ask(&enrichers, "a").await, Ok(score(7.0)), "a failure is not remembered");
}

#[tokio::test]
async fn an_author_cannot_choose_what_is_asked() {
    let (url, asked) = service(vec![(200, r#"{"score":1}"#)]).await;
    let enrichers = enricher(&format!("type = 'influence-service'\nurl = '{url}/v1/{{key}}'"));

    for author in ["../admin", "a/../../b", "a?b#c", "%2e%2e", "a\r\nx: y", "é", "\u{0}", "a b", "@b", "\\"]
    {
        assert_eq!(ask(&enrichers, author).await, Ok(score(1.0)), "{author}");
    }
    for author in [".", ".."] {
        assert_eq!(ask(&enrichers, author).await, Ok(NOBODY));
    }

    for head in asked.lock().unwrap().iter() {
        let path = head.strip_prefix("GET /v1/").and_then(|rest| rest.split_once(" HTTP/1.1\r\n")).unwrap().0;
        assert!(!path.contains(['/', '?', '#', ' ']) && !head.contains("x: y"), "{head}");
    }
}

#[tokio::test]
async fn the_token_goes_to_the_service_and_nowhere_else() {
    let (url, asked) = service(vec![(500, "")]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "s3cret").unwrap();
    let settings = format!(
        "type = 'influence-service'\nurl = '{url}/{{key}}'\ntoken = {{ file = '{}' }}",
        file.display()
    );
    let enrichers = enricher(&settings);

    let error = ask(&enrichers, "a").await.unwrap_err();

    assert!(asked.lock().unwrap()[0].contains("authorization: Bearer s3cret"));
    assert!(!error.contains("s3cret") && !format!("{enrichers:?}").contains("s3cret"));
    assert!(!format!("{enrichers:?}").contains(&url), "an address may carry a token");
}
