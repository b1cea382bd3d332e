//! What enrichers ask.

use std::fs;
use std::time::Duration;

use squall_services::{Answer, Receiver};
use tempfile::TempDir;

/// How long the service takes: enough for a kill to meet activities that wait.
const THINKING: Duration = Duration::from_millis(10);

/// A service of scores and a table of people.
pub(crate) struct Scene {
    service: Receiver,
    folder: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let service = Receiver::start();
        service.answer_with(|asked| match asked.path.bytes().map(usize::from).sum::<usize>() % 10 {
            0 => Answer::status(404).delayed(THINKING),
            1 if fastrand::bool() => Answer::status(503).delayed(THINKING),
            _ => Answer::status(200).body("{\"score\":1.5}").delayed(THINKING),
        });
        let folder = tempfile::tempdir().unwrap();
        let person = |number: usize| format!("{{\"key\":\"did:plc:{number}\",\"score\":7}}\n");
        fs::write(folder.path().join("people.ndjson"), (0..1000).map(person).collect::<String>()).unwrap();
        Self { service, folder }
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
