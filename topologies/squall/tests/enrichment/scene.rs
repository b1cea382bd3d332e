//! What enrichers ask.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use squall_enrichment::{Activity, Enrichers, Outcome};
use squall_services::{Answer, Receiver};
use tempfile::TempDir;

/// Who is in the table of people: `did:plc:` and a number below this.
const PEOPLE: usize = 1000;

/// How long the service takes: enough for a kill to meet activities that wait.
const THINKING: Duration = Duration::from_millis(10);

/// Why a text has no language.
const UNLETTERED: [&str; 3] = ["no_letters", "no_text", "unknown_script"];

/// By which the service tells authors apart.
fn digit(author: &str) -> usize {
    author.bytes().map(usize::from).sum::<usize>() % 10
}

/// A service of scores and a table of people.
pub(crate) struct Scene {
    service: Receiver,
    folder: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let service = Receiver::start();
        service.answer_with(|asked| {
            // The author, percent-encoded.
            let author = asked.path.trim_start_matches('/').replace("%3A", ":");
            match digit(&author) {
                0 => Answer::status(404).delayed(THINKING),
                1 if fastrand::bool() => Answer::status(503).delayed(THINKING),
                _ => Answer::status(200).body("{\"score\":1.5}").delayed(THINKING),
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let person = |number: usize| format!("{{\"key\":\"did:plc:{number}\",\"score\":7}}\n");
        fs::write(folder.path().join("people.ndjson"), (0..PEOPLE).map(person).collect::<String>()).unwrap();
        Self { service, folder }
    }

    /// What the enricher of this name finds out about an activity, or why it finds nothing; none where nobody asks it.
    pub(crate) fn expected(name: &str, activity: &Activity) -> Option<Result<Value, &'static str>> {
        let author = activity.author().expect("each has one");
        match name {
            // What computes has no way to go wrong on: it is asked here.
            "language" => {
                let asked = Enrichers::default();
                let language = asked.get("language").expect("it is the default");
                let outcome = language.at_once(&language.question(activity)?).expect("nothing is waited for");
                Some(match &outcome {
                    Outcome::Found(json) => Ok(serde_json::from_str(json.as_str()).unwrap()),
                    Outcome::Missing(why) => {
                        Err(UNLETTERED.into_iter().find(|one| *one == why.as_str()).unwrap())
                    }
                })
            }
            "people" => {
                let number = author.strip_prefix("did:plc:").and_then(|number| number.parse().ok());
                let is_known = number.is_some_and(|number: usize| number < PEOPLE);
                Some(if is_known { Ok(json!({"score": 7.0})) } else { Err("unknown_author") })
            }
            "score" => {
                Some(if digit(author) == 0 { Err("unknown_author") } else { Ok(json!({"score": 1.5})) })
            }
            other => panic!("no enricher is called {other}"),
        }
    }

    /// The enrichers of a configuration.
    pub(crate) fn enrichers(&self) -> String {
        format!(
            "[enrichment.enricher.language]
             type = 'language'
             [enrichment.enricher.people]
             type = 'influence'
             table = '{}'
             [enrichment.enricher.score]
             type = 'influence-service'
             url = '{}'
             [enrichment.enricher.score.calls]
             concurrency = 64
             retry = {{ attempts = 3, backoff = '5ms', max_backoff = '50ms' }}
             ",
            self.folder.path().join("people.ndjson").display(),
            self.service.url("/{key}"),
        )
    }
}
