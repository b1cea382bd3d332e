//! [`Keeping`]: for how long a topic keeps its records.

use std::{
    sync::{
        Mutex, TryLockError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use rdkafka::{
    admin::{AdminClient, AdminOptions, ResourceSpecifier},
    config::FromClientConfigAndContext as _,
};
use tokio::runtime::Builder;
use tracing::debug;

use super::{
    options::{self, refusal},
    quiet::Quiet,
    source_settings::SourceSettings,
};

/// How long after a source was made the broker is asked first: whoever is to read at once reads.
const FIRST: Duration = Duration::from_secs(2);

/// The time between two questions: somebody may change it.
const AGAIN: Duration = Duration::from_secs(5 * 60);

/// The time after one that was not answered.
const UNANSWERED: Duration = Duration::from_secs(30);

/// How long an answer may take: whoever polls for a member waits for it.
const ANSWER: Duration = Duration::from_secs(2);

/// No limit, or none that is known.
const EVER: u64 = u64::MAX;

/// For how long the broker keeps the records of a topic, as it said last. All tasks of a source share it, and one asks.
pub(super) struct Keeping {
    next: Mutex<Instant>,
    millis: AtomicU64,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { next: Mutex::new(Instant::now() + FIRST), millis: AtomicU64::new(EVER) }
    }
}

impl Keeping {
    /// For so long at least, if that has a limit and the broker has said it.
    pub(super) fn time(&self) -> Option<Duration> {
        let millis = self.millis.load(Relaxed);
        (millis != EVER).then(|| Duration::from_millis(millis))
    }

    /// Asks the broker if it is time to, and nobody else does.
    pub(super) fn serve(&self, settings: &SourceSettings) {
        let mut next = match self.next.try_lock() {
            Ok(next) => next,
            Err(TryLockError::Poisoned(next)) => next.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if Instant::now() < *next {
            return;
        }
        let pause = match ask(settings) {
            Ok(answer) => {
                self.millis.store(answer.unwrap_or(EVER), Relaxed);
                AGAIN
            }
            Err(error) => {
                debug!(topic = settings.topic, %error, "cannot ask for how long the topic keeps its records");
                UNANSWERED
            }
        };
        *next = Instant::now() + pause;
    }
}

/// Asks with a client of its own, which is gone afterwards: the question is rare.
fn ask(settings: &SourceSettings) -> Result<Option<u64>, String> {
    let config = options::client(&settings.brokers, settings.password.as_ref(), &settings.options);
    let admin = AdminClient::from_config_and_context(&config, Quiet).map_err(|error| refusal(&error))?;
    let runtime = Builder::new_current_thread().build().map_err(|error| error.to_string())?;
    let options = AdminOptions::new().request_timeout(Some(ANSWER));
    let topic = [ResourceSpecifier::Topic(&settings.topic)];
    let asked = admin.describe_configs(&topic, &options);
    let told = runtime.block_on(asked).map_err(|error| error.to_string())?.pop();
    let topic = match told.ok_or("the answer is empty")? {
        Ok(topic) => topic,
        Err(code) => {
            // To ask more often would change nothing.
            debug!(topic = settings.topic, %code, "the broker does not say how long the topic keeps its records");
            return Ok(None);
        }
    };
    let value = |name| topic.get(name).and_then(|entry| entry.value.as_deref());
    Ok(limit(value("cleanup.policy"), value("retention.ms")))
}

/// What the topic's settings say, in milliseconds. One that is only compacted forgets no key's last record, whatever its age.
fn limit(policy: Option<&str>, retention_ms: Option<&str>) -> Option<u64> {
    let deletes = policy?.split(',').any(|word| word.trim() == "delete");
    // -1 is no limit.
    let millis = retention_ms?.parse().ok()?;
    deletes.then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_deleted_by_its_age_has_a_limit() {
        let hour = Some(3_600_000);
        assert_eq!(limit(Some("delete"), Some("3600000")), hour);
        assert_eq!(limit(Some("compact, delete"), Some("3600000")), hour);
        assert_eq!(limit(Some("compact"), Some("3600000")), None);
        assert_eq!(limit(Some("delete"), Some("-1")), None);
        assert_eq!(limit(None, Some("3600000")), None);
        assert_eq!(limit(Some("delete"), None), None);
    }
}
